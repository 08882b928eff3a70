import { type Place, partitionOf } from '../aws/names.ts';
import type { Issue } from '../errors.ts';
import { MOST_POLICY, minified } from '../policies/document.ts';
import { roleDocuments } from './role-documents.ts';
import type { Config, FunctionConfig, RoleConfig } from './schema.ts';

/** The parts of a config that are right by themselves; those that are not are left out, with their places kept. */
export interface ConfigParts extends Partial<Omit<Config, 'roles' | 'functions'>> {
  readonly roles: readonly Placed<RoleConfig>[];
  readonly functions: readonly Placed<FunctionConfig>[];
}

export interface Placed<T> {
  readonly index: number;
  readonly value: T;
}

type Rule = (parts: ConfigParts) => readonly Issue[];

/** Rules across the config: each looks at the parts that it needs, and passes when one of them is missing. */
export const rules: readonly Rule[] = [
  accountRegionalBucket,
  keyRegion,
  bothGitHubIds,
  uniqueRoles,
  uniqueFunctions,
  tables,
  stateKeys,
  digestKeys,
  workspaceKeys,
  uniqueSids,
  partitions,
  trustSize,
  policySize,
  credentialsWithAnyOrigin,
];

const issue = (path: string, message: string): Issue => ({ path, message });

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html */
function accountRegionalBucket({ stateBucket, region, accountId }: ConfigParts): readonly Issue[] {
  const name = stateBucket?.name;
  if (name === undefined || region === undefined || !name.endsWith('-an')) return [];
  const account = accountId ?? '\\d{12}';
  if (new RegExp(`^[a-z0-9-]+-${account}-${region}-an$`).test(name)) return [];
  const right = `PREFIX-${accountId ?? 'ACCOUNT'}-${region}-an`;
  return [
    issue(
      'stateBucket.name',
      `ends with "-an", as names of one account and region do; write "${right}" or another end`,
    ),
  ];
}

function keyRegion({ stateBucket, region }: ConfigParts): readonly Issue[] {
  const key = stateBucket?.encryption.keyArn?.split(':')[3];
  if (key === undefined || region === undefined || key === region) return [];
  return [
    issue(
      'stateBucket.encryption.keyArn',
      `is a key in ${key}, and S3 takes one in the bucket's region only; write a key in ${region}`,
    ),
  ];
}

function bothGitHubIds({ roles }: ConfigParts): readonly Issue[] {
  return roles.flatMap(({ index, value: { trust } }) => {
    if ((trust.ownerId === undefined) === (trust.repositoryId === undefined)) return [];
    const missing = trust.ownerId === undefined ? 'ownerId' : 'repositoryId';
    return [
      issue(
        `roles[${index}].trust.${missing}`,
        `is missing: both ids or none; \`gh api repos/${trust.repository} --jq '{ownerId: .owner.id, repositoryId: .id}'\` shows them`,
      ),
    ];
  });
}

/** IAM compares names of roles without regard to capital letters. */
function uniqueRoles({ roles, functions }: ConfigParts): readonly Issue[] {
  const seen = new Map(
    functions.map(({ index, value }) => [`${value.name}-execution`.toLowerCase(), `functions[${index}]`]),
  );
  return roles.flatMap(({ index, value: { name } }) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), `roles[${index}]`);
    return other === undefined
      ? []
      : [issue(`roles[${index}].name`, `is the name of the role of ${other} too; choose another`)];
  });
}

function uniqueFunctions({ functions }: ConfigParts): readonly Issue[] {
  const seen = new Map<string, number>();
  return functions.flatMap(({ index, value: { name } }) => {
    const other = seen.get(name);
    seen.set(name, index);
    return other === undefined
      ? []
      : [issue(`functions[${index}].name`, `is the name of functions[${other}] too; choose another`)];
  });
}

function tables({ lockTable, functions }: ConfigParts): readonly Issue[] {
  const keys = new Map<string, { index: number; hashKey: string }>();
  return functions.flatMap(({ index, value: { table } }) => {
    if (table === undefined) return [];
    if (table.name === lockTable?.name) {
      return [
        issue(`functions[${index}].table.name`, 'is the lock table, which only Terraform may use; choose another'),
      ];
    }
    const first = keys.get(table.name);
    if (first === undefined) keys.set(table.name, { index, hashKey: table.hashKey });
    if (first === undefined || first.hashKey === table.hashKey) return [];
    return [
      issue(
        `functions[${index}].table.hashKey`,
        `differs from that of functions[${first.index}], which uses the same table; write "${first.hashKey}"`,
      ),
    ];
  });
}

interface StateEntry {
  readonly path: string;
  readonly role: string;
  readonly key: string;
  readonly access: 'read' | 'write';
}

function stateEntries({ roles }: ConfigParts): readonly StateEntry[] {
  return roles.flatMap(({ index, value }) =>
    value.state.map(({ key, access }, at) => ({
      path: `roles[${index}].state[${at}].key`,
      role: value.name,
      key,
      access,
    })),
  );
}

