import { executionRoleName, partitionOf } from '../aws/arns.ts';
import { counted } from '../counted.ts';
import type { Issue } from '../errors.ts';
import { MAX_POLICY, MAX_TRUST } from '../policies/document.ts';
import { repositoriesOf } from '../policies/trust.ts';
import { pathText } from './issues.ts';
import { bucketName } from './names.ts';
import { inlineSize, placeForSize, roleDocuments, trustSize } from './role-documents.ts';
import { statementLists } from './role-statements.ts';
import { type ConfigParts, issue, type Rule } from './rule.ts';
import { functionRules } from './rules-functions.ts';
import { digestKeys, keysBelowPrefixes, stateKeys, workspaceKeys, workspacePrefixes } from './state-keys.ts';

/** Rules across parts of the config. Each passes if a part that it needs is missing. */
export const rules: readonly Rule[] = [
  accountRegionalBucket,
  keyRegion,
  bothGitHubIds,
  uniqueRepositories,
  uniquePolicies,
  uniqueRoles,
  ...functionRules,
  stateKeys,
  digestKeys,
  workspaceKeys,
  workspacePrefixes,
  keysBelowPrefixes,
  uniqueSids,
  partitions,
  policyAccounts,
  longTrust,
  longPolicies,
];

/**
 * Regions that do not support account regional namespaces:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 */
const WITHOUT_ACCOUNT_BUCKETS = ['me-south-1', 'me-central-1'];

/** The region of the bucket and its lock table; undefined if an invalid part hides it. */
function bucketRegion({ stateBucket, region }: ConfigParts): string | undefined {
  return stateBucket?.region ?? region;
}

function accountRegionalBucket(config: ConfigParts): readonly Issue[] {
  const { stateBucket, accountId } = config;
  const name = stateBucket?.name;
  const region = bucketRegion(config);
  if (name === undefined || region === undefined || !name.endsWith('-an')) return [];
  if (WITHOUT_ACCOUNT_BUCKETS.includes(region)) {
    return [
      issue(
        'stateBucket.name',
        `ends with "-an", which S3 reserves for names of one account and region, and ${region} has no such names; choose another ending`,
      ),
    ];
  }
  const account = accountId ?? '\\d{12}';
  if (new RegExp(`^[a-z0-9-]+-${account}-${region}-an$`).test(name)) return [];
  const start = name.replace(/(-\d{12})?(-[a-z]+-[a-z-]+-\d)?-an$/, '').replaceAll('.', '-');
  const right = `${start}-${accountId}-${region}-an`;
  const advice =
    accountId !== undefined && bucketName(right) === undefined
      ? `write "${right}", or choose another ending`
      : `let it end with "-${accountId ?? 'ACCOUNT'}-${region}-an", or choose another ending`;
  return [
    issue('stateBucket.name', `ends with "-an", which S3 reserves for names of one account and region; ${advice}`),
  ];
}

function keyRegion(config: ConfigParts): readonly Issue[] {
  const key = config.stateBucket?.encryption.keyArn?.split(':')[3];
  const region = bucketRegion(config);
  if (key === undefined || region === undefined || key === region) return [];
  return [
    issue(
      'stateBucket.encryption.keyArn',
      `is a key in ${key}, and S3 only takes a key in the region of the bucket; choose a key in ${region}`,
    ),
  ];
}

function bothGitHubIds({ roles }: ConfigParts): readonly Issue[] {
  return roles.flatMap(({ index, value }) =>
    repositoriesOf(value.trust).flatMap((trust, at) => {
      if ((trust.ownerId === undefined) === (trust.repositoryId === undefined)) return [];
      const missing = trust.ownerId === undefined ? 'ownerId' : 'repositoryId';
      return [
        issue(
          `roles[${index}].${Array.isArray(value.trust) ? `trust[${at}]` : 'trust'}.${missing}`,
          `is required beside the other id; \`gh api repos/${trust.repository} --jq '{ownerId: .owner.id, repositoryId: .id}'\` shows both`,
        ),
      ];
    }),
  );
}

/** Rejects two blocks for the same repository in a role: its subjects belong in one block. */
function uniqueRepositories({ roles }: ConfigParts): readonly Issue[] {
  return roles.flatMap(({ index, value }) => {
    const names = repositoriesOf(value.trust).map(({ repository }) => repository);
    return names.flatMap((name, at) =>
      names.indexOf(name) === at
        ? []
        : [
            issue(
              `roles[${index}].trust[${at}].repository`,
              `repeats "${name}"; write all of its subjects in one block`,
            ),
          ],
    );
  });
}

/** Names of inline policies must be unique within a role. */
function uniquePolicies({ roles }: ConfigParts): readonly Issue[] {
  return roles.flatMap(({ index, value: { policyName, inlinePolicies } }) =>
    Object.keys(inlinePolicies)
      .filter((name) => name === policyName)
      .map((name) =>
        issue(
          pathText(['roles', index, 'inlinePolicies', name]),
          'has the name in policyName; write its statements in "statements", or choose another name',
        ),
      ),
  );
}

/** Role names must be unique, ignoring case as IAM does. */
function uniqueRoles({ roles, functions }: ConfigParts): readonly Issue[] {
  const seen = new Map(
    functions
      .filter(({ value }) => value.role === undefined)
      .map(({ index, value }) => [executionRoleName(value.name).toLowerCase(), `functions[${index}]`]),
  );
  return roles.flatMap(({ index, value: { name } }) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), `roles[${index}]`);
    return other === undefined
      ? []
      : [issue(`roles[${index}].name`, `is also the name of the role of ${other}; choose another`)];
  });
}

