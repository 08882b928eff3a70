import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { EMPTY_TAG_INDEX } from '../helpers/fake-tag.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const { current } = vi.hoisted(() => ({
  current: { clients: undefined as unknown, failure: undefined as Error | undefined },
}));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));
vi.mock('../../src/package/sdk-calls/index.ts', async (original) => {
  const { sdkCalls } = await original<typeof import('../../src/package/sdk-calls/index.ts')>();
  return {
    async sdkCalls(...args: Parameters<typeof sdkCalls>) {
      if (current.failure !== undefined) throw current.failure;
      return await sdkCalls(...args);
    },
  };
});

const CODE = 'function-code/IncrementVisits';
const GOOD = 'export async function handler() { return { statusCode: 200, body: "1" }; }\n';

let aws: FakeAws;
beforeEach(() => {
  current.failure = undefined;
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: fakeIam(ACCOUNT).handlers,
    sts: fakeSts(),
    lambda: fakeLambda({ busy: 0 }).handlers,
    logs: fakeLogs().handlers,
    tag: EMPTY_TAG_INDEX,
  });
  current.clients = aws.clients;
});

interface Project {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly change?: (functionConfig: LooseConfig, config: LooseConfig) => void;
}

function folderOf({ files, change = () => undefined }: Project): string {
  const config = exampleConfig();
  const [functionConfig] = config.functions;
  functionConfig.source = 'fn';
  delete functionConfig.url;
  change(functionConfig, config);
  return folderWith({ 'crc.config.json': JSON.stringify(config), ...files });
}

async function crc(cwd: string, ...args: string[]) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, env: { PATH: process.env.PATH } });
  const code = await run(['node', 'crc', ...args], io);
  const writes = aws.calls.filter(isWrite).map(({ operation }) => operation);
  return { code, out: out(), err: err(), writes };
}

async function json(cwd: string, ...args: string[]) {
  const { out, ...result } = await crc(cwd, ...args, '--json');
  return { ...result, document: planDocumentSchema.parse(JSON.parse(out)) };
}

const python =
  (handler = 'index.handler') =>
  (functionConfig: LooseConfig) =>
    Object.assign(functionConfig, { runtime: 'python3.13', handler });

/** Source files that cannot be deployed, and the expected message. */
const BROKEN: readonly (readonly [problem: string, project: Project, message: RegExp])[] = [
  ['no source folder', { files: {} }, /source folder .*fn cannot be read: it does not exist/],
  ['a file in its place', { files: { fn: 'x' } }, /fn cannot be read: it is not a folder/],
  ['an empty folder', { files: { 'fn/index.test.ts': '' } }, /has no files to package/],
  ['no file for the handler', { files: { 'fn/main.ts': GOOD } }, /has no index\.ts or index\.js/],
  ['no such export', { files: { 'fn/index.ts': 'export const other = 1;\n' } }, /index\.ts does not export "handler"/],
  ['a syntax error', { files: { 'fn/index.ts': 'export function handler( {\n' } }, /could not be built/],
  ['a missing import', { files: { 'fn/index.ts': `import 'left-pad';\n${GOOD}` } }, /could not be built/],
  [
    'an import of a secret',
    { files: { 'fn/index.ts': `import '../credentials.json';\n${GOOD}`, 'credentials.json': '{}' } },
    /imports \.\.\/credentials\.json, which is never packaged/,
  ],
  [
    'a package that is too large',
    {
      files: { 'fn/index.py': 'def handler(event, context): ...\n', 'fn/data.bin': randomBytes(51 * 1024 * 1024) },
      change: python(),
    },
    /allows 50 MB/,
  ],
  [
    'a misspelt export of CommonJS',
    { files: { 'fn/index.cjs': 'exports.handlr = 1;\n' } },
    /does not export "handler"/,
  ],
  [
    'invalid Python',
    { files: { 'fn/index.py': 'def handler(event, context:\n' }, change: python() },
    /^fn\/index\.py:\d+:\d+: this is not valid Python/,
  ],
  [
    'an included file that does not exist',
    {
      files: { 'fn/index.ts': GOOD },
      change: (functionConfig) => Object.assign(functionConfig, { include: ['page.html'] }),
    },
    /"include" names page\.html/,
  ],
  ['no module for the Python handler', { files: { 'fn/main.py': '' }, change: python() }, /has no index\.py/],
  [
    'no function for the Python handler',
    { files: { 'fn/index.py': 'x = 1\n' }, change: python() },
    /does not define "handler"/,
  ],
  [
    'Python requirements that are not installed',
    {
      files: { 'fn/index.py': 'def handler(event, context): ...\n', 'fn/requirements.txt': 'requests\n' },
      change: python(),
    },
    /lists requests/,
  ],
];

