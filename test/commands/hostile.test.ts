import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { harmless } from '../../src/ui/io.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { awsError, type FakeAws, fakeAws } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { type FakeIam, fakeIam } from '../helpers/fake-iam.ts';
import { type FakeLambda, fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { type FakeS3, fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { EMPTY_TAG_INDEX } from '../helpers/fake-tag.ts';
import { folderWith } from '../helpers/folder.ts';
import { PIECES, unsafeOutput, workflowCommands } from '../helpers/hostile.ts';
import { captureIo } from '../helpers/io.ts';

const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

const ROLE = 'GitHubActionsTerraformRole';
const NAME = 'IncrementVisits';
const HANDLER = 'export async function handler() { return { statusCode: 200, body: "1" }; }\n';

let aws: FakeAws;
let iam: FakeIam;
let s3: FakeS3;
let lambda: FakeLambda;
let cwd: string;
/** An inline policy that crc does not manage. */
let poisoned = '';

beforeAll(async () => {
  iam = fakeIam(ACCOUNT);
  s3 = fakeS3(ACCOUNT, REGION);
  lambda = fakeLambda({ busy: 0 });
  aws = fakeAws({
    s3: s3.handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: { ...iam.handlers, ListRoles: () => ({ Roles: [], IsTruncated: false }) },
    sts: fakeSts(),
    lambda: lambda.handlers,
    logs: fakeLogs().handlers,
    tag: EMPTY_TAG_INDEX,
  });
  current.clients = aws.clients;
  const config = exampleConfig();
  config.functions[0].source = 'fn';
  delete config.functions[0].url;
  cwd = folderWith({ 'crc.config.json': JSON.stringify(config), 'fn/index.ts': HANDLER });
  const { code, out } = await crc(['bootstrap', '--yes', '--json']);
  expect([code, out]).toEqual([0, expect.any(String)]);
}, 60_000);

async function crc(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { io, out, err } = captureIo({ cwd, env: { PATH: '/nowhere', ...env } });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err() };
}

/** Puts a text everywhere that others can write to: documents, names, descriptions, responses, logs, errors. */
function poison(text: string): void {
  const role = iam.roles.get(ROLE);
  if (role === undefined) throw new Error('the role does not exist');
  role.trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: text,
        Effect: 'Allow',
        Principal: { Federated: text, AWS: [text] },
        Action: `sts:${text}`,
        Condition: { StringLike: { [text]: [text, `repo:${text}`] } },
      },
    ],
  });
  role.description = text;
  role.inline.delete(poisoned);
  role.inline.set(`extra${text}`, '{}');
  role.attached.splice(0, role.attached.length, `arn:aws:iam::aws:policy/${text}`);
  poisoned = `extra${text}`;
  lambda.invoke = () => ({
    payload: JSON.stringify({ statusCode: 200, body: text }),
    log: `first\n${text}\nlast`,
  });
}

/** All pieces combined into three texts, because each run of all commands takes time. */
const TEXTS = [0, 1, 2].map((part) => PIECES.filter((_, index) => index % 3 === part).join(' x '));

const COMMANDS = [
  ['verify'],
  ['verify', '--markdown'],
  ['bootstrap', '--dry-run', '--prune'],
  ['deploy-function', '--dry-run'],
  ['destroy', '--dry-run'],
  ['outputs'],
  ['explain'],
  ['invoke', NAME],
] as const;

const lines = (text: string) => text.split('\n').length;
const gate = (text: string) => harmless(text, { color: false, actions: true });

