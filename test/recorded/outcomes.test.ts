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
import { fakeSts } from '../helpers/fake-sts.ts';
import { EMPTY_TAG_INDEX } from '../helpers/fake-tag.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';
import { oldWords } from '../helpers/language.ts';
import { COMMANDS, type Command, type Drift, ROWS } from './outcomes.ts';

const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

let aws: FakeAws;
let s3: FakeS3;
let dynamodb: FakeDynamoDb;
let lambda: FakeLambda;
let cwd: string;

const DRIFTS: Readonly<Record<Drift, () => void>> = {
  function: () => {
    for (const { latest } of lambda.functions.values()) latest.MemorySize = 256;
  },
  table: () => {
    for (const table of dynamodb.tables.values()) table.throughput = { ReadCapacityUnits: 9, WriteCapacityUnits: 9 };
  },
  'bucket tags': () => {
    for (const bucket of s3.buckets.values()) bucket.tags = bucket.tags?.filter(({ Key }) => Key !== 'Project');
  },
};

beforeEach(() => {
  // Avoids waits between attempts: the SDK chooses random pauses between 0 and a maximum.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  lambda = fakeLambda({ busy: 0 });
  s3 = fakeS3(ACCOUNT, REGION);
  dynamodb = fakeDynamoDb({ busy: 0 });
  lambda.invoke = () => ({ payload: '{"statusCode":200,"body":"{\\"VisitTotal\\":7}"}' });
  aws = fakeAws({
    s3: s3.handlers,
    dynamodb: dynamodb.handlers,
    iam: { ...fakeIam(ACCOUNT).handlers, ListRoles: () => ({ Roles: [], IsTruncated: false }) },
    sts: fakeSts(),
    lambda: lambda.handlers,
    logs: fakeLogs().handlers,
    tag: EMPTY_TAG_INDEX,
  });
  current.clients = aws.clients;
  const config = exampleConfig();
  config.functions[0].source = 'fn';
  // Without a URL, nothing is called over the network.
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
  readonly error?: { readonly message: string; readonly hint: string };
}

const cases = ROWS.flatMap((row) =>
  Object.entries(row.outcomes).map(
    ([command, outcome]) => [row.call, row.situation, command as Command, outcome, row] as const,
  ),
);

describe('an AWS response', () => {
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
      const expectedStatus = command === 'destroy' ? 'goes' : account === 'empty' ? 'absent' : 'in-sync';
      const unexpected = findings
        .filter(({ status }) => status !== expectedStatus)
        .map(({ id, status }) => [id, status]);
      if (outcome.statuses !== undefined) expect(Object.fromEntries(unexpected)).toEqual(outcome.statuses);
      const errors = [document, ...findings].flatMap(({ error }) => error ?? []);
      // Messages may quote AWS, but hints are crc's own text.
      expect(errors.flatMap(({ hint }) => oldWords(hint))).toEqual([]);
      const messages = errors.map(({ message }) => message);
      if (outcome.message !== undefined) expect(messages).toContainEqual(expect.stringMatching(outcome.message));
    },
  );
});