describe('problems in the files are found before the first write', () => {
  it.each([
    ...BROKEN.map(([problem, project, message]) => ['bootstrap --yes', problem, project, message] as const),
    ...BROKEN.slice(0, 2).map(([problem, project, message]) => ['deploy-function', problem, project, message] as const),
  ])('%s with %s: exit 1, the cause at function-code, no writes', async (command, _, project, message) => {
    const { code, document, writes } = await json(folderOf(project), ...command.split(' '));
    expect([code, document.status, writes]).toEqual([1, 'failed', []]);
    const { status, error } = document.findings.find(({ id }) => id === CODE) ?? {};
    expect([status, error?.message]).toEqual(['unread', expect.stringMatching(message)]);
    const outcomes = Object.entries(document.outcomes ?? {});
    expect(outcomes.filter(([, outcome]) => outcome !== 'not-started')).toEqual([[CODE, 'failed']]);
  });

  it.each(['bootstrap --dry-run', 'plan', 'deploy-function --dry-run'])(
    '%s shows it, and exits with 1',
    async (command) => {
      const cwd = folderOf({ files: { 'fn/index.ts': 'export function handler( {\n' } });
      const { code, out, writes } = await crc(cwd, ...command.split(' '));
      expect([code, writes]).toEqual([1, []]);
      expect(out).toMatch(/\| fn\/index\.ts:\d+:\d+: /);
    },
  );

  it.each(['bootstrap --yes', 'deploy-function'])(
    '%s shows the cause, and no changes that will not be made',
    async (command) => {
      const cwd = folderOf({ files: { 'fn/index.ts': 'export function handler( {\n' } });
      const { code, out, writes } = await crc(cwd, ...command.split(' '));
      expect([code, writes]).toEqual([1, []]);
      expect(out).toMatch(/^Account \d+, eu-west-2\n\nfailed {5}function-code\/IncrementVisits\n/);
      expect(out).toMatch(/\| fn\/index\.ts:\d+:\d+: /);
      const [name = ''] = command.split(' ');
      expect(out).toContain(`\n\nNothing was written. Fix this, then rerun \`crc ${name}`);
      expect(out).not.toMatch(/Plan:|not started|Will be created/);
    },
  );

  it('all of them at once', async () => {
    const cwd = folderOf({
      files: { 'fn/index.ts': 'export function handler( {\n' },
      change: (functionConfig, config) =>
        config.functions.push({
          ...structuredClone(functionConfig),
          name: 'Other',
          source: 'missing',
          table: undefined,
        }),
    });
    const { document, writes } = await json(cwd, 'bootstrap', '--yes');
    expect(document.findings.flatMap(({ id, error }) => (error === undefined ? [] : [[id, error.message]]))).toEqual([
      [CODE, expect.stringMatching(/could not be built/)],
      ['function-code/Other', expect.stringMatching(/missing cannot be read/)],
    ]);
    expect(writes).toEqual([]);
  });

  it('if only the function is written, it is an error of the function', async () => {
    const cwd = folderOf({ files: { 'fn/index.ts': 'export function handler( {\n' } });
    const function_ = 'function/IncrementVisits';
    const role = 'execution-role/IncrementVisits';
    const { document, writes } = await json(cwd, 'bootstrap', '--yes', '--only', role, '--only', function_);
    expect(document.outcomes).toEqual({ [role]: 'not-started', [function_]: 'failed' });
    expect(writes).toEqual([]);
  });

  it('does not affect unrelated commands', async () => {
    const cwd = folderOf({ files: {} });
    const { code, document } = await json(cwd, 'bootstrap', '--yes', '--only', 'lock-table');
    expect([code, document.outcomes]).toEqual([0, { 'lock-table': 'created' }]);
  });

  it('and so is a missing dependency that --only does not select: the plan shows it, and there is no prompt', async () => {
    const cwd = folderOf({ files: { 'fn/index.ts': GOOD } });
    const role = 'role/GitHubActionsTerraformRole';
    const plan = await crc(cwd, 'plan', '--only', role);
    expect([plan.code, plan.out]).toEqual([2, expect.stringContaining('Plan: 1 waiting for a required resource.')]);
    expect(plan.out).toContain(
      `note: ${role}: needs oidc-provider, which this run does not change: add --only oidc-provider`,
    );
    expect(plan.err).not.toContain('Next:');
    const run = await crc(cwd, 'bootstrap', '--only', role);
    expect([run.code, run.writes]).toEqual([1, []]);
    expect(run.out).toContain('needs oidc-provider, which is not ready');
    expect(run.out).toContain(`rerun \`crc bootstrap --only ${role} --only oidc-provider\`.`);
    const { findings } = (await json(cwd, 'bootstrap', '--yes', '--only', role)).document;
    expect(findings[0]?.error?.hint).toBe('Add --only oidc-provider, or leave --only out.');
    expect((await crc(cwd, 'bootstrap', '--yes', '--only', role, '--only', 'oidc-provider')).code).toBe(0);
    expect((await crc(cwd, 'plan', '--only', role)).code).toBe(0);
  });

  it('and so is what that dependency needs itself: everything is named at once, and is enough', async () => {
    const change = (functionConfig: LooseConfig) => {
      functionConfig.url = { authType: 'AWS_IAM' };
    };
    const cwd = folderOf({ files: { 'fn/index.ts': GOOD }, change });
    const url = 'function-url/IncrementVisits';
    const plan = await crc(cwd, 'plan', '--only', url);
    const named = [...plan.out.matchAll(/--only (\S+)/g)].map(([, id = '']) => id);
    expect(named).toEqual(
      ['function-code', 'function', 'execution-role', 'log-group', 'table'].map((kind) => `${kind}/IncrementVisits`),
    );
    const { findings } = (await json(cwd, 'bootstrap', '--yes', '--only', url)).document;
    const flagsNamed = named.map((id) => `--only ${id}`).join(' ');
    expect(findings[0]?.error?.hint).toBe(`Add ${flagsNamed}, or leave --only out.`);
    const flags = [url, ...named].flatMap((id) => ['--only', id]);
    expect((await crc(cwd, 'bootstrap', '--yes', ...flags)).code).toBe(0);
    expect((await crc(cwd, 'plan', '--only', url)).code).toBe(0);
  });

  it('also if the function exists and its source has changed; verify builds nothing', async () => {
    const good = folderOf({ files: { 'fn/index.ts': GOOD } });
    expect((await crc(good, 'bootstrap', '--yes')).code).toBe(0);
    const broken = folderOf({ files: { 'fn/index.ts': `${GOOD}}` } });
    const { code, document, writes } = await json(broken, 'deploy-function');
    expect([code, document.outcomes?.[CODE], writes]).toEqual([1, 'failed', []]);
    const verified = await json(broken, 'verify');
    expect([verified.code, verified.document.findings.find(({ id }) => id === CODE)?.status]).toEqual([2, 'drifted']);
  });

  it('nothing is built if nothing is to be deployed: npm packages need not be installed', async () => {
    const cwd = folderOf({
      files: { 'fn/index.ts': `import 'left-pad';\n${GOOD}`, 'node_modules/left-pad/index.js': 'globalThis.x = 1;\n' },
    });
    expect((await crc(cwd, 'bootstrap', '--yes')).code).toBe(0);
    rmSync(join(cwd, 'node_modules'), { recursive: true });
    const { code, writes } = await crc(cwd, 'bootstrap', '--yes');
    expect([code, writes]).toEqual([0, []]);
  });

  it('shows the file and the line, and that nothing was written', async () => {
    const cwd = folderOf({ files: { 'fn/index.ts': 'export function handler( {\n' } });
    const { out } = await crc(cwd, 'bootstrap', '--yes');
    expect(out).toContain('The function in fn could not be built.');
    expect(out).toMatch(/\| fn\/index\.ts:2:1: /);
    expect(out).not.toContain('Done.');
  });
});

