import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { asHttp } from '../../src/invoke/answer.ts';
import { invokeLocally, type LocalInvocation } from '../../src/invoke/local.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';

function node(text: string, overrides: Partial<LocalInvocation> = {}): LocalInvocation {
  const files = [{ path: 'index.mjs', bytes: Buffer.from(text) }];
  return localInvocation({ files, folder: folderWith({}), ...overrides });
}

function python(text: string, overrides: Partial<LocalInvocation> = {}): LocalInvocation {
  const files = [{ path: 'app.py', bytes: Buffer.from(text) }];
  const runtime = 'python3.13';
  return localInvocation({ files, folder: folderWith({}), runtime, handler: 'app.handler', ...overrides });
}

async function answerTo(invocation: LocalInvocation) {
  const answer = await invokeLocally(invocation);
  if ('cannotRun' in answer) throw new Error(answer.cannotRun);
  return answer;
}

describe('a Node function on this machine', () => {
  it('gets the event and a context, and returns an answer', async () => {
    const text =
      'export const handler = async (event, context) => ({ event, name: context.functionName, left: context.getRemainingTimeInMillis() <= 10_000, memory: context.memoryLimitInMB, args: 2 });';
    const { payload, functionError } = await answerTo(node(text, { payload: '{"a":[1,"ü"]}' }));
    expect([JSON.parse(payload), functionError]).toEqual([
      { event: { a: [1, 'ü'] }, name: 'IncrementVisits', left: true, memory: '128', args: 2 },
      undefined,
    ]);
  });

  it('gets its own environment and access to AWS, and nothing else from the shell', async () => {
    const text = 'export const handler = async () => process.env;';
    const env = {
      PATH: process.env.PATH,
      AWS_PROFILE: 'me',
      AWS_REGION: 'us-east-1',
      GITHUB_TOKEN: 's',
      NPM_TOKEN: 's',
      NODE_OPTIONS: '--no-warnings',
      HTTPS_PROXY: 'http://p',
    };
    const { payload } = await answerTo(node(text, { env, environment: { TABLE_NAME: 'Visits' } }));
    const environment = JSON.parse(payload);
    expect(environment).toMatchObject({
      TABLE_NAME: 'Visits',
      AWS_PROFILE: 'me',
      AWS_REGION: 'eu-west-2',
      AWS_LAMBDA_FUNCTION_NAME: 'IncrementVisits',
      HTTPS_PROXY: 'http://p',
    });
    expect(Object.keys(environment).filter((name) => /TOKEN|NODE_OPTIONS/.test(name))).toEqual([]);
  });

  it.each([
    [
      'throws',
      'export const handler = async () => { console.log("before"); throw new TypeError("no"); };',
      'TypeError: no',
    ],
    ['throws a value that is not an error', 'export const handler = () => { throw "text"; };', 'Error: text'],
    [
      'rejects in the background',
      'export const handler = () => new Promise(() => { Promise.reject(new RangeError("later")); });',
      'RangeError: later',
    ],
    ['does not load', 'import "./nope.mjs";\nexport const handler = 1;', /Cannot find module/],
    ['exports something else', 'export const handler = 1;', 'TypeError: handler is not a function'],
    ['ends its process', 'export const handler = () => process.exit(3);', /ended without a result \(exit status 3\)/],
  ])('that %s is a function error', async (_, text, message) => {
    const answer = await answerTo(node(text));
    expect(answer.functionError).toBe('Unhandled');
    expect(asHttp(answer, { byUrl: true })).toMatchObject({ ok: false, statusCode: undefined });
    expect(asHttp(answer, { byUrl: true }).body).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
    if (text.includes('before')) expect(answer.log).toContain('before');
  });

  it.each([['waits', 'export const handler = () => new Promise((r) => setTimeout(r, 60_000));']])(
    'that %s too long is ended at its timeout',
    async (_, text) => {
      const answer = await answerTo(node(text, { timeoutSeconds: 1 }));
      expect(asHttp(answer, { byUrl: true }).body).toBe('Sandbox.Timedout: Task timed out after 1.00 seconds');
    },
  );

  it.each([
    ['a callback before Node 24', 'export const handler = (e, c, done) => done(null, 1);', 'nodejs22.x', '1'],
    ['an error of a callback', 'export const handler = (e, c, done) => done(new Error("x"));', 'nodejs22.x', undefined],
    ['a promise in addition to a callback', 'export const handler = async (e, c, done) => 2;', 'nodejs22.x', '2'],
    [
      'no callback from Node 24',
      'export const handler = async (e, c, done) => typeof done;',
      'nodejs24.x',
      '"undefined"',
    ],
    ['nothing', 'export const handler = () => {};', 'nodejs24.x', 'null'],
  ])('answers through %s', async (_, text, runtime, payload) => {
    const answer = await answerTo(node(text, { runtime }));
    expect(answer.functionError === undefined ? answer.payload : undefined).toBe(payload);
  });

  it.runIf(process.platform !== 'win32')('can start a program in its package, as on Lambda', async () => {
    const text =
      "import { execFileSync } from 'node:child_process';\nexport const handler = async () => execFileSync('./bin/hello', { encoding: 'utf8' });";
    const files = [
      { path: 'index.mjs', bytes: Buffer.from(text) },
      { path: 'bin/hello', bytes: Buffer.from('#!/bin/sh\necho hello\n') },
    ];
    expect((await answerTo(localInvocation({ files, folder: folderWith({}) }))).payload).toBe('"hello\\n"');
  });

  it('finds the SDK that its runtime would have, the nearest first', async () => {
    const text =
      'import { DynamoDBClient } from "@aws-sdk/client-dynamodb";\nexport const handler = async () => typeof DynamoDBClient;';
    expect((await answerTo(node(text))).payload).toBe('"function"');
    const nestedFolder = folderWith({
      'node_modules/@aws-sdk/client-dynamodb/package.json': '{"type":"module","exports":"./i.js"}',
      'node_modules/@aws-sdk/client-dynamodb/i.js': 'export const DynamoDBClient = "own";',
    });
    expect((await answerTo(node(text, { folder: nestedFolder }))).payload).toBe('"string"');
  });

  it('also finds it from CommonJS', async () => {
    const text = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
export const handler = async () => typeof DynamoDBClient;`;
    expect((await answerTo(node(text))).payload).toBe('"function"');
  });

  it.each([
    ['an import', "import '@aws-sdk/client-nothing';\n"],
    [
      'require',
      "import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('@aws-sdk/client-nothing/x');\n",
    ],
  ])('names the SDK package to install for %s', async (_, text) => {
    const answer = await invokeLocally(node(`${text}export const handler = () => 1;\n`));
    expect(answer).toEqual({
      cannotRun: '@aws-sdk/client-nothing is not installed: run `npm install -D @aws-sdk/client-nothing`',
    });
  });

  it('names the command that installs what package.json lists', async () => {
    const listed = { 'package.json': '{"devDependencies":{"@aws-sdk/client-nothing":"3"}}', 'bun.lock': '' };
    const inFolder = node("import '@aws-sdk/client-nothing';\nexport const handler = () => 1;\n", {
      folder: folderWith(listed),
    });
    const cannotRun = '@aws-sdk/client-nothing is not installed: run `bun install`';
    expect(await invokeLocally(inFolder)).toEqual({ cannotRun: `${cannotRun} in its folder` });
    const below = { ...inFolder, folder: join(folderWith({ ...listed, 'fn/index.js': '' }), 'fn') };
    expect(await invokeLocally(below)).toEqual({ cannotRun });
  });

  it("is started by files that Yarn's Plug'n'Play unpacks, since Node runs none in a zip", () => {
    expect(packageJson.preferUnplugged).toBe(true);
  });

  it("names the setting with which Yarn installs the SDK, which Plug'n'Play has in zips", async () => {
    const folder = folderWith({
      'package.json': '{"devDependencies":{"@aws-sdk/client-nothing":"3"}}',
      '.pnp.cjs': '',
    });
    const text = "import '@aws-sdk/client-nothing';\nexport const handler = () => 1;\n";
    expect(await invokeLocally(node(text, { folder }))).toEqual({
      cannotRun:
        "Node does not find @aws-sdk/client-nothing in the zips of Yarn's Plug'n'Play: write `nodeLinker: node-modules` in .yarnrc.yml and run `yarn install`",
    });
  });

  it('finds no package that its runtime would not have', async () => {
    const folder = folderWith({
      'node_modules/@aws-sdk/client-s3/package.json': '{"main":"index.js"}',
      'node_modules/@aws-sdk/client-s3/index.js': 'exports.S3Client = require("left-pad");',
      'node_modules/left-pad/index.js': 'module.exports = "padded";',
    });
    const sdk = "import { S3Client } from '@aws-sdk/client-s3';\n";
    expect((await answerTo(node(`${sdk}export const handler = () => S3Client;`, { folder }))).payload).toBe('"padded"');
    const withOwnPackage = await answerTo(
      node(`${sdk}import 'left-pad';\nexport const handler = () => 1;`, { folder }),
    );
    expect(withOwnPackage.payload).toContain("Cannot find package 'left-pad'");
  });

  it('leaves nothing behind', async () => {
    // A temporary folder for this test only, because other processes use the shared one.
    const temporary = folderWith({});
    vi.stubEnv('TMPDIR', temporary);
    await answerTo(node('export const handler = () => 1;'));
    vi.unstubAllEnvs();
    expect(readdirSync(temporary).filter((name) => name.startsWith('crc-invoke-'))).toEqual([]);
  });
});

const hasPython = spawnSync('python3', ['-c', 'import boto3']).status === 0;
if (!hasPython)
  process.stderr.write(
    '\nNOT RUN: "a Python function on this machine" needs python3 with boto3. Get it: pip install boto3\n',
  );

describe.skipIf(!hasPython && !process.env.CRC_REQUIRE)('a Python function on this machine', () => {
  it('gets the event, a context and its environment, and returns an answer', async () => {
    const text =
      'import os\ndef handler(event, context):\n    print("logged")\n    return {"event": event, "name": context.function_name, "table": os.environ["TABLE_NAME"], "left": context.get_remaining_time_in_millis() <= 10000}\n';
    const answer = await answerTo(python(text, { payload: '{"a": 1}', environment: { TABLE_NAME: 'Visits' } }));
    expect(JSON.parse(answer.payload)).toEqual({
      event: { a: 1 },
      name: 'IncrementVisits',
      table: 'Visits',
      left: true,
    });
    expect(answer.log).toContain('logged');
  });

  it.each([
    ['raises', 'def handler(e, c):\n    raise ValueError("no")\n', 'ValueError: no'],
    [
      'does not load',
      'import nope_nope\ndef handler(e, c): pass\n',
      "ModuleNotFoundError: No module named 'nope_nope'",
    ],
    [
      'returns a value that is not JSON',
      'def handler(e, c): return {1, 2}\n',
      /TypeError: .*set is not JSON serializable/,
    ],
    ['ends its process', 'import os\ndef handler(e, c): os._exit(3)\n', /ended without a result \(exit status 3\)/],
    [
      'takes too long',
      'import time\ndef handler(e, c): time.sleep(60)\n',
      'Sandbox.Timedout: Task timed out after 1.00 seconds',
    ],
  ])('that %s is a function error', async (_, text, message) => {
    const answer = await answerTo(python(text, { timeoutSeconds: 1 }));
    expect(asHttp(answer, { byUrl: true }).body).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
    expect(asHttp(answer, { byUrl: true }).ok).toBe(false);
  });

  it('reports a missing Python or boto3', async () => {
    const withoutPython = await invokeLocally(python('def handler(e, c): pass\n', { env: { PATH: '/nowhere' } }));
    expect(withoutPython).toEqual({ cannotRun: 'python3 was not found on the PATH' });
    const fakePython = folderWith({ python3: `#!/bin/sh\necho '{"version":"3.13","has":{"boto3":false}}'\n` });
    spawnSync('chmod', ['+x', `${fakePython}/python3`]);
    const withoutBoto3 = await invokeLocally(
      python('import boto3\ndef handler(e, c): pass\n', { env: { PATH: `${fakePython}:/bin` } }),
    );
    expect(withoutBoto3).toEqual({ cannotRun: 'boto3 is not installed for python3: run `pip install boto3`' });
  });

  it.each([
    ['before its answer', 'echo Welcome', 'boto3 is not installed for python3: run `pip install boto3`'],
    ['after its answer', 'trap "echo Bye" EXIT', 'python3 was not found on the PATH'],
  ])('is not disturbed by a Python that prints %s', async (_, line, cannotRun) => {
    const bare = folderWith({ python3: `#!/bin/sh\n${line}\necho '{"version":"3.13","has":{"boto3":false}}'\n` });
    spawnSync('chmod', ['+x', `${bare}/python3`]);
    const text = 'import boto3\ndef handler(e, c): pass\n';
    expect(await invokeLocally(python(text, { env: { PATH: `${bare}:/bin` } }))).toEqual({ cannotRun });
  });

  it.each([
    ['a comment', '# botocore depends on the order\ndef handler(e, c): return 1\n', false],
    ['a string', 'def handler(e, c): return "import boto3"\n', false],
    ['an import inside a function', 'def handler(e, c):\n    from botocore.config import Config\n', true],
  ])('needs boto3 only if it is imported, and not for %s', async (_, text, needs) => {
    const arguments_ = join(folderWith({}), 'arguments');
    const fakePython = folderWith({
      python3: `#!/bin/sh\necho "$@" >> ${arguments_}\necho '{"version":"3.13","has":{}}'\n`,
    });
    spawnSync('chmod', ['+x', `${fakePython}/python3`]);
    await invokeLocally(python(text, { env: { PATH: `${fakePython}:/bin` } }));
    const [probe = ''] = readFileSync(arguments_, 'utf8').split('\n');
    expect(probe.endsWith(' boto3')).toBe(needs);
  });
});
