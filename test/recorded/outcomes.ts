import type { CallName } from './index.ts';

/** The commands, with flags that suppress prompts. */
export const COMMANDS = {
  bootstrap: ['bootstrap', '--yes'],
  verify: ['verify'],
  'deploy-function': ['deploy-function'],
  destroy: ['destroy', '--confirm', 'abcdef-terraform-state', '--delete-state'],
} as const;

export type Command = keyof typeof COMMANDS;

/** What was changed outside crc. */
export type Drift = 'function' | 'table' | 'bucket tags';

/** How a command reacts to an answer. */
export interface Outcome {
  readonly code: number;
  /** Findings that differ from those of a run without the answer, by id. */
  readonly statuses?: Readonly<Record<string, string>>;
  /** The message of one of the errors. */
  readonly message?: RegExp;
}

export interface Row {
  readonly call: CallName;
  readonly situation: string;
  /** The account before the run: with all resources of the config, or empty. */
  readonly account?: 'bootstrapped' | 'empty';
  /** What differs from the config before the run. */
  readonly drift?: Drift;
  /** How often the answer is given; default: always. */
  readonly times?: number;
  readonly outcomes: { readonly [C in Command]?: Outcome };
}

const FUNCTION = ['function', 'function-code'].map((kind) => `${kind}/IncrementVisits`);
const unread = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, 'unread']));

const ROLES = ['role/GitHubActionsTerraformRole', 'execution-role/IncrementVisits'];
const OK: Outcome = { code: 0 };

