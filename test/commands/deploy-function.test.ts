import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteRoleCommand, DeleteRolePolicyCommand, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { sha256 } from '../../src/package/sha256.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { errorDocumentSchema, invokeDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { awsError, type FakeAws, fakeAws, type Handler, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { type FakeLambda, fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { EMPTY_TAG_INDEX } from '../helpers/fake-tag.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

const NAME = 'IncrementVisits';
const CODE = `function-code/${NAME}`;

let aws: FakeAws;
let sts: Record<string, Handler>;
let lambda: FakeLambda;
let cwd: string;

/** The example config without a function URL, so that nothing is called over the network. */
function config(change: (config: LooseConfig) => void = () => undefined): LooseConfig {
  const example = exampleConfig();
  example.functions[0].source = 'fn';
  delete example.functions[0].url;
  change(example);
  return example;
}

const HANDLER = 'export async function handler() { return { statusCode: 200, body: "1" }; }\n';
const source = (text: string) => writeFileSync(join(cwd, 'fn/index.ts'), text);
const configure = (change: (config: LooseConfig) => void) =>
  writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config(change)));

beforeEach(() => {
  lambda = fakeLambda({ busy: 0 });
  lambda.invoke = () => ({ payload: '{"statusCode":200,"body":"{\\"VisitTotal\\":7}"}' });
  sts = { ...fakeSts() };
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: fakeIam(ACCOUNT).handlers,
    sts,
    lambda: lambda.handlers,
    logs: fakeLogs().handlers,
    tag: EMPTY_TAG_INDEX,
  });
  current.clients = aws.clients;
  cwd = folderWith({ 'crc.config.json': JSON.stringify(config()), 'fn/index.ts': HANDLER });
});

async function crc(...args: string[]) {
  return await crcIn({}, ...args);
}

/** With more environment variables. */
async function crcIn(env: Readonly<Record<string, string>>, ...args: string[]) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, env: { PATH: process.env.PATH, ...env } });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err(), writes: aws.calls.filter(isWrite).map(({ operation }) => operation) };
}

async function json(...args: string[]) {
  const result = await crc(...args, '--json');
  return { ...result, document: planDocumentSchema.parse(JSON.parse(result.out)) };
}

const live = () => lambda.functions.get(NAME)?.aliases.get('live');

