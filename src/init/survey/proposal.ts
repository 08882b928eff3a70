import { uniqueBy } from '../../group-by.ts';
import type { SourceBackend, TerraformFolder } from '../../terraform/source/folders.ts';
import { COUNTER, type FoundLockTable } from '../config.ts';
import type { Survey } from './survey.ts';

/** Suggested answers from the repository itself. */
export interface Suggestions {
  /** From the provider `aws`. */
  readonly region: string | undefined;
  /** An existing bucket, for crc to adopt. */
  readonly bucket: string | undefined;
  /** The region of the bucket and its lock table. */
  readonly bucketRegion: string | undefined;
  readonly lockTable: FoundLockTable | undefined;
  /** The KMS key for encrypting the states. */
  readonly keyArn: string | undefined;
  /** From the roles that workflows name. */
  readonly accountId: string | undefined;
  /** Whether the repository has its own function, or a framework that deploys some. */
  readonly hasFunctions: boolean;
}

/** Validates a name; the returned text is the problem. */
type Check = (name: string) => string | undefined;

export interface Checks {
  readonly bucket: Check;
  readonly region: Check;
  readonly table: Check;
  readonly key: Check;
  readonly keyArn: Check;
}

/** A state, and the folder of its Terraform code. */
export interface PlacedState {
  readonly key: string;
  /** Relative to the project, with slashes. */
  readonly directory: string;
  /** The block that already configures it; undefined if there is none yet. */
  readonly backend: SourceBackend | undefined;
  /** The block in crc's own file that the new one replaces. */
  readonly replaced?: SourceBackend;
}

/** The file with the backend block that crc writes to a folder. */
export function backendFile(directory: string): string {
  return directory === '.' ? 'backend.tf' : `${directory}/backend.tf`;
}

/** Suggestions from the repository; names that the config would reject are left out. */
export function suggestionsOf(survey: Survey, checks: Checks): Suggestions {
  const backends = survey.terraform.flatMap((folder) => folder.backends).filter(({ type }) => type === 's3');
  const bucket = mostFrequent(backends.flatMap((backend) => valid(backend, 'bucket', checks.bucket)));
  const inBucket = backends.filter((backend) => backend.arguments.bucket === bucket);
  const regions = survey.terraform.flatMap(({ providers }) =>
    // Resources use the provider without an alias by default.
    providers.flatMap(({ name, alias, region }) =>
      name === 'aws' && alias === undefined && region !== undefined && checks.region(region) === undefined
        ? [region]
        : [],
    ),
  );
  const [bucketRegion] =
    bucket === undefined ? [] : inBucket.flatMap((backend) => valid(backend, 'region', checks.region));
  const [table] =
    bucket === undefined ? [] : inBucket.flatMap((backend) => valid(backend, 'dynamodb_table', checks.table));
  const [keyArn] =
    bucket === undefined ? [] : inBucket.flatMap((backend) => valid(backend, 'kms_key_id', checks.keyArn));
  return {
    region: mostFrequent(regions),
    bucket,
    bucketRegion,
    lockTable:
      table === undefined
        ? undefined
        : { name: table, lockFile: inBucket.some((backend) => backend.arguments.use_lockfile === true) },
    keyArn,
    accountId: accountOf(survey),
    hasFunctions: survey.frameworks.length > 0 || survey.functions.some(({ directory }) => !isCounter(directory)),
  };
}

/** A block that has no bucket and no key yet, or gets both at `terraform init`. */
export function isOpen({ type, arguments: given, unknown }: SourceBackend): boolean {
  return type === 's3' && ['bucket', 'key'].every((name) => given[name] === undefined && !unknown.includes(name));
}

/** The folder of crc's own visit counter. */
function isCounter(directory: string): boolean {
  return directory === COUNTER || directory.startsWith(`${COUNTER}/`);
}

function valid({ arguments: given }: SourceBackend, name: string, check: Check): readonly string[] {
  const value = given[name];
  return typeof value === 'string' && check(value) === undefined ? [value] : [];
}