/** A read followed by a write, in which every read error is treated as a missing item. */
const GET_THEN_SET = `import boto3

table = boto3.resource("dynamodb").Table("Visits")

def handler(event, context):
    item = table.get_item(Key={"Id": "cv"}).get("Item", {})
    table.put_item(Item={"Id": "cv", "n": int(item.get("n", 0)) + 1})
`;

describe('calls in the source that the role may not make', () => {
  const project = (change: (functionConfig: LooseConfig) => void = () => undefined) =>
    folderOf({
      files: { 'fn/index.py': GET_THEN_SET },
      change: (functionConfig) => {
        python()(functionConfig);
        change(functionConfig);
      },
    });
  const WARNING = `functions[0].table.access: the function's role does not allow dynamodb:GetItem (get_item in fn/index.py:6), dynamodb:PutItem (put_item in fn/index.py:7). Write "access": "read-write" in "table" in the config.`;

  it.each(['deploy-function --dry-run', 'bootstrap --dry-run', 'plan'])('%s warns about them', async (command) => {
    const cwd = project();
    const { document, writes } = await json(cwd, ...command.split(' '));
    const { warnings = [], status } = document.findings.find(({ id }) => id === CODE) ?? {};
    expect([status, warnings, writes]).toEqual(['absent', [WARNING], []]);
    expect(document.missingRights).toEqual([
      expect.objectContaining({ action: 'dynamodb:GetItem', call: 'get_item', file: 'fn/index.py', line: 6 }),
      expect.objectContaining({
        action: 'dynamodb:PutItem',
        allow: { path: 'functions[0].table.access', value: 'read-write' },
      }),
    ]);
  });

  it('a deployment shows them before it writes, and also without changes', async () => {
    const cwd = project();
    expect((await crc(cwd, 'bootstrap', '--yes')).out.replaceAll(/\s+/g, ' ')).toContain(
      `${CODE} (${WARNING.replace(':', '):')}`,
    );
    const { document, writes } = await json(cwd, 'deploy-function');
    expect([document.status, writes, document.missingRights?.length]).toEqual(['in-sync', [], 2]);
  });

  it('verify checks them only with --build', async () => {
    const cwd = project();
    await crc(cwd, 'bootstrap', '--yes');
    expect((await json(cwd, 'verify')).document.missingRights).toBeUndefined();
    const { code, document } = await json(cwd, 'verify', '--build');
    expect([code, document.missingRights?.length]).toEqual([0, 2]);
  });

  it('do not stop a deployment if they cannot be checked, which a note explains', async () => {
    current.failure = new RangeError('Maximum call stack size exceeded');
    const cwd = project();
    const { code, out } = await crc(cwd, 'deploy-function', '--dry-run');
    expect([code, out.replaceAll(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringContaining(
        `note: ${CODE}: the calls in its source could not be compared with its role: Maximum call`,
      ),
    ]);
  });

  it('are no longer reported once the config allows them', async () => {
    const cwd = project(({ table }) => Object.assign(table, { access: 'read-write' }));
    const { document } = await json(cwd, 'deploy-function', '--dry-run');
    expect(document.missingRights).toEqual([]);
    expect(document.findings.find(({ id }) => id === CODE)?.warnings).toEqual([]);
  });
});