describe('deploy-function', () => {
  it('reports what was deployed when this machine cannot run the test, and restores the tested version', async () => {
    await crc('deploy-function');
    source(HANDLER.replace('"1"', '"2"'));
    vi.stubEnv('TMPDIR', join(cwd, 'none'));
    const { io, out } = captureIo({ cwd, env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } });
    const code = await run(['node', 'crc', 'deploy-function'], io);
    vi.unstubAllEnvs();
    expect(code).toBe(1);
    expect(out()).toContain(`rolled back  ${CODE}`);
    expect(out()).toContain(
      `Smoke test could not run, on this machine, not on AWS: ${NAME}\n  No temporary folder can be created`,
    );
    expect(out()).toContain('rolled back: live now points to version 1 (was 2)');
    expect(live()?.FunctionVersion).toBe('1');
  });

  it('creates the function and what it needs, in order, serves it, and calls it', async () => {
    const { code, document, writes } = await json('deploy-function');
    expect([code, document.status, document.smokeTest]).toEqual([0, 'converged', { mode: 'remote', ok: true }]);
    expect(Object.keys(document.outcomes ?? {})).toEqual([
      `table/${NAME}`,
      `execution-role/${NAME}`,
      `log-group/${NAME}`,
      `function/${NAME}`,
      CODE,
    ]);
    const order = ['CreateRole', 'PutRolePolicy', 'CreateFunction', 'PublishVersion', 'CreateAlias', 'Invoke'];
    expect(writes.filter((name) => order.includes(name))).toEqual(order);
    expect(writes.indexOf('PutRetentionPolicy')).toBeLessThan(writes.indexOf('CreateFunction'));
    expect(writes.indexOf('CreateTable')).toBeLessThan(writes.indexOf('CreateAlias'));
  });

  it('calls the function on AWS where the variable for an endpoint is empty, as for the SDK', async () => {
    const { out } = await crcIn({ AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_LAMBDA: '' }, 'deploy-function', '--json');
    expect(planDocumentSchema.parse(JSON.parse(out)).smokeTest).toEqual({ mode: 'remote', ok: true });
  });

  it('detects code replaced by another user when verify builds, and restores its own', async () => {
    await crc('deploy-function');
    const foreign = Buffer.from('code of somebody else');
    lambda.handlers.UpdateFunctionCode?.({ FunctionName: NAME, ZipFile: foreign });
    Object.assign(lambda.functions.get(NAME)?.latest ?? {}, { LastUpdateStatus: 'Successful' });
    lambda.handlers.PublishVersion?.({ FunctionName: NAME });
    const source = live()?.Description?.split('source=')[1];
    const Description = `crc version=2 package=${sha256(foreign)} source=${source}`;
    lambda.handlers.UpdateAlias?.({ FunctionName: NAME, Name: 'live', FunctionVersion: '2', Description });
    expect((await json('verify', '--only', CODE)).document.status).toBe('in-sync');

    const { code, document } = await json('verify', '--build', '--only', CODE);
    expect(code).toBe(2);
    expect(document.findings).toMatchObject([
      { id: CODE, status: 'drifted', changes: [{ kind: 'update', path: 'sha256', live: sha256(foreign) }] },
    ]);
    const { out, err } = await crc('verify', '--build', '--only', CODE);
    expect(out).toContain('changed outside crc (expected as deployed)');
    expect(err).toContain('`crc deploy-function');
    expect((await json('deploy-function')).document.outcomes?.[CODE]).toBe('updated');
    expect((await json('verify', '--build', '--only', CODE)).code).toBe(0);
  });

  it('--dry-run --details lists packaged and ignored files', async () => {
    for (const file of ['page.html', '.env', 'index.test.ts']) writeFileSync(join(cwd, 'fn', file), 'x');
    configure((config) => {
      config.functions[0].source = 'fn';
      config.functions[0].include = ['page.html'];
    });
    const { out, writes } = await crc('deploy-function', '--dry-run', '--details');
    expect(out).toMatch(
      /\nPackage of IncrementVisits: 3 files, \d+ B zipped\n {2}index\.mjs {6}\d+ B\n {2}index\.mjs\.map {2}\d+ B\n {2}page\.html {6}1 B\n {2}left out:\n {4}\.env\n {4}index\.test\.ts\n/,
    );
    expect(writes).toEqual([]);
    expect((await crc('deploy-function', '--dry-run')).out).not.toContain('page.html');
  });

  it('shows the warnings of a build in every plan and document', async () => {
    writeFileSync(join(cwd, 'fn/words.txt'), 'x');
    source(`import { readFileSync } from 'node:fs';\nexport const handler = async () => readFileSync('words.txt');\n`);
    const warning = 'the code names words.txt, which is not in the package';
    const planned = (await json('deploy-function', '--dry-run')).document.findings;
    expect(planned).toContainEqual(expect.objectContaining({ id: CODE, warnings: [expect.stringContaining(warning)] }));
    for (const command of ['deploy-function --dry-run', 'bootstrap --dry-run', 'deploy-function', 'verify --build']) {
      const { out, err } = await crc(...command.split(' '));
      expect([command, out.split(`${CODE}: ${warning}`).length, err.includes(warning)]).toEqual([command, 2, false]);
    }
    // Plain verify builds nothing.
    expect((await crc('verify')).out).not.toContain(warning);
  });

  it('without changes writes nothing and calls nothing', async () => {
    await crc('deploy-function');
    const { code, document, writes } = await json('deploy-function');
    expect([code, document.status, document.smokeTest, writes]).toEqual([
      0,
      'in-sync',
      { mode: 'skipped', ok: true },
      [],
    ]);
    expect((await crc('deploy-function')).out).toContain(
      'No changes. The functions match crc.config.json and their source.',
    );
  });

  it.each([
    ['code', ['UpdateFunctionCode', 'PublishVersion', 'UpdateAlias', 'Invoke']],
    ['settings', ['UpdateFunctionConfiguration', 'PublishVersion', 'UpdateAlias', 'Invoke']],
    ['both', ['UpdateFunctionConfiguration', 'UpdateFunctionCode', 'PublishVersion', 'UpdateAlias', 'Invoke']],
    ['architecture', ['UpdateFunctionCode', 'PublishVersion', 'UpdateAlias', 'Invoke']],
    ['architecture and code', ['UpdateFunctionCode', 'PublishVersion', 'UpdateAlias', 'Invoke']],
    ['environment', ['UpdateFunctionConfiguration', 'PublishVersion', 'UpdateAlias', 'Invoke']],
  ])('with changed %s makes exactly these calls', async (what, calls) => {
    await crc('deploy-function');
    if (what.includes('code') || what === 'both') source(`${HANDLER}// more\n`);
    configure(({ functions: [functionConfig] }) => {
      if (what === 'settings' || what === 'both') functionConfig.memoryMb = 256;
      if (what.includes('architecture')) functionConfig.architecture = 'x86_64';
      if (what === 'environment') functionConfig.environment = { TABLE_NAME: 'Visits', NEW: '1' };
    });
    const { code, document, writes } = await json('deploy-function');
    expect([code, document.status, writes]).toEqual([0, 'converged', calls]);
    expect(live()?.FunctionVersion).toBe('2');
    expect(
      (await json('verify')).document.findings.filter(({ id }) => id.endsWith(NAME)).map(({ status }) => status),
    ).toEqual(Array(5).fill('in-sync'));
  });

  it.each([
    [
      'a function error',
      { payload: '{"errorType":"E","errorMessage":"broken"}', functionError: 'Unhandled', log: 'at line 3\n' },
    ],
    ['a status of 500', { payload: '{"statusCode":500,"body":"broken"}', log: 'at line 3\n' }],
  ])('whose test fails with %s restores the alias, shows the log, and exits with 1', async (_, answer) => {
    await crc('deploy-function');
    const before = live()?.Description;
    source(`${HANDLER}// broken\n`);
    lambda.invoke = () => answer;
    const { code, out, err, writes } = await crc('deploy-function');
    expect([code, writes.at(-1)]).toEqual([1, 'UpdateAlias']);
    expect(live()).toMatchObject({ FunctionVersion: '1', Description: before });
    expect(out).toContain('Smoke test failed, on AWS: IncrementVisits');
    expect(out).toContain('broken');
    expect(out).toContain('| at line 3');
    expect(out).toContain('rolled back: live now points to version 1 (was 2)');
    expect(out).toMatch(/rolled back {2}function-code\/IncrementVisits/);
    expect(out).toMatch(/\nFailed: IncrementVisits failed its smoke test, and was rolled back to version 1\.\n$/);
    expect(`${out}${err}`).not.toMatch(/done/i);
    expect(err).toMatch(/\nNext: fix this, then `crc deploy-function IncrementVisits` deploys again\.\n$/);

    // The deployed code still differs from the source, so the next run tries again.
    const verified = await json('verify', '--only', CODE);
    expect([
      verified.code,
      verified.document.findings[0]?.changes.map((change) => ('path' in change ? change.path : '')),
    ]).toEqual([2, ['source']]);
    const failed = await json('deploy-function');
    expect([failed.document.status, failed.document.smokeTest]).toEqual(['failed', { mode: 'remote', ok: false }]);
    lambda.invoke = () => ({ payload: '{"statusCode":200,"body":"1"}' });
    expect((await crc('deploy-function')).code).toBe(0);
    expect(live()?.FunctionVersion).toBe('2');
  });

  it('that fails its test is rolled back even if the run is stopped in the meantime', async () => {
    await crc('deploy-function');
    source(`${HANDLER}// broken\n`);
    const handlers: Record<string, Handler> = lambda.handlers;
    const { GetAlias } = handlers;
    let failed = false;
    lambda.invoke = () => {
      failed = true;
      return { payload: '{"statusCode":500,"body":"{}"}' };
    };
    handlers.GetAlias = (input) => {
      if (failed) process.emit('SIGINT');
      failed = false;
      return GetAlias?.(input) ?? {};
    };
    const { code, out } = await crc('deploy-function');
    expect([code, live()?.FunctionVersion]).toEqual([130, '1']);
    expect(out).toContain('rolled back: live now points to version 1 (was 2)');
  });

  it('whose first test fails reports that there is no version to roll back to', async () => {
    lambda.invoke = () => ({ payload: '{"statusCode":500,"body":"{}"}' });
    const { code, out } = await crc('deploy-function');
    expect([code, out]).toEqual([
      1,
      expect.stringContaining('not rolled back: there is no version before 1, which stays live'),
    ]);
    expect(out).not.toMatch(/public|Done/);
  });

  it('whose first test fails reports what its public URL serves now', async () => {
    configure(({ functions: [functionConfig] }) => {
      functionConfig.url = { cors: { allowOrigins: ['https://resume.example.com'] } };
    });
    lambda.invoke = () => ({ payload: '{"statusCode":500,"body":"{}"}' });
    const { code, out } = await crc('deploy-function');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/\n {2}its URL is public, and serves version 1 to everyone: https:\/\/\S+\n/),
    ]);
    expect(out).not.toContain('Done');
  });

  it('shows the test result, and skips the test with --no-smoke-test', async () => {
    expect((await crc('deploy-function')).out).toContain('alias live: 200 {"VisitTotal":7}');
    source(`${HANDLER}// more\n`);
    const { document, writes } = await json('deploy-function', '--no-smoke-test');
    expect([document.smokeTest, writes]).not.toContain('Invoke');
    expect(document.smokeTest).toEqual({ mode: 'skipped', ok: true });
  });

  it('stops at a failed update with the reason, without moving the alias or testing', async () => {
    await crc('deploy-function');
    source(`${HANDLER}// more\n`);
    lambda.outcome = { code: 'InvalidZipFileException', reason: 'Bad zip.' };
    const { code, document, writes } = await json('deploy-function');
    expect([code, document.outcomes?.[CODE], writes]).toEqual([1, 'failed', ['UpdateFunctionCode']]);
    expect(document.findings.find(({ id }) => id === CODE)?.error?.message).toContain('Bad zip.');
    expect(document.smokeTest).toEqual({ mode: 'skipped', ok: false });
    expect(live()?.FunctionVersion).toBe('1');
  });

  it('does not upload code that does not build, and shows the location of the error', async () => {
    await crc('deploy-function');
    source('export const handler = (;\n');
    const { code, document, writes } = await json('deploy-function');
    expect([code, writes]).toEqual([1, []]);
    expect(document.findings.find(({ id }) => id === CODE)?.error?.message).toContain('index.ts:1:25');
  });

  it('does not take over a function that crc did not create', async () => {
    await crc('deploy-function');
    const lambdaFunction = lambda.functions.get(NAME);
    if (lambdaFunction !== undefined) lambdaFunction.tags = {};
    source(`${HANDLER}// more\n`);
    const { code, document, writes } = await json('deploy-function');
    expect([code, document.outcomes?.[`function/${NAME}`], document.outcomes?.[CODE], writes]).toEqual([
      1,
      'blocked',
      'blocked',
      [],
    ]);
  });

  it('--dry-run shows and writes nothing: 2 with something to do, 0 without', async () => {
    const before = await json('deploy-function', '--dry-run');
    expect([before.code, before.document.status, before.writes]).toEqual([2, 'changes', []]);
    await crc('deploy-function');
    expect((await json('deploy-function', '--dry-run')).code).toBe(0);
  });

  it('names one of several functions that share a table', async () => {
    configure(({ functions }) => functions.push({ ...functions[0], name: 'Second', logRetentionDays: 1 }));
    const { document } = await json('deploy-function', 'Second');
    expect(Object.keys(document.outcomes ?? {})).toEqual([
      `table/${NAME}`,
      'execution-role/Second',
      'log-group/Second',
      'function/Second',
      'function-code/Second',
    ]);
    const all = await json('deploy-function');
    expect(Object.values(all.document.outcomes ?? {}).filter((outcome) => outcome === 'created')).toHaveLength(4);
    expect(all.writes.filter((name) => name === 'Invoke')).toHaveLength(2);
  });

  it('--only calls no function except the selected one', async () => {
    configure(({ functions }) => functions.push({ ...functions[0], name: 'Second' }));
    await crc('deploy-function', '--no-smoke-test');
    source(`${HANDLER}// more\n`);
    expect((await json('deploy-function', '--only', CODE)).document.smokeTest).toEqual({ mode: 'remote', ok: true });
    const called = aws.calls.filter(({ operation }) => operation === 'Invoke').map(({ input }) => input.FunctionName);
    expect(called).toEqual([NAME]);
  });

  it('--only of what a function needs does not call it, deployed or not', async () => {
    const { code, document } = await json('deploy-function', '--only', `log-group/${NAME}`);
    expect([code, document.outcomes, document.smokeTest]).toEqual([
      0,
      { [`log-group/${NAME}`]: 'created' },
      { mode: 'skipped', ok: true },
    ]);
  });

  it('an unknown function is an error that lists the known ones, before any call', async () => {
    const { code, out } = await crc('deploy-function', 'Nope', '--json');
    const { error } = errorDocumentSchema.parse(JSON.parse(out));
    expect([code, error.message, error.hint]).toEqual([
      1,
      'The config has no function "Nope".',
      `Choose from ${NAME}.`,
    ]);
    expect(aws.calls).toEqual([]);
    configure((all) => {
      all.functions = [];
    });
    expect((await crc('deploy-function')).err).toContain('The config has no functions.');
  });

  it('bootstrap reports that it did not test what it deployed', async () => {
    const first = await crc('bootstrap', '--yes');
    expect(first.out).toMatch(
      /Done\.[\s\S]*\nNot tested: IncrementVisits\. `crc invoke IncrementVisits` calls it\.\n$/,
    );
    expect((await crc('bootstrap', '--yes')).out).not.toContain('Not tested');
  });

  it('bootstrap reports that a function has a new role, which Lambda may not let use its key', async () => {
    await crc('bootstrap', '--yes');
    const RoleName = `${NAME}-execution`;
    const { iam } = aws.clients;
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    expect((await crc('bootstrap', '--yes')).out).toContain(
      '\nNot tested: IncrementVisits, which has a new role. `crc invoke IncrementVisits` calls it.\n',
    );
    expect((await crc('bootstrap', '--yes')).out).not.toContain('Not tested');
  });

  it('bootstrap does not report that in an emulator that stops with the command', async () => {
    const emulator = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const { out } = await crcIn({ ...emulator, CRC_NO_NEXT_STEP: '1' }, 'bootstrap', '--yes');
    expect(out).toContain('Done. 9 created, 0 changed.');
    expect(out).not.toContain('Not tested');
    source(HANDLER.replace('"1"', '"2"'));
    expect((await crcIn(emulator, 'bootstrap', '--yes')).out).toContain('Not tested: IncrementVisits. `crc invoke');
  });

  it('that the config disables is not offered to be called, since Lambda rejects every call', async () => {
    configure(({ functions: [functionConfig] }) => {
      functionConfig.reservedConcurrency = 0;
    });
    const created = await crc('bootstrap', '--yes');
    source(`${HANDLER}// more\n`);
    const deployed = await crc('deploy-function');
    expect([created.code, deployed.code]).toEqual([0, 0]);
    for (const { out, err } of [created, deployed]) expect(`${out}${err}`).not.toContain('crc invoke');
    aws.fail('Invoke', awsError('TooManyRequestsException', 429));
    expect((await crc('invoke', NAME)).err).toContain(
      'Lambda does not call IncrementVisits: "reservedConcurrency": 0 in the config disables it.',
    );
  });

  it('bootstrap also deploys code, and calls nothing', async () => {
    const { code, writes } = await json('bootstrap', '--yes');
    expect([code, writes.includes('CreateAlias'), writes.includes('Invoke')]).toEqual([0, true, false]);
  });
});