describe('live values written by others', () => {
  /** Number of lines that each command prints for a harmless text. */
  const lineCounts = new Map<string, number>();
  beforeAll(async () => {
    poison('value');
    for (const args of COMMANDS) lineCounts.set(args.join(' '), lines((await crc(args)).out));
  });

  it.each(PIECES.map((piece, index) => [index, piece] as const))(
    '%i %j: add no lines, colours or commands',
    async (_, piece) => {
      poison(piece);
      for (const args of COMMANDS) {
        const { out, err } = await crc(args);
        expect([args, unsafeOutput(out), unsafeOutput(err)]).toEqual([args, [], []]);
        expect([args, workflowCommands(gate(out)), workflowCommands(gate(err))]).toEqual([args, [], []]);
        if (args[0] !== 'invoke') expect([args, lines(out)]).toEqual([args, lineCounts.get(args.join(' '))]);
        const json = await crc([...args.filter((flag) => flag !== '--markdown'), '--json']);
        expect([unsafeOutput(json.out), gate(json.out)]).toEqual([[], json.out]);
        expect(() => JSON.parse(json.out)).not.toThrow();
      }
    },
  );

  it.each(TEXTS)('%j in an error of AWS', async (piece) => {
    const plain = lines((await failWith('value', ['verify'])).out);
    for (const args of [['verify'], ['verify', '--verbose'], ['destroy', '--dry-run'], ['explain']]) {
      const { out, err } = await failWith(piece, args);
      expect([args, unsafeOutput(out), unsafeOutput(err)]).toEqual([args, [], []]);
      expect([args, workflowCommands(gate(out)), workflowCommands(gate(err))]).toEqual([args, [], []]);
      if (args.join() === 'verify') expect(lines(out)).toBe(plain);
      const { out: json } = await failWith(piece, [...args, '--json']);
      expect(() => JSON.parse(json)).not.toThrow();
      expect(gate(json)).toBe(json);
    }
  });

  async function failWith(text: string, args: readonly string[]) {
    const error = awsError('ValidationException', 400, { $metadata: { httpStatusCode: 400, requestId: text } });
    error.message = `${text} is not valid`;
    aws.fail('GetRole', error);
    const result = await crc(args);
    aws.clearFailures();
    return result;
  }

  it("appear as plain text in GitHub's summary and annotations", async () => {
    poison('\n::error::owned <script>x</script> | https://evil.com');
    const folder = folderWith({ 'summary.md': '' });
    const { err } = await crc(['verify'], { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') });
    expect(workflowCommands(err).every((line) => /^::(warning|error) title=crc verify/.test(line))).toBe(true);
    const summary = readFileSync(join(folder, 'summary.md'), 'utf8');
    expect(summary).toContain('\\<script>');
    expect(summary).not.toMatch(/^::|[^\\]<script>|[^\\]:\/\/evil/m);
  });
});

describe('arguments', () => {
  it.each(TEXTS)('%j in the name of a file, an id, a command', async (piece) => {
    for (const args of [
      ['verify', '--only', piece],
      ['verify', '--config', `none${piece}`],
      ['explain', '--role', piece],
      ['invoke', piece],
      ['backend', piece],
      [`x${piece}`],
    ]) {
      const { code, out, err } = await crc(args);
      expect([args, code, unsafeOutput(out), unsafeOutput(err)]).toEqual([args, 1, [], []]);
      expect(workflowCommands(gate(err))).toEqual([]);
    }
  });

  it('a token that is passed instead of a file is never shown', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm8vciJ9.c2lnbmF0dXJl';
    for (const args of [
      ['--token', token],
      ['--workflow', token],
      ['--token', token, '--json'],
      ['--role', token],
    ]) {
      const { code, out, err } = await crc(['explain', ...args]);
      expect(code).toBe(1);
      expect(out + err).not.toContain('eyJ');
    }
    expect((await crc(['explain', '--token', token])).err).toMatch(/A token was passed instead .*file[\s\S]*--token -/);
  });

  it.each([
    'http://user:secret@127.0.0.1:9',
    'http://secret@127.0.0.1:9',
    'http://127.0.0.1:9/?token=secret',
    'http://127.0.0.1:9/#secret',
    'ftp://user:secret@127.0.0.1',
  ])('an endpoint that contains a secret is refused, and not shown: %s', async (url) => {
    for (const command of ['verify', 'backend', 'outputs', 'export']) {
      const fromFlag = await crc([command, '--endpoint-url', url]);
      const inherited = await crc([command], { AWS_ENDPOINT_URL: url });
      for (const { code, out, err } of [fromFlag, inherited]) {
        expect([code, out]).toEqual([1, '']);
        expect(err).toMatch(/(--endpoint-url|AWS_ENDPOINT_URL)/);
        expect(err).not.toContain('secret');
      }
    }
  });
});