/** Answers that emulators do not give, and how each command reacts to them. */
export const ROWS: readonly Row[] = [
  {
    call: 'lambda:GetFunction',
    situation: 'denied',
    outcomes: {
      verify: {
        code: 1,
        statuses: unread(...FUNCTION),
        message: /^Access denied: lambda:GetFunction on arn:aws:lambda/,
      },
      bootstrap: { code: 1, statuses: unread(...FUNCTION) },
      'deploy-function': { code: 1, statuses: unread(...FUNCTION) },
      destroy: { code: 1 },
    },
  },
  {
    call: 'lambda:UpdateFunctionConfiguration',
    situation: 'busy',
    times: 2,
    drift: 'function',
    outcomes: { bootstrap: OK },
  },
  {
    call: 'lambda:UpdateFunctionConfiguration',
    situation: 'in-progress',
    times: 2,
    drift: 'function',
    outcomes: { 'deploy-function': OK },
  },
  { call: 'lambda:DeleteFunction', situation: 'busy', times: 2, outcomes: { destroy: OK } },
  { call: 'dynamodb:UpdateTable', situation: 'updating', times: 1, drift: 'table', outcomes: { bootstrap: OK } },
  {
    call: 'dynamodb:UpdateTable',
    situation: 'decreases-used-up',
    drift: 'table',
    outcomes: {
      bootstrap: { code: 1, message: /capacity cannot be reduced again yet: .*Next decrease can be made at/ },
    },
  },
  {
    call: 'dynamodb:UpdateTable',
    situation: 'too-many-changes',
    times: 2,
    drift: 'table',
    outcomes: { bootstrap: OK },
  },
  { call: 'dynamodb:CreateTable', situation: 'busy', times: 2, account: 'empty', outcomes: { bootstrap: OK } },
  {
    call: 'dynamodb:CreateTable',
    situation: 'account-maximum',
    account: 'empty',
    outcomes: { bootstrap: { code: 1, message: /a quota of this account is exhausted: .*for the account/ } },
  },
  { call: 'dynamodb:DeleteTable', situation: 'tags-being-updated', times: 2, outcomes: { destroy: OK } },
  {
    call: 's3:GetObjectLockConfiguration',
    situation: 'no-default-rule',
    outcomes: { verify: { code: 2, statuses: { 'state-bucket': 'drifted' } }, destroy: OK },
  },
  { call: 's3:GetObjectLockConfiguration', situation: 'no-default-rule', times: 1, outcomes: { bootstrap: OK } },
  {
    call: 's3:GetBucketLifecycleConfiguration',
    situation: 'rule-of-version-1',
    outcomes: { verify: OK, bootstrap: OK },
  },
  {
    call: 'iam:PutRolePolicy',
    situation: 'characters',
    account: 'empty',
    outcomes: { bootstrap: { code: 1, message: /ValidationError: .*printable ASCII/ } },
  },
  { call: 'iam:DeleteRole', situation: 'policies-remain', times: 2, outcomes: { destroy: OK } },
  {
    call: 'iam:CreateOpenIDConnectProvider',
    situation: 'issuer-unreachable',
    times: 2,
    account: 'empty',
    outcomes: { bootstrap: OK },
  },
  // Unreadable tags must not be treated as missing tags.
  ...(
    [
      ['s3:GetBucketTagging', ['state-bucket']],
      ['dynamodb:ListTagsOfResource', ['lock-table', 'table/IncrementVisits']],
      ['logs:ListTagsForResource', ['log-group/IncrementVisits']],
    ] as const
  ).map(
    ([call, ids]): Row => ({
      call,
      situation: 'denied',
      outcomes: {
        verify: { code: 1, statuses: unread(...ids) },
        bootstrap: { code: 1, statuses: unread(...ids) },
        destroy: { code: 1 },
      },
    }),
  ),
  ...(
    [
      ['too-many-tables', /maximum number of tables/],
      ['table-maximum', /above the per table maximum/],
    ] as const
  ).map(
    ([situation, message]): Row => ({
      call: 'dynamodb:CreateTable',
      situation,
      account: 'empty',
      outcomes: { bootstrap: { code: 1, message } },
    }),
  ),
  {
    call: 'sts:GetCallerIdentity',
    situation: 'unknown-token',
    outcomes: Object.fromEntries(
      (['bootstrap', 'verify', 'deploy-function', 'destroy'] as const).map((command) => [
        command,
        { code: 1, message: /^AWS does not accept the credentials \(InvalidClientTokenId\)\.$/ },
      ]),
    ),
  },
  {
    call: 'sts:GetCallerIdentity',
    situation: 'clock-behind',
    outcomes: Object.fromEntries(
      (['bootstrap', 'verify', 'deploy-function', 'destroy'] as const).map((command) => [
        command,
        { code: 1, message: /this machine's clock is 60 minutes behind AWS time\.$/ },
      ]),
    ),
  },
  {
    call: 'iam:CreateRole',
    situation: 'duplicate-tag-keys',
    account: 'empty',
    outcomes: { bootstrap: { code: 1, message: /Duplicate tag keys found/ } },
  },
  {
    call: 's3:PutBucketTagging',
    situation: 'attribute-based-access-control',
    drift: 'bucket tags',
    outcomes: { bootstrap: { code: 1, message: /PutBucketTagging/ } },
  },
  {
    call: 'logs:DeleteLogGroup',
    situation: 'protected',
    outcomes: { destroy: { code: 1, message: /deletion protection/ } },
  },
  {
    call: 'iam:GetRole',
    situation: 'throttled',
    outcomes: {
      verify: { code: 1, statuses: unread(...ROLES), message: /throttling this account's requests \(10 attempts\)/ },
    },
  },
  // A list that cannot be read must not be treated as empty.
  {
    call: 'iam:ListRoles',
    situation: 'denied',
    outcomes: {
      verify: {
        code: 1,
        statuses: unread('role/*'),
        message: /^Access denied: iam:ListRoles on arn:aws:iam::123456789012:role\//,
      },
    },
  },
  {
    call: 'iam:ListRoles',
    situation: 'throttled',
    times: 2,
    outcomes: { verify: OK },
  },
  {
    call: 'tag:GetResources',
    situation: 'denied',
    outcomes: {
      verify: { code: 1, statuses: unread('function/*'), message: /^Access denied: tag:GetResources on / },
    },
  },
  {
    call: 'tag:GetResources',
    situation: 'throttled',
    outcomes: {
      verify: {
        code: 1,
        statuses: unread('function/*'),
        message: /throttling this account's requests \(10 attempts\)/,
      },
    },
  },
  {
    call: 's3:HeadBucket',
    situation: 'in-another-region',
    outcomes: {
      verify: { code: 1, statuses: unread('state-bucket'), message: /is in us-west-1, not in eu-west-2/ },
      bootstrap: { code: 1, message: /is in us-west-1, not in eu-west-2/ },
      destroy: { code: 1, message: /is in us-west-1, not in eu-west-2/ },
    },
  },
  {
    call: 'lambda:GetFunction',
    situation: 'tags-hidden',
    outcomes: {
      verify: {
        code: 1,
        statuses: unread(...FUNCTION),
        message: /^Access denied: lambda:ListTags on arn:aws:lambda:eu-west-2:123456789012:function:IncrementVisits\.$/,
      },
      bootstrap: { code: 1, statuses: unread(...FUNCTION) },
      'deploy-function': { code: 1, statuses: unread(...FUNCTION) },
      // The function is not deleted, so what it needs is kept too.
      destroy: {
        code: 1,
        statuses: {
          ...unread(...FUNCTION),
          'execution-role/IncrementVisits': 'held',
          'log-group/IncrementVisits': 'held',
          'table/IncrementVisits': 'held',
        },
      },
    },
  },
  {
    call: 'lambda:GetFunction',
    situation: 'tags-throttled',
    times: 1,
    outcomes: { verify: { code: 0 }, bootstrap: { code: 0 }, 'deploy-function': { code: 0 } },
  },
  ...(['CreateFunction', 'PublishVersion', 'CreateAlias'] as const).flatMap((operation) =>
    (['busy', 'in-progress'] as const).map(
      (situation): Row => ({
        call: `lambda:${operation}`,
        situation,
        account: 'empty',
        times: 2,
        outcomes: { bootstrap: { code: 0 }, 'deploy-function': { code: 0 } },
      }),
    ),
  ),
  {
    call: 'lambda:Invoke',
    situation: 'policy-not-spread',
    account: 'empty',
    times: 1,
    outcomes: { 'deploy-function': { code: 0 } },
  },
];