describe('deploy-function with the behaviour of AWS', () => {
  it('rolls back after a failed test, even if the answer to the alias move was lost', async () => {
    await crc('deploy-function');
    source(`${HANDLER}// broken\n`);
    lambda.invoke = () => ({ payload: '{"statusCode":500,"body":"broken"}' });
    const { UpdateAlias } = lambda.handlers;
    let isLost = false;
    Object.assign(lambda.handlers, {
      UpdateAlias: (input: object) => {
        const answer = UpdateAlias?.(input) ?? {};
        if (isLost) return answer;
        isLost = true;
        // The SDK retries, but by then the function has a new revision.
        throw awsError('PreconditionFailedException', 412);
      },
    });
    const { code, out } = await crc('deploy-function');
    expect([code, live()?.FunctionVersion]).toEqual([1, '1']);
    expect(out).toContain('rolled back: live now points to version 1 (was 2)');
  });

  it('deploys nothing to a function of another project', async () => {
    await crc('deploy-function');
    Object.assign(lambda.functions.get(NAME)?.tags ?? {}, { 'crc:project': 'blog' });
    source(`${HANDLER}// second\n`);
    for (const more of [[], ['--only', CODE]]) {
      const { code, document, writes } = await json('deploy-function', ...more);
      expect([code, document.outcomes?.[CODE], writes]).toEqual([1, 'blocked', []]);
    }
  });

  it('waits for the permissions of a role that this run created, and for no others', async () => {
    const denied = {
      payload: '{"statusCode":500,"body":"no"}',
      log: 'is not authorized to perform: dynamodb:UpdateItem',
    };
    const answers = [denied];
    lambda.invoke = () => answers.shift() ?? { payload: '{"statusCode":200,"body":"1"}' };
    const first = await crc('deploy-function');
    expect([first.code, first.out]).toEqual([0, expect.stringContaining('for the new permissions of the function')]);

    source(`${HANDLER}// denied\n`);
    answers.push(denied);
    const { code, writes } = await crc('deploy-function');
    expect([code, writes.filter((name) => name === 'Invoke')]).toEqual([1, ['Invoke']]);
  });

  it.each(['iam:PutRolePolicy', 'lambda:CreateFunction', 'lambda:CreateAlias'] as const)(
    'prints a fix when CI may not call %s',
    async (call) => {
      aws.answer(call, 'denied');
      const { code, out } = await crc('deploy-function');
      expect([code, out]).toEqual([1, expect.stringContaining('Run `crc bootstrap` with credentials that may change')]);
    },
  );

  it.each(['lambda:UpdateFunctionCode', 'lambda:PublishVersion', 'lambda:UpdateAlias'] as const)(
    'names the missing permission when %s, which CI may call, is denied',
    async (call) => {
      await crc('deploy-function');
      source(`${HANDLER}// second\n`);
      aws.answer(call, 'denied');
      const { code, out } = await crc('deploy-function');
      expect([code, out]).toEqual([1, expect.not.stringContaining('Run `crc bootstrap` with credentials')]);
    },
  );
});