/** Two projects that write one key overwrite each other's state. */
function stateKeys(parts: ConfigParts): readonly Issue[] {
  const writers = new Map<string, StateEntry>();
  const seen = new Set<string>();
  return stateEntries(parts).flatMap((entry) => {
    const inRole = `${entry.role} ${entry.key}`;
    if (seen.has(inRole)) return [issue(entry.path, `"${entry.key}" stands in this role twice; leave one out`)];
    seen.add(inRole);
    if (entry.access === 'read') return [];
    const writer = writers.get(entry.key);
    if (writer !== undefined) {
      return [
        issue(
          entry.path,
          `"${entry.key}" is written by ${writer.role} too (${writer.path}), and each would overwrite the other's state; choose another key, or "read"`,
        ),
      ];
    }
    writers.set(entry.key, entry);
    return [];
  });
}

/** Terraform keeps the digest of the state `key` in the lock table's item `key-md5`. */
function digestKeys(parts: ConfigParts): readonly Issue[] {
  const entries = stateEntries(parts);
  return entries.flatMap(({ path, key }) =>
    entries.some((other) => key === `${other.key}-md5`)
      ? [
          issue(
            path,
            `"${key}" is where Terraform keeps the digest of "${key.slice(0, -'-md5'.length)}"; choose another key`,
          ),
        ]
      : [],
  );
}

/** A wildcard in an ARN spans slashes, so the workspaces of `a/b` (`env:/` + any + `/a/b`) take in those of `x/a/b`. */
function workspaceKeys(parts: ConfigParts): readonly Issue[] {
  const entries = stateEntries(parts);
  return entries.flatMap(({ path, role, key }) => {
    const inner = entries.find((other) => other.role !== role && key.endsWith(`/${other.key}`));
    if (inner === undefined) return [];
    return [
      issue(
        path,
        `"${key}" ends with "${inner.key}", so that ${inner.role} could use the workspaces of this state; start both keys with names of their own, like "${role}/…" and "${inner.role}/…"`,
      ),
    ];
  });
}

function uniqueSids({ roles }: ConfigParts): readonly Issue[] {
  return roles.flatMap(({ index, value: { statements } }) => {
    const sids = statements.map(({ Sid }) => Sid);
    return sids.flatMap((sid, at) =>
      sid && sids.indexOf(sid) !== at
        ? [issue(`roles[${index}].statements[${at}].Sid`, `"${sid}" stands twice, which IAM refuses; choose another`)]
        : [],
    );
  });
}

/** ARNs of another partition (aws, aws-cn, aws-us-gov) are valid and name nothing. */
function partitions({ region, stateBucket, roles }: ConfigParts): readonly Issue[] {
  if (region === undefined) return [];
  const right = partitionOf(region);
  const arns = [
    { path: 'stateBucket.encryption.keyArn', arn: stateBucket?.encryption.keyArn },
    ...roles.flatMap(({ index, value }) => [
      ...value.managedPolicyArns.map((arn, at) => ({ path: `roles[${index}].managedPolicyArns[${at}]`, arn })),
      { path: `roles[${index}].permissionsBoundary`, arn: value.permissionsBoundary },
    ]),
  ];
  return arns.flatMap(({ path, arn }) => {
    const partition = arn?.split(':')[1];
    if (partition === undefined || partition === right) return [];
    return [issue(path, `is in the partition ${partition}, and ${region} is in ${right}; write "arn:${right}:…"`)];
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters without white space. */
const MOST_TRUST = 2_048;

function trustSize(parts: ConfigParts): readonly Issue[] {
  return documentsOf(parts).flatMap(({ index, trust }) => {
    const size = minified(trust).length;
    if (size <= MOST_TRUST) return [];
    return [
      issue(
        `roles[${index}].trust.subjects`,
        `make a trust policy of ${size} characters, and IAM takes ${MOST_TRUST}; use wildcards ("ref:refs/heads/*"), or a second role`,
      ),
    ];
  });
}

function policySize(parts: ConfigParts): readonly Issue[] {
  return documentsOf(parts).flatMap(({ index, policy }) => {
    const size = policy === undefined ? 0 : minified(policy).length;
    if (size <= MOST_POLICY) return [];
    return [
      issue(
        `roles[${index}].statements`,
        `make, with those for ${parts.roles.find((one) => one.index === index)?.value.state.length} states, an inline policy of ${size} characters, and IAM takes ${MOST_POLICY}; move some to a managed policy (managedPolicyArns), or to a second role`,
      ),
    ];
  });
}

function documentsOf({ roles, stateBucket, oidcProvider, region, accountId, ...rest }: ConfigParts) {
  if (stateBucket === undefined || oidcProvider === undefined || region === undefined) return [];
  // Every account id is as long as any other.
  const place: Place = { accountId: accountId ?? '000000000000', region };
  const config = { stateBucket, oidcProvider, lockTable: rest.lockTable };
  return roles.map(({ index, value }) => ({ index, ...roleDocuments(config, value, place) }));
}

function credentialsWithAnyOrigin({ functions }: ConfigParts): readonly Issue[] {
  return functions.flatMap(({ index, value: { url } }) => {
    const { allowCredentials, allowOrigins } = url?.cors ?? {};
    if (!allowCredentials || !allowOrigins?.includes('*')) return [];
    return [
      issue(
        `functions[${index}].url.cors.allowOrigins`,
        'must not be "*" together with allowCredentials, which browsers refuse; name the origins',
      ),
    ];
  });
}
