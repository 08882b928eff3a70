import { shown } from './foreign.ts';
import { type LabelRow, rowsUpTo, rowTexts } from './label-rows.ts';
import type { ExplainedFinding } from './view.ts';

/** The parts of a project that an account already has, and what adoption would still change. */
export interface AccountView {
  readonly accountId: string;
  /** The region of the bucket and the lock table. */
  readonly region: string;
  /** The region of the functions, from the config. */
  readonly projectRegion: string;
  readonly bucket: {
    readonly name: string;
    readonly objectLock: false | { readonly mode: string; readonly days: number };
    readonly encryption: { readonly algorithm: string; readonly keyArn?: string | undefined };
  };
  readonly lockTable: { readonly name: string; readonly capacity: string | object } | undefined;
  /** URL of the identity provider. */
  readonly provider: string | undefined;
  readonly roles: readonly {
    readonly name: string;
    readonly path: string;
    readonly trust: readonly { readonly repository: string; readonly subjects: readonly string[] }[];
  }[];
  /** Roles that trust the repository in a way that the config cannot express. */
  readonly leftOut: readonly { readonly name: string }[];
  readonly functions: readonly { readonly name: string; readonly source: string }[];
  /** The findings of `crc bootstrap --adopt` with this config. */
  readonly findings: readonly Pick<ExplainedFinding, 'id' | 'status' | 'changes'>[];
}

/** One difference that adoption would change, except for the tags that mark what crc manages. */
export interface ChangeOnAdoption {
  readonly id: string;
  /** `policy.tlsOnly`; null for what will be created. */
  readonly path: string | null;
}

const capped = rowsUpTo(4);

/** What was found in the account, and what adoption changes. */
export function accountText(view: AccountView): string {
  const { accountId, ...content } = shown(view);
  const changes = changeRows(changesOnAdoption(content));
  const [inAccount = '', changed = ''] = rowTexts(foundRows(content), changes);
  const after =
    changes.length === 0
      ? 'With this config, `crc bootstrap --adopt` changes only tags.\n'
      : `With this config, \`crc bootstrap --adopt\` changes, besides tags:\n${changed}`;
  return `Found in account ${accountId}:\n${inAccount}${after}`;
}

function foundRows({
  region,
  projectRegion,
  bucket,
  lockTable,
  provider,
  roles,
  leftOut,
  functions,
}: Omit<AccountView, 'accountId'>): readonly LabelRow[] {
  const { objectLock, encryption } = bucket;
  const key = encryption.keyArn === undefined ? '' : ` (${encryption.keyArn})`;
  const lock = objectLock === false ? 'no retention' : `${objectLock.mode} retention of ${objectLock.days} days`;
  return [
    ['bucket', `${bucket.name}, ${region}, ${encryption.algorithm}${key}, ${lock}`],
    ...(lockTable === undefined ? [] : [['table', `${lockTable.name}, ${capacityText(lockTable.capacity)}`] as const]),
    ...(projectRegion === region ? [] : [['region', `${projectRegion} for functions and their tables`] as const]),
    ['provider', provider ?? 'none; it will be created'],
    ...capped(
      'role',
      roles.map(({ name, path, trust }) => `${path === '/' ? '' : path}${name}: ${trust.map(trustText).join('; ')}`),
    ),
    ...capped(
      'left out',
      leftOut.map(({ name }) => `${name}: the config cannot express what it trusts; see \`crc audit --role ${name}\``),
    ),
    ...capped(
      'function',
      functions.map(({ name, source }) => `${name}, from ${source}`),
    ),
  ];
}

function trustText({ repository, subjects }: AccountView['roles'][number]['trust'][number]): string {
  return `${repository} (${subjects.join(', ')})`;
}

function capacityText(capacity: string | object): string {
  return typeof capacity === 'string'
    ? capacity
    : Object.entries(capacity)
        .map(([what, units]) => `${units} ${what}`)
        .join(', ');
}

/** What a plan with --adopt would change, except for tags. */
export function changesOnAdoption({ findings }: Pick<AccountView, 'findings'>): readonly ChangeOnAdoption[] {
  return findings.flatMap(({ id, changes }) =>
    changes.flatMap((change): readonly ChangeOnAdoption[] => {
      if (change.kind === 'create') return [{ id, path: null }];
      return change.path.startsWith('tags.') ? [] : [{ id, path: change.path }];
    }),
  );
}

/** One row per resource. */
function changeRows(changes: readonly ChangeOnAdoption[]): readonly LabelRow[] {
  const ids = [...new Set(changes.map(({ id }) => id))];
  return ids.map((id) => {
    const paths = changes.filter((change) => change.id === id).map(({ path }) => path ?? 'will be created');
    return [id, inBrief(paths).join(', ')];
  });
}

/** Leaves of one fact under its name: `publicAccess` for all four of its leaves. */
function inBrief(paths: readonly string[]): readonly string[] {
  const head = (path: string) => path.split('.')[0] ?? path;
  const isAlone = (path: string) => paths.filter((other) => head(other) === head(path)).length === 1;
  return [...new Set(paths.map((path) => (isAlone(path) ? path : head(path))))];
}

/** The account in the document of `init`. */
export function accountDocument(view: AccountView): object {
  const { accountId, region, bucket, lockTable, provider, roles, leftOut, functions } = view;
  return {
    accountId,
    region,
    bucket: bucket.name,
    lockTable: lockTable?.name ?? null,
    oidcProvider: provider ?? null,
    roles: roles.map(({ name }) => name),
    leftOut: leftOut.map(({ name }) => name),
    functions: functions.map(({ name, source }) => ({ name, source })),
    changes: changesOnAdoption(view),
  };
}