describe('a function that is not deployed yet', () => {
  it.each([
    ['invoke', ['invoke', NAME]],
    ['deploy-function --rollback', ['deploy-function', NAME, '--rollback']],
  ])('is reported by %s, with the command to deploy it', async (_, args) => {
    expect(await crc(...args)).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `The function ${NAME} is not deployed yet.\nDeploy it with \`crc deploy-function ${NAME}\`, or create`,
      ),
    });
  });
});

describe('credentials for another account, whose answer comes last', () => {
  it.each([
    ['deploy-function --rollback', ['deploy-function', NAME, '--rollback']],
    [
      'destroy --orphans --only',
      ['destroy', '--orphans', '--only', 'role/Old', '--confirm', config().stateBucket.name],
    ],
  ])('are what %s reports, and not what that account lacks', async (_, args) => {
    sts.GetCallerIdentity = () => ({ Account: '999999999999', Arn: 'arn:aws:iam::999999999999:user/me' });
    const load: typeof aws.clients.load = async (...names) => {
      if (names.includes('sts')) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    current.clients = { ...aws.clients, load };
    expect(await crc(...args)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`for account 999999999999, but the config is for account ${ACCOUNT}`),
      writes: [],
    });
  });
});

describe('deploy-function --rollback', () => {
  beforeEach(async () => {
    await crc('deploy-function');
    source(`${HANDLER}// second\n`);
    await crc('deploy-function');
    expect(live()?.FunctionVersion).toBe('2');
  });

  it.each([
    ['', ['deploy-function', NAME, '--rollback']],
    ['with a version', ['deploy-function', NAME, '--rollback', '1']],
    ['with the name behind it', ['deploy-function', '--rollback', NAME]],
    ['with one function in the config', ['deploy-function', '--rollback']],
  ])('restores the previous version with one write, and tests it %s', async (_, args) => {
    const { code, document, writes } = await json(...args);
    expect([code, document.status, document.smokeTest, writes]).toEqual([
      0,
      'converged',
      { mode: 'remote', ok: true },
      ['UpdateAlias', 'Invoke'],
    ]);
    expect(document.findings[0]?.changes).toEqual([{ kind: 'update', path: 'alias', live: '2', want: '1' }]);
    expect(live()?.FunctionVersion).toBe('1');
  });

  it('that is stopped once live has moved does not advise to run it again, which would go back further', async () => {
    const handlers: Record<string, Handler> = lambda.handlers;
    const { UpdateAlias } = handlers;
    handlers.UpdateAlias = (input) => {
      process.emit('SIGINT');
      return UpdateAlias?.(input) ?? {};
    };
    const { code, err } = await crc('deploy-function', NAME, '--rollback');
    expect([code, live()?.FunctionVersion]).toEqual([130, '1']);
    expect(err).toContain('It was done before it could be stopped.');
    expect(err).not.toContain('Run the command again');
  });

  it('reports that bootstrap deploys the new version again, which it does', async () => {
    const { out } = await crc('deploy-function', NAME, '--rollback');
    expect(out).toContain('IncrementVisits rolled back: live now points to version 1 (was 2).');
    expect(out).toContain('`crc deploy-function IncrementVisits` and `crc bootstrap` move live forward again');
    expect((await json('verify', '--only', CODE)).document.findings[0]?.changes).toEqual([
      { kind: 'update', path: 'alias', live: '1', want: '2' },
    ]);
    await crc('bootstrap', '--yes');
    expect(live()?.FunctionVersion).toBe('2');
  });

  it('says where the config allows what the earlier version lacks', async () => {
    const denied = `User: arn:aws:sts::${ACCOUNT}:assumed-role/e/f is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Visits because no identity-based policy allows the dynamodb:GetItem action`;
    lambda.invoke = () => ({ payload: JSON.stringify({ errorMessage: denied }), functionError: 'Unhandled' });
    const { code, out } = await crc('deploy-function', NAME, '--rollback');
    expect([code, out]).toEqual([1, expect.stringContaining('write "access": "read-write" in "table"')]);
  });

  it('shows a traffic split that it ends', async () => {
    Object.assign(live() ?? {}, {
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.005 } },
    });
    const { out } = await crc('deploy-function', NAME, '--rollback');
    expect(out).toContain('IncrementVisits rolled back: live now points to version 1 (was 1, 0.5 % to 2).');
    expect(live()?.RoutingConfig?.AdditionalVersionWeights).toEqual({});
  });

  it('--dry-run shows and writes nothing', async () => {
    const { code, document, writes } = await json('deploy-function', NAME, '--rollback', '--dry-run');
    expect([code, document.status, writes]).toEqual([2, 'changes', []]);
  });

  it.each([
    ['that crc did not create', (tags: Record<string, string>) => delete tags.ManagedBy, 'tags.ManagedBy'],
    [
      'of another project',
      (tags: Record<string, string>) => Object.assign(tags, { 'crc:project': 'blog' }),
      'tags.crc:project',
    ],
  ])('of a function %s is a conflict, without a write', async (_, change, path) => {
    change(lambda.functions.get(NAME)?.tags ?? {});
    const { code, document, writes } = await json('deploy-function', NAME, '--rollback');
    expect([code, document.status, document.outcomes, writes]).toEqual([
      1,
      'failed',
      { [`function/${NAME}`]: 'blocked' },
      [],
    ]);
    expect(document.findings).toMatchObject([{ status: 'conflict', changes: [{ kind: 'conflict', path }] }]);
    expect((await crc('deploy-function', NAME, '--rollback')).out).toContain(
      'The alias "live" of IncrementVisits was not',
    );
    expect((await json('deploy-function', NAME, '--rollback', '--dry-run')).code).toBe(2);
    expect(live()?.FunctionVersion).toBe('2');
  });

  it('of a version that does not exist, or of several functions, is refused', async () => {
    expect((await crc('deploy-function', NAME, '--rollback', '9')).err).toContain('has no version 9');
    configure(({ functions }) => functions.push({ ...functions[0], name: 'Second' }));
    expect((await crc('deploy-function', '--rollback')).err).toContain('one function at a time');
    expect((await crc('deploy-function', NAME, '--rollback', '--only', 'function/Second')).err).toContain(
      '--only and --rollback cannot be used together',
    );
    expect(aws.calls.filter(isWrite)).toEqual([]);
  });
});

