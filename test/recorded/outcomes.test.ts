import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { type FakeDynamoDb, fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { type FakeLambda, fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { type FakeS3, fakeS3 } from '../helpers/fake-s3.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';
import type { CallName } from './index.ts';

const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

const COMMANDS = {
  bootstrap: ['bootstrap', '--yes'],
  verify: ['verify'],
  'deploy-function': ['deploy-function'],
  destroy: ['destroy', '--confirm', 'abcdef-terraform-state', '--delete-state'],
} as const;

type Command = keyof typeof COMMANDS;

/** What a command makes of an answer. */
interface Outcome {
  readonly code: number;
  /** The findings that are not what a run without the answer has, by id. */
  readonly statuses?: Readonly<Record<string, string>>;
  /** Of one of the errors. */
  readonly message?: RegExp;
}

interface Row {
  readonly call: CallName;
  readonly situation: string;
  /** The account before: with all that the config asks for, or empty. */
  readonly account?: 'bootstrapped' | 'empty';
  /** What differs from the config before the command runs. */
  readonly drift?: keyof typeof DRIFTS;
  /** How often the answer is given; always, unless told. */
  readonly times?: number;
  readonly outcomes: { readonly [C in Command]?: Outcome };
}

const FUNCTION = ['function', 'function-code'].map((kind) => `${kind}/IncrementVisits`);
const unread = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, 'unread']));

const ROLES = ['role/GitHubActionsTerraformRole', 'execution-role/IncrementVisits'];
const OK: Outcome = { code: 0 };

/** The answers that emulators do not give, and what each command makes of them. */
const ROWS: readonly Row[] = [
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
    call: 'lambda:GetFunction',
    situation: 'tags-hidden',
    outcomes: {
      verify: { code: 1, statuses: unread(...FUNCTION), message: /lambda:ListTags/ },
      bootstrap: { code: 1, statuses: unread(...FUNCTION), message: /lambda:ListTags/ },
      'deploy-function': { code: 1, statuses: unread(...FUNCTION), message: /lambda:ListTags/ },
      destroy: { code: 1, message: /lambda:ListTags/ },
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
  { call: 'lambda:CreateAlias', situation: 'busy', times: 2, account: 'empty', outcomes: { bootstrap: OK } },
  { call: 'lambda:PublishVersion', situation: 'busy', times: 2, account: 'empty', outcomes: { bootstrap: OK } },
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
    outcomes: { bootstrap: { code: 1, message: /a quota of the account is used up: .*for the account/ } },
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
    call: 'lambda:Invoke',
    situation: 'policy-not-spread',
    times: 1,
    account: 'empty',
    outcomes: { 'deploy-function': OK },
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
        { code: 1, message: /the clock of this machine is 60 minutes behind AWS's\.$/ },
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
      verify: { code: 1, statuses: unread(...ROLES), message: /throttling requests of this account \(10 attempts\)/ },
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
      // What the function needs stays with it.
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

let aws: FakeAws;
let s3: FakeS3;
let dynamodb: FakeDynamoDb;
let lambda: FakeLambda;
let cwd: string;

/** What somebody changed outside crc. */
const DRIFTS = {
  function: () => {
    for (const { latest } of lambda.functions.values()) latest.MemorySize = 256;
  },
  table: () => {
    for (const table of dynamodb.tables.values()) table.throughput = { ReadCapacityUnits: 9, WriteCapacityUnits: 9 };
  },
  'bucket tags': () => {
    for (const bucket of s3.buckets.values()) bucket.tags = bucket.tags?.filter(({ Key }) => Key !== 'Project');
  },
} as const;

beforeEach(() => {
  // No waiting between attempts: pauses are drawn at random from 0 to a limit.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  lambda = fakeLambda({ busy: 0 });
  s3 = fakeS3(ACCOUNT, REGION);
  dynamodb = fakeDynamoDb({ busy: 0 });
  lambda.invoke = () => ({ payload: '{"statusCode":200,"body":"{\\"VisitTotal\\":7}"}' });
  aws = fakeAws({
    s3: s3.handlers,
    dynamodb: dynamodb.handlers,
    iam: { ...fakeIam(ACCOUNT).handlers, ListRoles: () => ({ Roles: [], IsTruncated: false }) },
    sts: { GetCallerIdentity: () => ({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/me` }) },
    lambda: lambda.handlers,
    logs: fakeLogs().handlers,
  });
  current.clients = aws.clients;
  const config = exampleConfig();
  config.functions[0].source = 'fn';
  // Nothing is called over the network.
  delete config.functions[0].url;
  const handler = 'export async function handler() { return { statusCode: 200, body: "1" }; }\n';
  cwd = folderWith({ 'crc.config.json': JSON.stringify(config), 'fn/index.ts': handler });
  return () => random.mockRestore();
});

async function crc(command: Command) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, env: { PATH: process.env.PATH } });
  const code = await run(['node', 'crc', ...COMMANDS[command], '--json'], io);
  return { code, document: JSON.parse(out()), err: err(), writes: aws.calls.filter(isWrite) };
}

interface Found {
  readonly id: string;
  readonly status: string;
  readonly error?: { readonly message: string };
}

const cases = ROWS.flatMap((row) =>
  Object.entries(row.outcomes).map(
    ([command, outcome]) => [row.call, row.situation, command as Command, outcome, row] as const,
  ),
);

describe('an answer of AWS', () => {
  it.each(cases)(
    '%s, %s: %s',
    async (call, situation, command, outcome, { account = 'bootstrapped', drift, times }) => {
      if (account === 'bootstrapped') expect((await crc('bootstrap')).code).toBe(0);
      if (drift !== undefined) DRIFTS[drift]();
      aws.answer(call, situation, times);
      const { code, document } = await crc(command);
      expect(aws.calls.map(({ service, operation }) => `${service}:${operation}`)).toContain(call);
      const findings: readonly Found[] = document.findings ?? [];
      expect(code, JSON.stringify(document)).toBe(outcome.code);
      const usual = command === 'destroy' ? 'goes' : account === 'empty' ? 'absent' : 'in-sync';
      const odd = findings.filter(({ status }) => status !== usual).map(({ id, status }) => [id, status]);
      if (outcome.statuses !== undefined) expect(Object.fromEntries(odd)).toEqual(outcome.statuses);
      const messages = [document, ...findings].flatMap(({ error }) => error?.message ?? []);
      if (outcome.message !== undefined) expect(messages).toContainEqual(expect.stringMatching(outcome.message));
    },
  );
});
