import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteRetentionPolicyCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand as TagLogGroupCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DeleteTableCommand, GetItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteRolePolicyCommand, UpdateAssumeRolePolicyCommand, UpdateRoleCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  DeleteFunctionUrlConfigCommand,
  GetPolicyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { zip } from '../../src/package/zip.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { runCli } from '../helpers/cli.ts';
import { exampleConfig, type LooseConfig, project } from '../helpers/configs.ts';
import { contextFor, READ_ONLY_RUN } from '../helpers/context.ts';
import { invokeDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { benchAt, useMoto, useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

const NAME = 'IncrementVisits';
const CODE = `function-code/${NAME}`;
const FunctionName = NAME;
const OTHER_CODE = zip([{ path: 'index.mjs', bytes: Buffer.from('export const handler = () => "evil";') }]);

const usePython = (config: LooseConfig) => {
  Object.assign(config.functions[0], {
    source: 'functions/increment-visits/python',
    runtime: 'python3.13',
    handler: 'IncrementVisits.lambda_handler',
  });
};

describeWith('moto', 'deploy-function', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  let cwd: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  beforeEach(() => {
    cwd = project();
    proxy.intercept = async () => 'pass';
  });
  afterAll(async () => {
    await proxy.stop();
  });
  const crc = async (...args: string[]) => {
    proxy.calls.length = 0;
    const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
    const { code, stdout, stderr } = await runCli([...args, '--json'], { cwd, env });
    const writes = proxy.calls
      .filter(({ write, name }) => write && name !== 'GetCallerIdentity')
      .map(({ name }) => name);
    return { code, stderr, writes, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };
  const entry = () => join(cwd, 'functions/increment-visits/index.ts');
  const lambda = (method: string, path: string) => `lambda:${method} functions/${NAME}/${path}`;

  it.each([
    ['TypeScript', () => undefined],
    ['Python', usePython],
  ])('of the %s counter: fresh, then zero writes, then verified', async (_, change) => {
    cwd = project(change);
    const first = await crc('deploy-function');
    expect([first.code, first.document.status, first.document.smokeTest]).toEqual([
      0,
      'converged',
      { mode: 'local', ok: true },
    ]);
    const second = await crc('deploy-function');
    expect([second.code, second.document.status, second.writes]).toEqual([0, 'in-sync', []]);
    const functions = first.document.findings.flatMap(({ id }) => ['--only', id]);
    const verified = await crc('verify', ...functions);
    expect([verified.code, verified.writes]).toEqual([0, []]);
    expect(verified.document.findings).toHaveLength(6);
    // The smoke test used the table of the endpoint, but did not count a visit.
    const { Item } = await moto().clients.dynamodb.send(
      new GetItemCommand({ TableName: 'Visits', Key: { Id: { S: 'cv' } } }),
    );
    expect(Item?.VisitTotal).toEqual({ N: '0' });
  });

  it('with changed code: one UpdateFunctionCode, one version, the alias moved', async () => {
    await crc('bootstrap');
    writeFileSync(entry(), `${readFileSync(entry(), 'utf8')} `);
    const { code, document, writes } = await crc('deploy-function', '--no-smoke-test');
    expect([code, document.status]).toEqual([0, 'converged']);
    expect(writes).toEqual([lambda('PUT', 'code'), lambda('POST', 'versions'), lambda('PUT', 'aliases/live')]);
    expect((await crc('verify')).code).toBe(0);
  });

  it('with a different memory size: no upload', async () => {
    await crc('bootstrap');
    const config = exampleConfig();
    config.functions[0].memoryMb = 256;
    writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
    const { writes } = await crc('deploy-function', '--no-smoke-test');
    expect(writes).toEqual([lambda('PUT', 'configuration'), lambda('POST', 'versions'), lambda('PUT', 'aliases/live')]);
    expect((await crc('bootstrap')).writes).toEqual([]);
  });

  it('that fails in Lambda: exit 1 with the reason, and the alias unchanged', async () => {
    await crc('bootstrap');
    writeFileSync(entry(), `${readFileSync(entry(), 'utf8')} `);
    let updated = false;
    proxy.intercept = async ({ name }, _, response) => {
      updated ||= name === lambda('PUT', 'code');
      if (!updated || name !== `lambda:GET functions/${NAME}`) return 'pass';
      const Configuration = {
        FunctionName,
        FunctionArn: `arn:aws:lambda:eu-west-2:123456789012:function:${NAME}`,
        Role: `arn:aws:iam::123456789012:role/${NAME}-execution`,
        CodeSha256: 'of-the-failed-update',
        State: 'Active',
        LastUpdateStatus: 'Failed',
        LastUpdateStatusReasonCode: 'InternalError',
        LastUpdateStatusReason: 'Lambda had a bad day.',
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ Configuration }));
      return 'handled';
    };
    const { code, document, writes } = await crc('deploy-function');
    expect([code, document.outcomes?.[CODE], writes]).toEqual([1, 'failed', [lambda('PUT', 'code')]]);
    expect(document.findings.find(({ id }) => id === CODE)?.error?.message).toBe(
      'Lambda could not update IncrementVisits: InternalError: Lambda had a bad day.',
    );
    proxy.intercept = async () => 'pass';
    const verified = await crc('verify', '--only', CODE);
    expect(verified.document.findings[0]?.changes).toMatchObject([{ path: 'source' }]);
    expect((await crc('deploy-function')).code).toBe(0);
  });

  it('waits while Lambda reports an update in progress', async () => {
    await crc('bootstrap');
    writeFileSync(entry(), `${readFileSync(entry(), 'utf8')} `);
    let refused = 0;
    proxy.intercept = async ({ name }, _, response) => {
      if (name !== lambda('PUT', 'code') || refused === 2) return 'pass';
      refused += 1;
      response
        .writeHead(409, { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceConflictException' })
        .end('{"Message":"The operation cannot be performed at this time. An update is in progress for resource: x"}');
      return 'handled';
    };
    expect((await crc('deploy-function')).code).toBe(0);
    expect(refused).toBe(2);
  });

  it('whose test fails restores its alias, and shows the log', async () => {
    await crc('bootstrap');
    const original = readFileSync(entry(), 'utf8');
    writeFileSync(
      entry(),
      'export async function handler() { console.log("about to fail"); throw new Error("broken"); }\n',
    );
    const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
    const { code, stdout } = await runCli(['deploy-function'], { cwd, env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/Smoke test failed, on this machine, not on AWS: IncrementVisits\n.*Error: broken\n/);
    expect(stdout).toMatch(/\| about to fail/);
    expect(stdout).toContain('rolled back: live now points to version 1 (was 2)');
    expect(stdout).not.toMatch(/done/i);
    writeFileSync(entry(), original);
    expect((await crc('deploy-function', '--no-smoke-test')).code).toBe(0);
    expect((await crc('verify')).code).toBe(0);
  });

  it('--rollback restores the previous version, and bootstrap deploys the new one again', async () => {
    await crc('bootstrap');
    writeFileSync(entry(), `${readFileSync(entry(), 'utf8')} `);
    await crc('deploy-function', '--no-smoke-test');
    const back = await crc('deploy-function', NAME, '--rollback');
    expect([back.code, back.writes, back.document.smokeTest]).toEqual([
      0,
      [lambda('PUT', 'aliases/live')],
      { mode: 'skipped', ok: true },
    ]);
    const drifted = await crc('verify');
    expect([drifted.code, drifted.document.findings.find(({ id }) => id === CODE)?.changes]).toEqual([
      2,
      [{ kind: 'update', path: 'alias', live: '1', want: '2' }],
    ]);
    expect((await crc('bootstrap')).code).toBe(0);
    expect((await crc('verify')).code).toBe(0);
  });

  it('concurrent runs end in the same state', async () => {
    const env = moto().env;
    const results = await Promise.all([1, 2].map(() => runCli(['deploy-function', '--json'], { cwd, env })));
    expect(results.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual([0, 0]);
    const functions = ['table', 'execution-role', 'log-group', 'function', 'function-code', 'function-url'];
    expect((await crc('verify', ...functions.flatMap((kind) => ['--only', `${kind}/${NAME}`]))).code).toBe(0);
  });

  it('of code whose source does not exist: unread, exit 1, and the rest is still reported', async () => {
    await crc('bootstrap');
    const config = exampleConfig();
    config.functions[0].source = 'elsewhere';
    writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
    const { code, document } = await crc('verify');
    expect(code).toBe(1);
    const unread = document.findings.filter(({ status }) => status !== 'in-sync');
    expect(unread.map(({ id, status, error }) => [id, status, error?.message])).toEqual([
      [CODE, 'unread', expect.stringMatching(/source folder .*elsewhere cannot be read: it does not exist/)],
    ]);
  });

  it.each([
    ['TypeScript', () => undefined, '{"Id":"cv","VisitTotal":'],
    ['Python', usePython, '{"Id": "cv", "VisitTotal": '],
  ])('the %s counter, invoked here: 1, then 2, then 500 without its table', async (_, change, body) => {
    cwd = project(change);
    await crc('bootstrap');
    const invoke = async () => {
      const { code, stdout } = await runCli(['invoke', NAME, '--local', '--json'], { cwd, env: moto().env });
      return { code, ...invokeDocumentSchema.parse(JSON.parse(stdout)) };
    };
    expect(await invoke()).toMatchObject({ code: 0, statusCode: 200, body: `${body}1}` });
    expect(await invoke()).toMatchObject({ code: 0, statusCode: 200, body: `${body}2}` });
    const { dynamodb } = moto().clients;
    await dynamodb.send(new UpdateTableCommand({ TableName: 'Visits', DeletionProtectionEnabled: false }));
    await dynamodb.send(new DeleteTableCommand({ TableName: 'Visits' }));
    const failed = await invoke();
    expect(failed).toMatchObject({ code: 1, statusCode: 500, status: 'failed' });
    expect(JSON.parse(failed.body)).toEqual({ error: expect.any(String) });
    expect(failed.log).toContain('ResourceNotFoundException');
  });

  it('suggests to run it on this machine if the emulator runs no code', async () => {
    await crc('bootstrap');
    const { code, stderr } = await runCli(['invoke', NAME], { cwd, env: moto().env });
    expect([code, stderr]).toEqual([1, expect.stringContaining('--local')]);
  });

  it('shows no environment value, in any output', async () => {
    cwd = project(({ functions: [functionConfig] }) => {
      functionConfig.environment = { TABLE_NAME: 'Visits', API_KEY: 'value-marked' };
    });
    const outputs = await Promise.all(
      [
        ['bootstrap', '--dry-run'],
        ['deploy-function', '--dry-run', '--json'],
        ['verify', '--verbose'],
        ['verify', '--markdown'],
      ].map((args) => runCli(args, { cwd, env: moto().env })),
    );
    const deployed = await runCli(['deploy-function', '--verbose'], { cwd, env: moto().env });
    await moto().clients.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { API_KEY: 'other-marked' } } }),
    );
    const drifted = await runCli(['verify'], { cwd, env: moto().env });
    expect(drifted.stdout).toMatch(/~ environment\.API_KEY +\(another value\) \(expected as in the config\)/);
    for (const { stdout, stderr } of [...outputs, deployed, drifted]) expect(stdout + stderr).not.toContain('marked');
  });
});

