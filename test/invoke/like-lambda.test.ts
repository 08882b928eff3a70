import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../src/engine/interrupted.ts';
import { asHttp } from '../../src/invoke/answer.ts';
import { urlEvent } from '../../src/invoke/event.ts';
import { invokeLocally, type LocalInvocation } from '../../src/invoke/local.ts';
import { requestOf } from '../../src/invoke/request.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';

const SOURCE = fileURLToPath(new URL('../../src/invoke', import.meta.url));
const EVENT = JSON.stringify(urlEvent(requestOf(undefined, undefined), 'eu-west-2'));

function node(text: string, overrides: Partial<LocalInvocation> = {}): LocalInvocation {
  const files = [{ path: 'index.mjs', bytes: Buffer.from(text) }];
  return localInvocation({ files, folder: folderWith({}), ...overrides });
}

function python(files: Record<string, string>, overrides: Partial<LocalInvocation> = {}): LocalInvocation {
  return localInvocation({
    files: Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    folder: folderWith({}),
    runtime: 'python3.13',
    handler: 'app.handler',
    ...overrides,
  });
}

/**
 * Invokes a function in a separate process that writes the answer to stdout. The test can kill it like a crc process.
 */
async function callInProcess(invocation: LocalInvocation, cwd: string, temporary: string) {
  const bundle = folderWith({
    'index.ts': `import { invokeLocally } from ${JSON.stringify(join(SOURCE, 'local.ts'))};
const input = JSON.parse(process.env.INPUT ?? '', (key, value) => (key === 'bytes' ? Buffer.from(value) : value));
process.stdout.write(JSON.stringify(await invokeLocally(input)));`,
  });
  const outfile = join(bundle, 'index.mjs');
  await build({ entryPoints: [join(bundle, 'index.ts')], outfile, bundle: true, platform: 'node', format: 'esm' });
  cpSync(join(SOURCE, 'runners'), join(bundle, 'runners'), { recursive: true });
  cpSync(join(SOURCE, '../grammars'), join(bundle, 'grammars'), { recursive: true });
  const parser = createRequire(import.meta.url).resolve('web-tree-sitter/web-tree-sitter.wasm');
  cpSync(parser, join(bundle, 'grammars', basename(parser)));
  const files = invocation.files.map(({ path, bytes }) => ({ path, bytes: Buffer.from(bytes).toString() }));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(process.execPath, [outfile], {
    cwd,
    env: { ...process.env, TMPDIR: temporary, INPUT: JSON.stringify({ ...invocation, files, env }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

async function answerTo(invocation: LocalInvocation) {
  const answer = await invokeLocally(invocation);
  if ('cannotRun' in answer) throw new Error(answer.cannotRun);
  return answer;
}

/** Whether a process is running. Zombie processes (state Z) are not. */
function isAlive(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .trim();
  return state !== '' && !state.startsWith('Z');
}

/** A temporary folder for this test only, because other processes use the shared one. */
function ownTemporary(): string {
  const folder = folderWith({});
  vi.stubEnv('TMPDIR', folder);
  return folder;
}
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a Node function on this machine, as on Lambda', () => {
  it('gets the complete context and environment, and runs in the folder of the package', async () => {
    const text = `import { readFileSync } from 'node:fs';
export const handler = async (event, context) => ({ context, env: process.env, cwd: process.cwd(), file: readFileSync('page.html', 'utf8'), offset: new Date().getTimezoneOffset(), callbacks: typeof context.done });`;
    const files = [
      { path: 'index.mjs', bytes: Buffer.from(text) },
      { path: 'page.html', bytes: Buffer.from('<p>') },
    ];
    const { payload } = await answerTo(localInvocation({ files, folder: folderWith({}) }));
    const { context, env, cwd, file, offset, callbacks } = JSON.parse(payload);
    expect(context).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionVersion: '$LATEST',
      functionName: 'IncrementVisits',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/IncrementVisits',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      invokedFunctionArn: 'arn:aws:lambda:eu-west-2:123456789012:function:IncrementVisits',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(env).toMatchObject({
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_STREAM_NAME: context.logStreamName,
      LAMBDA_TASK_ROOT: cwd,
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    });
    expect([file, offset, callbacks]).toEqual(['<p>', 0, 'undefined']);
  });

  it('reports if a different version of Node runs it', async () => {
    const [local = ''] = process.versions.node.split('.');
    const other = local === '24' ? '22' : '24';
    const text = 'export const handler = () => 1;';
    expect((await answerTo(node(text, { runtime: `nodejs${other}.x` }))).standsIn).toEqual({
      local: `Node.js ${local}`,
      onLambda: other,
    });
    expect((await answerTo(node(text, { runtime: `nodejs${local}.x` }))).standsIn).toBeUndefined();
  });

  it('returns nothing if its promise never settles and the event loop is empty', async () => {
    expect((await answerTo(node('export const handler = () => new Promise(() => {});'))).payload).toBe('null');
  });

  it('is ended at its timeout even if it blocks the event loop', async () => {
    const answer = await answerTo(node('export const handler = () => { for (;;); };', { timeoutSeconds: 1 }));
    expect(asHttp(answer, { byUrl: true }).body).toBe('Sandbox.Timedout: Task timed out after 1.00 seconds');
  });

  it('receives a large event and returns a large answer without losing a character', async () => {
    const text = 'ü'.repeat(1_500_000);
    const { payload } = await answerTo(
      node('export const handler = (event) => event.text;', { payload: JSON.stringify({ text }) }),
    );
    expect(JSON.parse(payload) === text).toBe(true);
  });

  it.each([
    [6_291_556, undefined],
    [
      6_291_557,
      'Function.ResponseSizeTooLarge: Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).',
    ],
  ])('returns at most what Lambda allows: %i bytes', async (bytes, problem) => {
    const answer = await answerTo(node(`export const handler = () => 'x'.repeat(${bytes - 2});`));
    expect(answer.payload.length === bytes).toBe(problem === undefined);
    if (problem !== undefined) expect(asHttp(answer, { byUrl: true }).body).toBe(problem);
  });

  it.skipIf(process.platform === 'win32').each([
    ['holds its pipes', ''],
    ['has left its group', ', detached: true'],
  ])('leaves no process behind that %s', async (_, option) => {
    const text = `import { spawn } from 'node:child_process';
export const handler = () => spawn('sleep', ['600'], { stdio: 'inherit'${option} }).pid;`;
    const { payload } = await answerTo(node(text));
    expect(isAlive(Number(payload))).toBe(option !== '' && process.platform !== 'linux');
  });

  it('is ended, with its files, when the run is stopped', async () => {
    const controller = new AbortController();
    const text = 'export const handler = () => { for (;;); };';
    const invocation = node(text, { timeoutSeconds: 600, signal: controller.signal });
    const temporary = ownTemporary();
    const running = invokeLocally(invocation);
    await vi.waitFor(() => expect(readdirSync(temporary)).toHaveLength(1), { timeout: 20_000 });
    controller.abort();
    await expect(running).rejects.toThrow(Interrupted);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('when crc is killed', () => {
  it('no process or file of the function remains, and its event was not readable by others', async () => {
    const temporary = folderWith({});
    const marker = join(folderWith({}), 'pid');
    const text = `import { writeFileSync } from 'node:fs';
export const handler = () => { writeFileSync(${JSON.stringify(marker)}, String(process.pid)); for (;;); };`;
    const invocation = node(text, { timeoutSeconds: 600, payload: '{"secret":"payload-of-mine"}' });
    const { child, output } = await callInProcess(invocation, folderWith({}), temporary);
    await vi.waitFor(() => expect(`${existsSync(marker)} ${output()}`).toBe('true '), { timeout: 60_000 });
    const pid = Number(readFileSync(marker, 'utf8'));
    const [work = ''] = readdirSync(temporary);
    expect(statSync(join(temporary, work)).mode & 0o077).toBe(0);
    expect(readdirSync(join(temporary, work))).toEqual(['package']);
    expect(spawnSync('ps', ['-A', '-o', 'args']).stdout.toString()).not.toContain('payload-of-mine');

    child.kill('SIGKILL');
    await once(child, 'close');
    await vi.waitFor(() => expect([isAlive(pid), readdirSync(temporary)]).toEqual([false, []]), { timeout: 60_000 });
  });
});

const hasPython = spawnSync('python3', ['-c', 'import boto3']).status === 0;
if (!hasPython)
  process.stderr.write(
    '\nNOT RUN: "a Python function on this machine, as on Lambda" needs python3 with boto3. Get it: pip install boto3\n',
  );

describe.skipIf(!hasPython && !process.env.CRC_REQUIRE)('a Python function on this machine, as on Lambda', () => {
  it('gets the complete context and event, and runs in the folder of the package', async () => {
    const app = `import os


def handler(event, context):
    parts = [context.invoked_function_arn, context.log_stream_name, context.aws_request_id, event["headers"]["host"],
             event["headers"]["x-forwarded-for"], event["requestContext"]["domainName"], str(event["requestContext"]["timeEpoch"]),
             os.environ["AWS_EXECUTION_ENV"], os.environ["LAMBDA_TASK_ROOT"], open("words.txt").read()]
    assert context.identity.cognito_identity_id is None and context.client_context is None
    assert os.getcwd() == os.path.realpath(os.environ["LAMBDA_TASK_ROOT"])
    return {"statusCode": 200, "body": " ".join(parts)}
`;
    const answer = await answerTo(python({ 'app.py': app, 'words.txt': 'words' }, { payload: EVENT }));
    const http = asHttp(answer, { byUrl: true });
    expect([http.statusCode, http.body]).toEqual([
      200,
      expect.stringMatching(
        /^arn:aws:lambda:\S+ \d{4}\S+ \S+ \S+\.on\.aws 127\.0\.0\.1 .* AWS_Lambda_python3\.13 .* words$/,
      ),
    ]);
  });

  it.each([
    ['a Decimal', 'Decimal("1")', '1', 'python3.13'],
    [
      'a Decimal in an item, with all its digits',
      '{"n": [Decimal("0.10000000000000000001")]}',
      '{"n": [0.10000000000000000001]}',
      'python3.13',
    ],
    ['a large Decimal', 'Decimal("1E+2")', '1E+2', 'python3.13'],
    ['characters from 3.12 on', '"ü"', '"ü"', 'python3.12'],
    ['escapes before', '"ü"', '"\\u00fc"', 'python3.11'],
    ['bytes', 'b"x"', '"x"', 'python3.13'],
    ['a named tuple', 'namedtuple("Visit", "n")(1)', '{"n": 1}', 'python3.13'],
  ])('writes %s as the runtime does', async (_, value, payload, runtime) => {
    const app = `from collections import namedtuple\nfrom decimal import Decimal\ndef handler(e, c):\n    return ${value}\n`;
    expect((await answerTo(python({ 'app.py': app }, { runtime }))).payload).toBe(payload);
  });

  it('is ended at its timeout in an endless loop, with its child processes', async () => {
    const app = `import subprocess
def handler(e, c):
    print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
    while True: pass
`;
    const answer = await answerTo(python({ 'app.py': app }, { timeoutSeconds: 1 }));
    expect(asHttp(answer, { byUrl: true }).body).toBe('Sandbox.Timedout: Task timed out after 1.00 seconds');
    expect(isAlive(Number(answer.log))).toBe(false);
  });

  it('loads no module from the folder of crc, nor from its own runner', async () => {
    const marker = join(folderWith({}), 'ran');
    const cwd = folderWith({ 'boto3.py': `open(${JSON.stringify(marker)}, "w")\n` });
    const app = 'import boto3\nimport run_python\ndef handler(e, c): return run_python.OWN\n';
    const invocation = python({ 'app.py': app, 'run_python.py': 'OWN = 1\n' });
    const { child, output } = await callInProcess(invocation, cwd, folderWith({}));
    await once(child, 'close');
    expect([output(), existsSync(marker)]).toEqual([expect.stringContaining('"payload":"1"'), false]);
  });

  it('reports if a different version of Python runs it', async () => {
    const version = spawnSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
      .stdout.toString()
      .trim();
    const other = version === '3.13' ? 'python3.10' : 'python3.13';
    const { standsIn } = await answerTo(python({ 'app.py': 'def handler(e, c): pass\n' }, { runtime: other }));
    if (standsIn !== undefined) expect(standsIn.local).toMatch(/^Python 3\.\d+$/);
    const matching = python({ 'app.py': 'def handler(e, c): pass\n' }, { runtime: `python${version}` });
    expect((await answerTo(matching)).standsIn).toBeUndefined();
  });
});