/** The most frequent value; the first of several. */
function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** The only account among literal roles in workflows. */
function accountOf({ workflows }: Survey): string | undefined {
  const accounts = workflows.flatMap(({ logins }) =>
    logins.flatMap(({ role = '' }) => /^arn:aws[\w-]*:iam::(\d{12}):role\//.exec(role)?.[1] ?? []),
  );
  const [only, another] = [...new Set(accounts)];
  return another === undefined ? only : undefined;
}

export interface StatesInput {
  readonly bucket: string;
  readonly project: string;
  readonly check: Check;
  /** States in other buckets move to this one if their block is in a file that crc writes. */
  readonly moves?: boolean;
}

/**
 * The states of a new project: those already in the bucket, with their keys, and one for each Terraform folder whose
 * backend block is missing or has neither a bucket nor a key. A state in another place stays there, unless `moves` is
 * set and crc wrote its block. Empty without Terraform code.
 */
export function statesOf(
  { terraform }: Pick<Survey, 'terraform'>,
  { bucket, project, check, moves = false }: StatesInput,
): readonly PlacedState[] {
  const states = terraform.flatMap(({ directory, backends, unread }): readonly PlacedState[] => {
    // The block may be in a file that could not be parsed.
    if (backends.length === 0 && unread.length > 0) return [];
    const within = terraform.length === 1 || directory === '.' ? '' : `${directory}/`;
    const ownKey = `${project}/${within}terraform.tfstate`;
    const inBucket = backends.filter(({ type, arguments: given }) => type === 's3' && given.bucket === bucket);
    const [only, another] = backends;
    if (only !== undefined && another === undefined && isOpen(only)) {
      return check(ownKey) === undefined ? [{ key: ownKey, directory, backend: only }] : [];
    }
    const isOwn = only?.type === 's3' && only.file === backendFile(directory) && another === undefined;
    const replaced = moves && inBucket.length === 0 && isOwn ? only : undefined;
    if (only === undefined || replaced !== undefined) {
      const [key = ownKey] = replaced === undefined ? [] : valid(replaced, 'key', check);
      return check(key) === undefined ? [{ key, directory, backend: undefined, replaced }] : [];
    }
    return inBucket.flatMap((backend) => valid(backend, 'key', check).map((key) => ({ key, directory, backend })));
  });
  // Two folders with the same key share one state in the config; `crc backend --check` reports them.
  return uniqueBy(states, ({ key }) => key);
}

/**
 * The folders of the states in an existing config, according to the backend blocks. If exactly one state and one folder
 * without a complete block are left, they belong together.
 */
export function statesInConfig(
  { terraform }: Pick<Survey, 'terraform'>,
  { bucket, keys }: { readonly bucket: string; readonly keys: readonly string[] },
): readonly PlacedState[] {
  const placed = statesOf(
    { terraform: terraform.filter(({ backends }) => !backends.every(isOpen)) },
    {
      ...{ bucket, project: '' },
      check: (key) => (keys.includes(key) ? undefined : 'is not in the config'),
    },
  );
  const [open, anotherKey] = keys.filter((key) => !placed.some((state) => state.key === key));
  const [bare, another] = terraform.filter(({ backends, unread }) => backends.every(isOpen) && unread.length === 0);
  if (open === undefined || anotherKey !== undefined || bare === undefined || another !== undefined) return placed;
  return [...placed, { key: open, directory: bare.directory, backend: bare.backends[0] }];
}

/** The commands with which Terraform moves or creates the states for which a backend block is written now. */
export function terraformLines(
  states: readonly PlacedState[],
  { terraform }: Pick<Survey, 'terraform'>,
  quoted: (text: string) => string,
): readonly string[] {
  return states
    .filter(({ backend }) => backend === undefined)
    .flatMap(({ directory, replaced }) => {
      const folder = terraform.find((candidate) => candidate.directory === directory);
      if (folder === undefined) return [];
      return [initLine(folder, quoted, replaced !== undefined || hasLocalState(folder))];
    });
}

/** The command that makes Terraform use a new backend, and migrate a state kept elsewhere. */
export function initLine(
  { directory, localStates }: Pick<TerraformFolder, 'directory' | 'localStates'>,
  quoted: (text: string) => string,
  moves = hasLocalState({ localStates }),
): string {
  const where = directory === '.' ? '' : ` -chdir=${quoted(directory)}`;
  return `terraform${where} init${moves ? ' -migrate-state' : ''}`;
}

function hasLocalState({ localStates }: Pick<TerraformFolder, 'localStates'>): boolean {
  return localStates.some((name) => name.endsWith('.tfstate'));
}

/** Folders whose state stays elsewhere, in a place that crc does not manage. */
export function statesElsewhere({ terraform }: Pick<Survey, 'terraform'>, states: readonly PlacedState[]) {
  return terraform.flatMap(({ directory, backends }) =>
    backends
      .filter((backend) => !states.some((state) => isOf(state, backend)))
      .map((backend) => ({ directory, backend })),
  );
}

/** Two folders may share a state. */
function isOf({ backend, replaced, key }: PlacedState, candidate: SourceBackend): boolean {
  const { arguments: given } = candidate;
  const isShared = backend !== undefined && backend.arguments.bucket === given.bucket && key === given.key;
  return replaced === candidate || isShared;
}