interface Case {
  readonly id: string;
  readonly path: string;
  readonly live: unknown;
  /** Number of write calls that fix it. */
  readonly writes: number;
  tamper(clients: ReturnType<ReturnType<typeof useMoto>>['clients']): Promise<unknown>;
}

const ofFunction = (path: string, live: unknown, change: object): Case => ({
  id: `function/${NAME}`,
  path,
  live,
  writes: 1,
  tamper: ({ lambda }) => lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change })),
});
const ofUrl = (path: string, live: unknown, change: object): Case => ({
  id: `function-url/${NAME}`,
  path,
  live,
  writes: 1,
  tamper: ({ lambda }) => lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName, ...change })),
});
const CORS = { AllowOrigins: ['https://resume.example.com'], AllowMethods: ['GET'] };
const OTHER = '(another value)';

/** Moto drops changes of the architecture. The fakes cover them. */
const CASES: readonly Case[] = [
  {
    id: `table/${NAME}`,
    path: 'deletionProtection',
    live: false,
    writes: 1,
    tamper: ({ dynamodb }) =>
      dynamodb.send(new UpdateTableCommand({ TableName: 'Visits', DeletionProtectionEnabled: false })),
  },
  {
    id: `table/${NAME}`,
    path: 'capacity.mode',
    live: 'provisioned',
    writes: 1,
    tamper: ({ dynamodb }) =>
      dynamodb.send(
        new UpdateTableCommand({
          TableName: 'Visits',
          BillingMode: 'PROVISIONED',
          ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
        }),
      ),
  },
  {
    id: `execution-role/${NAME}`,
    path: 'trust',
    live: expect.anything(),
    writes: 1,
    tamper: ({ iam }) =>
      iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: `${NAME}-execution`,
          PolicyDocument:
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
        }),
      ),
  },
  {
    id: `execution-role/${NAME}`,
    path: 'policy',
    live: null,
    writes: 1,
    tamper: ({ iam }) =>
      iam.send(new DeleteRolePolicyCommand({ RoleName: `${NAME}-execution`, PolicyName: 'ExecutionPolicy' })),
  },
  {
    id: `execution-role/${NAME}`,
    path: 'settings.description',
    live: 'mine',
    writes: 1,
    tamper: ({ iam }) =>
      iam.send(new UpdateRoleCommand({ RoleName: `${NAME}-execution`, Description: 'mine', MaxSessionDuration: 3600 })),
  },
  {
    id: `log-group/${NAME}`,
    path: 'retentionDays',
    live: null,
    writes: 1,
    tamper: ({ logs }) => logs.send(new DeleteRetentionPolicyCommand({ logGroupName: `/aws/lambda/${NAME}` })),
  },
  {
    id: `log-group/${NAME}`,
    path: 'retentionDays',
    live: 365,
    writes: 1,
    tamper: ({ logs }) =>
      logs.send(new PutRetentionPolicyCommand({ logGroupName: `/aws/lambda/${NAME}`, retentionInDays: 365 })),
  },
  {
    id: `log-group/${NAME}`,
    path: 'tags.Project',
    live: 'other',
    writes: 1,
    tamper: ({ logs }) =>
      logs.send(
        new TagLogGroupCommand({
          resourceArn: `arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/${NAME}`,
          tags: { Project: 'other' },
        }),
      ),
  },
  ofFunction('settings.runtime', 'nodejs20.x', { Runtime: 'nodejs20.x' }),
  ofFunction('settings.handler', 'other.handler', { Handler: 'other.handler' }),
  ofFunction('settings.role', expect.stringContaining(':role/GitHubActionsTerraformRole'), {
    Role: 'arn:aws:iam::123456789012:role/GitHubActionsTerraformRole',
  }),
  ofFunction('settings.memoryMb', 1024, { MemorySize: 1024 }),
  ofFunction('settings.timeoutSeconds', 900, { Timeout: 900 }),
  ofFunction('environment.TABLE_NAME', OTHER, { Environment: { Variables: { TABLE_NAME: 'Other' } } }),
  ofFunction('environment.TABLE_NAME', null, { Environment: { Variables: {} } }),
  ofFunction('environment.DEBUG', OTHER, { Environment: { Variables: { TABLE_NAME: 'Visits', DEBUG: '1' } } }),
  {
    id: `function/${NAME}`,
    path: 'tags.Project',
    live: 'other',
    writes: 1,
    tamper: ({ lambda }) =>
      lambda.send(
        new TagResourceCommand({
          Resource: `arn:aws:lambda:eu-west-2:123456789012:function:${NAME}`,
          Tags: { Project: 'other' },
        }),
      ),
  },
  {
    id: CODE,
    path: 'sha256',
    live: expect.any(String),
    writes: 1,
    tamper: ({ lambda }) => lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: OTHER_CODE })),
  },
  {
    id: CODE,
    path: 'sha256',
    live: expect.any(String),
    writes: 1,
    tamper: ({ lambda }) =>
      lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: OTHER_CODE, Publish: true })),
  },
  {
    id: CODE,
    path: 'source',
    live: null,
    writes: 1,
    tamper: ({ lambda }) =>
      lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', Description: 'mine', FunctionVersion: '1' })),
  },
  {
    id: CODE,
    path: 'alias',
    live: '$LATEST',
    writes: 2,
    tamper: ({ lambda }) =>
      lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '$LATEST' })),
  },
  ofUrl('authType', 'AWS_IAM', { AuthType: 'AWS_IAM' }),
  ofUrl('cors.allowOrigins', ['*'], { Cors: { ...CORS, AllowOrigins: ['*'] } }),
  ofUrl('cors.allowMethods', ['DELETE', 'GET'], { Cors: { ...CORS, AllowMethods: ['GET', 'DELETE'] } }),
  ...(['url', 'function'] as const).map(
    (permission): Case => ({
      id: `function-url/${NAME}`,
      path: `permissions.${permission}`,
      live: false,
      writes: 1,
      tamper: ({ lambda }) =>
        lambda.send(
          new RemovePermissionCommand({
            FunctionName,
            StatementId: permission === 'url' ? 'CrcInvokeFunctionUrl' : 'CrcInvokeFunction',
            Qualifier: 'live',
          }),
        ),
    }),
  ),
  {
    id: `function-url/${NAME}`,
    path: 'permissions.function',
    live: false,
    writes: 2,
    tamper: async ({ lambda }) => {
      const key = { FunctionName, Qualifier: 'live', StatementId: 'CrcInvokeFunction' };
      await lambda.send(new RemovePermissionCommand(key));
      // Without its condition the statement lets every account call the function.
      await lambda.send(new AddPermissionCommand({ ...key, Action: 'lambda:InvokeFunction', Principal: '*' }));
    },
  },
];