/** The user's own statements. */
function ownStatements({ roles, functions }: Pick<ConfigParts, 'roles' | 'functions'>) {
  return [
    ...roles.flatMap(({ index, value }) =>
      statementLists(value).map(({ path, statements }) => ({ path: pathText(['roles', index, ...path]), statements })),
    ),
    ...functions.map(({ index, value }) => ({ path: `functions[${index}].statements`, statements: value.statements })),
  ];
}

function uniqueSids(parts: ConfigParts): readonly Issue[] {
  return ownStatements(parts).flatMap(({ path, statements }) => {
    const sids = statements.map(({ Sid }) => Sid);
    return sids.flatMap((sid, at) =>
      sid && sids.indexOf(sid) !== at
        ? [issue(`${path}[${at}].Sid`, `is "${sid}" twice, which IAM refuses; choose another`)]
        : [],
    );
  });
}

/** Rejects ARNs in a different partition (aws, aws-cn, aws-us-gov): IAM refuses them, or they refer to nothing. */
function partitions({ region, stateBucket, roles, functions }: ConfigParts): readonly Issue[] {
  if (region === undefined) return [];
  const right = partitionOf(region);
  const ofBucket = stateBucket?.region ?? region;
  if (partitionOf(ofBucket) !== right) {
    return [
      issue(
        'stateBucket.region',
        `is in the partition ${partitionOf(ofBucket)}, and ${region} is in ${right}; write a region of ${right}, where the account of the project is`,
      ),
    ];
  }
  const arns = [
    { path: 'stateBucket.encryption.keyArn', arn: stateBucket?.encryption.keyArn },
    ...policyArns({ roles, functions }),
    ...functions.map(({ index, value }) => ({ path: `functions[${index}].role`, arn: value.role })),
    ...statementArns({ roles, functions }),
  ];
  return arns.flatMap(({ path, arn }) => {
    const partition = /^arn:([\w-]+):/.exec(arn ?? '')?.[1];
    if (partition === undefined || partition === right) return [];
    const corrected = arn?.replace(/^arn:[^:]*/, `arn:${right}`);
    return [issue(path, `is in the partition ${partition}, and ${region} is in ${right}; write "${corrected}"`)];
  });
}

/** What the user's own statements are about. */
function statementArns(parts: Pick<ConfigParts, 'roles' | 'functions'>) {
  return ownStatements(parts).flatMap(({ path, statements }) =>
    statements.flatMap((statement, at) =>
      (['Resource', 'NotResource'] as const).flatMap((key) => {
        const value = statement[key];
        const place = `${path}[${at}].${key}`;
        return Array.isArray(value)
          ? value.map((arn, index) => ({ path: `${place}[${index}]`, arn }))
          : { path: place, arn: value };
      }),
    ),
  );
}

/** The managed policies that roles have, and their permissions boundaries. */
function policyArns({ roles, functions }: Pick<ConfigParts, 'roles' | 'functions'>) {
  return [
    ...roles.flatMap(({ index, value }) => [
      ...value.managedPolicyArns.map((arn, at) => ({ path: `roles[${index}].managedPolicyArns[${at}]`, arn })),
      { path: `roles[${index}].permissionsBoundary`, arn: value.permissionsBoundary },
    ]),
    ...functions.map(({ index, value }) => ({
      path: `functions[${index}].permissionsBoundary`,
      arn: value.permissionsBoundary,
    })),
  ];
}

/** IAM finds no policy of another account. */
function policyAccounts({ accountId, ...parts }: ConfigParts): readonly Issue[] {
  if (accountId === undefined) return [];
  return policyArns(parts).flatMap(({ path, arn }) => {
    const account = arn?.split(':')[4] ?? 'aws';
    if (account === 'aws' || account === accountId) return [];
    return [
      issue(
        path,
        `is in the account ${account}, but a role only has policies of its own account (${accountId}) and of AWS`,
      ),
    ];
  });
}

/** From the usual to the raised quota, it is a warning: see warnings.ts. */
function longTrust({ roles, oidcProvider, region, accountId }: ConfigParts): readonly Issue[] {
  if (oidcProvider === undefined || region === undefined) return [];
  return roles.flatMap(({ index, value }) => {
    const size = trustSize({ oidcProvider, region, accountId }, value);
    if (size <= MAX_TRUST.raised) return [];
    return [
      issue(
        `roles[${index}].trust.subjects`,
        `make a trust policy of ${size} characters, but IAM allows at most ${MAX_TRUST.raised}; use wildcards ("ref:refs/heads/*"), or a second role`,
      ),
    ];
  });
}

function longPolicies({
  roles,
  stateBucket,
  oidcProvider,
  region,
  accountId,
  lockTable,
}: ConfigParts): readonly Issue[] {
  if (stateBucket === undefined || oidcProvider === undefined || region === undefined) return [];
  const place = placeForSize({ region, accountId });
  const config = {
    stateBucket: { ...stateBucket, region: stateBucket.region ?? region },
    oidcProvider,
    lockTable,
  };
  return roles.flatMap(({ index, value }) => {
    const size = inlineSize(roleDocuments(config, value, place));
    if (size <= MAX_POLICY) return [];
    return [
      issue(
        `roles[${index}].statements`,
        `make, together with those for ${counted(value.state.length, 'state')}, inline policies of ${size} characters, but IAM allows ${MAX_POLICY}; move some to a managed policy (managedPolicyArns), or to a second role`,
      ),
    ];
  });
}
