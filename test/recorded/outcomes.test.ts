import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
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
  /** Of the first error. */
  readonly message?: RegExp;
}

interface Row {
  readonly call: CallName;
  readonly situation: string;
  /** The account before: with all that the config asks for, or empty. */
  readonly account?: 'bootstrapped' | 'empty';
  /** How often the answer is given; always, unless told. */
  readonly times?: number;
  readonly outcomes: { readonly [C in Command]?: Outcome };
}

const FUNCTION = ['function', 'function-code'].map((kind) => `${kind}/IncrementVisits`);
const unread = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, 'unread']));

/** One row for each answer that emulators do not give. */
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
let cwd: string;

beforeEach(() => {
  // No waiting between attempts: pauses are drawn at random from 0 to a limit.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  const lambda = fakeLambda({ busy: 0 });
  lambda.invoke = () => ({ payload: '{"statusCode":200,"body":"{\\"VisitTotal\\":7}"}' });
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
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
  it.each(cases)('%s, %s: %s', async (call, situation, command, outcome, { account = 'bootstrapped', times }) => {
    if (account === 'bootstrapped') expect((await crc('bootstrap')).code).toBe(0);
    aws.answer(call, situation, times);
    const { code, document } = await crc(command);
    const findings: readonly Found[] = document.findings ?? [];
    expect(code, JSON.stringify(document)).toBe(outcome.code);
    const usual = command === 'destroy' ? 'goes' : account === 'empty' ? 'absent' : 'in-sync';
    const odd = findings.filter(({ status }) => status !== usual).map(({ id, status }) => [id, status]);
    if (outcome.statuses !== undefined) expect(Object.fromEntries(odd)).toEqual(outcome.statuses);
    const message = findings.find(({ error }) => error !== undefined)?.error?.message ?? document.error?.message;
    if (outcome.message !== undefined) expect(message).toMatch(outcome.message);
  });
});