describe('invoke', () => {
  beforeEach(async () => {
    await crc('deploy-function', '--no-smoke-test');
  });

  it('calls the alias with a payload, and shows status, body and log', async () => {
    let got: unknown;
    lambda.invoke = (qualifier, payload) => {
      got = [qualifier, payload];
      return { payload: '{"statusCode":201,"body":"made"}', log: 'START\nEND\n' };
    };
    const { code, out, err } = await crc('invoke', NAME, '--payload', '{"a":1}');
    expect([code, out, got]).toEqual([0, '201\nmade\n', ['live', '{"a":1}']]);
    expect(err).toContain('| START\n| END\n');

    writeFileSync(join(cwd, 'event.json'), '\uFEFF{"b":2}');
    const { out: document } = await crc('invoke', NAME, '--payload', '@event.json', '--json');
    expect(invokeDocumentSchema.parse(JSON.parse(document))).toMatchObject({
      status: 'succeeded',
      statusCode: 201,
      body: 'made',
    });
    expect(got).toEqual(['live', '{"b":2}']);
  });

  it.each([
    ['a status of 404', { payload: '{"statusCode":404,"body":"no"}' }, '404\nno\n'],
    ['a function error', { payload: '{"errorMessage":"no"}', functionError: 'Unhandled' }, 'Unhandled\nno\n'],
  ])('exits with 1 on %s', async (_, answer, out) => {
    lambda.invoke = () => answer;
    expect(await crc('invoke', NAME)).toMatchObject({ code: 1, out });
    const { out: text } = await crc('invoke', NAME, '--json');
    expect(invokeDocumentSchema.parse(JSON.parse(text)).status).toBe('failed');
  });

  it.each([
    ['sends the request of the config', [], ['POST', '/visits', 'page=cv', '{"page":"cv"}', 'application/json']],
    ['as a REST API does', ['--event', 'rest'], ['POST', '/visits', undefined, '{"page":"cv"}', 'application/json']],
  ])('%s', async (_, args, expected) => {
    configure(({ functions: [functionConfig] }) => {
      functionConfig.test = {
        method: 'POST',
        path: '/visits',
        query: { page: 'cv' },
        headers: { 'Content-Type': 'application/json' },
        body: '{"page":"cv"}',
      };
    });
    let event: LooseConfig = {};
    lambda.invoke = (_qualifier, payload) => {
      event = JSON.parse(payload);
      return { payload: '{"statusCode":200,"body":"1"}' };
    };
    expect((await crc('invoke', NAME, ...args)).code).toBe(0);
    const { method, path } = event.requestContext.http ?? { method: event.httpMethod, path: event.path };
    const { rawQueryString, body, headers } = event;
    expect([method, path, rawQueryString, body, headers['content-type']]).toEqual(expected);
    expect(headers).not.toHaveProperty('x-crc-smoke-test');
  });

  it('explains why a function URL would not return an answer', async () => {
    configure(({ functions: [functionConfig] }) => {
      functionConfig.url = {};
    });
    lambda.invoke = () => ({ payload: '{"statusCode":"200","body":"1"}' });
    const { code, out, err } = await crc('invoke', NAME);
    expect([code, out]).toEqual([1, '502\n{"statusCode":"200","body":"1"}\n']);
    expect(err).toContain('statusCode is "200", and must be a number; return 200');
    // API Gateway accepts this response.
    expect(await crc('invoke', NAME, '--event', 'rest')).toMatchObject({ code: 0, out: '200\n1\n' });
  });

  it('--local reports whose permissions it uses, and which version of Node it runs on', async () => {
    const other = process.versions.node.startsWith('24.') ? 'nodejs22.x' : 'nodejs24.x';
    configure(({ functions: [functionConfig] }) => {
      functionConfig.runtime = other;
    });
    const { err } = await crc('invoke', NAME, '--local');
    expect(err).toContain("note: runs with your credentials, not with the permissions of the function's role");
    expect(err).toMatch(/note: runs on Node\.js \d+ here, Lambda has \d+\n/);
  });

  it('--local --as-role uses a session with the policy of the role, if AWS allows it', async () => {
    source('export const handler = async () => ({ statusCode: 200, body: process.env.AWS_ACCESS_KEY_ID });\n');
    const Credentials = { AccessKeyId: 'ASIAOFTHEROLE', SecretAccessKey: 's', SessionToken: 't' };
    Object.assign(sts, { GetFederationToken: () => ({ Credentials }) });
    const { code, out, err } = await crc('invoke', NAME, '--local', '--as-role');
    expect([code, out]).toEqual([0, '200\nASIAOFTHEROLE\n']);
    expect(err).toContain('note: runs with what both IncrementVisits-execution and your credentials allow\n');
    const emulated = await crc('invoke', NAME, '--local', '--as-role', '--endpoint-url', 'http://127.0.0.1:1');
    expect(emulated.err).toContain('your credentials allow, where the emulator enforces that\n');
    const federated = aws.calls.find(({ operation }) => operation === 'GetFederationToken');
    expect(
      JSON.parse(String(federated?.input.Policy)).Statement.map(({ Action }: { Action: unknown }) => Action),
    ).toEqual(['dynamodb:UpdateItem', ['logs:CreateLogStream', 'logs:PutLogEvents']]);

    aws.fail('GetFederationToken', awsError('AccessDenied', 403));
    expect(await crc('invoke', NAME, '--local', '--as-role')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not for temporary credentials (SSO, an assumed role)'),
    });
  });

  it('--local runs with the profile that crc uses, and without keys that other SDKs prefer to it', async () => {
    source(
      'export const handler = async () => ({ statusCode: 200, body: `${process.env.AWS_PROFILE} ${process.env.AWS_ACCESS_KEY_ID}` });\n',
    );
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAOTHER', AWS_SECRET_ACCESS_KEY: 's' };
    const body = async (env: Readonly<Record<string, string>>, ...args: string[]) =>
      (await crcIn({ ...keys, ...env }, 'invoke', NAME, '--local', ...args)).out;
    expect(await body({}, '--profile', 'work')).toBe('200\nwork undefined\n');
    expect(await body({ AWS_PROFILE: 'work' })).toBe('200\nwork undefined\n');
    expect(await body({})).toBe('200\nundefined AKIAOTHER\n');
  });

  it('--local runs the package of the current source, deployed or not', async () => {
    source(
      'export const handler = async (event) => ({ statusCode: 200, body: `${event.x} ${process.env.TABLE_NAME}` });\n',
    );
    const { code, out, writes } = await crc('invoke', NAME, '--local', '--payload', '{"x":3}');
    expect([code, out, writes]).toEqual([0, '200\n3 Visits\n', []]);
  });

  it.each([
    [['invoke', NAME, '--payload', '{'], '--payload is not JSON'],
    [['invoke', NAME, '--payload', '@nope.json'], 'cannot be read: no such file or folder'],
    [['invoke', 'Nope'], 'has no function "Nope"'],
    [['invoke'], 'crc invoke needs <name>.'],
    [['invoke', NAME, '--as-role'], '--as-role can only be used with --local'],
    [['invoke', NAME, '--event', 'http'], '--event must be url or rest, not "http".'],
    [['invoke', NAME, '--event', 'rest', '--payload', '{}'], '--event and --payload cannot be used together.'],
  ])('%j is refused with an explanation', async (args, message) => {
    const { code, err } = await crc(...args);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    expect(aws.calls).toEqual([]);
  });

  it('of another account is refused', async () => {
    aws.fail('GetCallerIdentity', awsError('ExpiredToken', 403));
    expect((await crc('invoke', NAME)).err).toContain('expired');
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['GetCallerIdentity']);
  });
});