describeWith('moto', 'every fact of a function that was changed outside crc', () => {
  const moto = useMotoForAll();
  const cwd = project();
  const crc = async (command: string, ...flags: string[]) => {
    const { code, stdout, stderr } = await runCli([command, '--json', ...flags], { cwd, env: moto().env });
    return { code, stderr, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };

  beforeAll(async () => {
    const { code, stderr } = await crc('bootstrap');
    expect(stderr && code).toBe(0);
  });

  it.each(CASES.map((drift) => [drift.id, drift.path, drift] as const))(
    '%s %s is found and fixed',
    async (id, path, drift) => {
      const { functions: _, ...before } = await accountSnapshot(moto().clients);
      await drift.tamper(moto().clients);
      const verified = await crc('verify');
      expect([verified.code, verified.document.status]).toEqual([2, 'changes']);
      const changed = verified.document.findings.filter(({ status }) => status !== 'in-sync');
      expect(changed.map((finding) => [finding.id, finding.status])).toEqual([[id, 'drifted']]);
      const change = changed[0]?.changes.find((candidate) => 'path' in candidate && candidate.path === path);
      expect(change).toMatchObject({ kind: 'update', live: drift.live });

      const fixed = await crc('bootstrap');
      expect([fixed.code, fixed.document.status, fixed.document.outcomes?.[id]]).toEqual([0, 'converged', 'updated']);
      expect(fixed.document.apiCalls.write).toBe(drift.writes);
      expect((await crc('verify')).code).toBe(0);
      // The function has new versions. The rest of the account is unchanged.
      const { functions: __, ...after } = await accountSnapshot(moto().clients);
      expect(after).toEqual(before);
    },
  );

  it('a URL deleted outside crc is recreated, and permissions of others are kept', async () => {
    const { lambda } = moto().clients;
    await lambda.send(
      new AddPermissionCommand({
        FunctionName,
        Qualifier: 'live',
        StatementId: 'Partner',
        Action: 'lambda:InvokeFunction',
        Principal: '999999999999',
      }),
    );
    await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live' }));
    expect((await crc('verify')).document.findings.find(({ id }) => id === `function-url/${NAME}`)?.status).toBe(
      'absent',
    );
    expect((await crc('bootstrap')).code).toBe(0);
    const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName, Qualifier: 'live' }));
    const sids = JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid);
    expect(sids.sort()).toEqual(['CrcInvokeFunction', 'CrcInvokeFunctionUrl', 'Partner']);
  });
});

describe('drift cases', () => {
  it('cover every fact of a function that the sandbox can change', async () => {
    const config = parseConfig(JSON.stringify(exampleConfig()), 'crc.config.json');
    const { clients } = benchAt('http://127.0.0.1:9');
    const resources = await resourcesOf(config, contextFor(clients), READ_ONLY_RUN);
    const facts = resources
      .filter(({ id }) => id.endsWith(`/${NAME}`))
      .flatMap(({ id, want }) => want.filter(({ value }) => value !== null).map(({ path }) => `${id} ${path}`));
    expect(facts.length).toBeGreaterThan(25);
    // Not tested here: tags that determine the owner; a table's key, which cannot change; tables and roles
    // (drift.test.ts); the architecture, whose changes Moto drops. The fakes cover them (test/resources), and there too
    // every fact needs a case.
    const testedElsewhere = /tags\.|hashKey|^table\/|^execution-role\/.* (path|settings|managedPolicies)|architecture/;
    const covered = CASES.map(({ id, path }) => `${id} ${path}`);
    expect(facts.filter((fact) => !covered.includes(fact) && !testedElsewhere.test(fact))).toEqual([]);
  });
});
