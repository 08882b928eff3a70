import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exampleConfig, project } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { invokeDocumentSchema } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { EXAMPLES } from '../helpers/function-examples.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { actionsOf, type PrintedPolicy, useGatedAccount, withoutAction } from '../helpers/printed-policies.ts';
import { describeWith } from '../helpers/require.ts';
import { clientsWith } from '../helpers/sdk-clients.ts';

/** The access key of functions. The gate evaluates the policy of the function's role. */
const KEY = 'FUNCTION';

const COUNTER = 'IncrementVisits';

/** Actions that Lambda itself needs. */
const LAMBDA_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents'];

describeWith('moto', 'a function with the policy of its role', () => {
  const moto = useMotoForAll();
  const { gate, crc: runAs } = useGatedAccount(moto);
  let cwd: string;
  beforeEach(() => {
    gate().checked.length = 0;
  });

  const crc = (args: readonly string[], key: string) => runAs(args, { cwd, key });
  const bootstrap = async () => {
    await moto().reset();
    const { code, stdout, stderr } = await crc(['bootstrap', '--yes'], 'testing');
    expect(code, stdout + stderr).toBe(0);
  };
  const init = async (kind: string) => {
    cwd = folderWith({});
    const flags = ['--yes', '--repository', 'me/resume', '--region', REGION, '--account', ACCOUNT, '--function', kind];
    const { code, stdout, stderr } = await crc(['init', ...flags], 'testing');
    expect(code, stdout + stderr).toBe(0);
  };
  /** The policy of the role that crc created for a function. */
  const provisioned = async (name: string): Promise<PrintedPolicy> => {
    const role = { RoleName: `${name}-execution`, PolicyName: 'ExecutionPolicy' };
    const { PolicyDocument = '' } = await moto().clients.iam.send(new GetRolePolicyCommand(role));
    return JSON.parse(decodeURIComponent(PolicyDocument));
  };
  const setPolicy = (name: string, policy: object) =>
    gate().principals.set(KEY, { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}-execution/x`, policies: [policy] });
  const call = async (name: string) => {
    gate().checked.length = 0;
    const { code, stdout, stderr } = await crc(['invoke', name, '--local', '--json'], KEY);
    return { code, stderr, ...invokeDocumentSchema.parse(JSON.parse(stdout)) };
  };
  const denied = () => [
    ...new Set(
      gate()
        .checked.filter(({ allowed }) => !allowed)
        .map(({ action }) => action),
    ),
  ];

  /** Expects that the function succeeds with the policy, uses all of its actions, and fails without any one of them. */
  const expectExactPermissions = async (name: string) => {
    const policy = await provisioned(name);
    setPolicy(name, policy);
    const { code, statusCode, body, log } = await call(name);
    expect([code, statusCode, denied()], body + log).toEqual([0, 200, []]);
    const sent = [...new Set(gate().checked.map(({ action }) => action))].sort();
    expect([...sent, ...LAMBDA_ACTIONS].sort()).toEqual([...actionsOf(policy)].sort());
    for (const action of sent) {
      setPolicy(name, withoutAction(policy, action));
      expect([action, (await call(name)).code, denied()]).toEqual([action, 1, [action]]);
    }
    expect(gate().undecided).toEqual([]);
  };

  describe.each(['typescript', 'python'])('the %s counter', (kind) => {
    it('of crc init needs all of it', async () => {
      await init(kind);
      await bootstrap();
      const { functions } = JSON.parse(readFileSync(join(cwd, 'crc.config.json'), 'utf8'));
      await expectExactPermissions(functions[0].name);
    });

    it('that comes with crc needs all of it, and may use no other table', async () => {
      cwd = project(({ functions: [counter] }) => {
        if (kind === 'typescript') return;
        const handler = 'IncrementVisits.lambda_handler';
        Object.assign(counter, { source: 'functions/increment-visits/python', runtime: 'python3.13', handler });
      });
      await bootstrap();
      await expectExactPermissions(COUNTER);
      const policy = JSON.stringify(await provisioned(COUNTER));
      setPolicy(COUNTER, JSON.parse(policy.replace('table/Visits', 'table/Visitors')));
      expect([(await call(COUNTER)).statusCode, denied()]).toEqual([500, ['dynamodb:UpdateItem']]);
    });
  });

  describe('of docs/function.md', () => {
    beforeAll(async () => {
      const { functions: _, ...config } = exampleConfig();
      const functions = Object.entries(EXAMPLES).map(([name, example]) => ({
        name,
        source: `functions/${name}`,
        ...example.config,
      }));
      cwd = project((example) => {
        Object.assign(example, { ...config, functions });
      });
      for (const [name, { files }] of Object.entries(EXAMPLES)) {
        mkdirSync(join(cwd, 'functions', name));
        for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, 'functions', name, file), text);
      }
      await bootstrap();
      const { dynamodb } = moto().clients;
      // A table with a sort key and an index, which crc does not manage.
      await dynamodb.send(
        new CreateTableCommand({
          TableName: 'Log',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['Day', 'Time', 'Page'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          KeySchema: [
            { AttributeName: 'Day', KeyType: 'HASH' },
            { AttributeName: 'Time', KeyType: 'RANGE' },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'ByPage',
              KeySchema: [{ AttributeName: 'Page', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          ],
        }),
      );
      const topic = new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: 'visits' });
      const authorization = `AWS4-HMAC-SHA256 Credential=testing/20261126/${REGION}/sns/aws4_request`;
      await fetch(moto().endpoint, { method: 'POST', body: topic, headers: { authorization } });
    });

    it.each(Object.keys(EXAMPLES))('%s needs all of it', async (name) => {
      await expectExactPermissions(name);
    });

    it('has a role with which Lambda can write the log, but not create log groups', async () => {
      const name = 'ReadsItsTable';
      const policy = await provisioned(name);
      const credentials = { accessKeyId: KEY, secretAccessKey: 'testing' };
      const { logs } = clientsWith({ endpoint: gate().endpoint, region: REGION, credentials });
      const write = async () => {
        const logStreamName = crypto.randomUUID();
        const stream = { logGroupName: `/aws/lambda/${name}`, logStreamName };
        await logs.send(new CreateLogStreamCommand(stream));
        const logEvents = [{ timestamp: Date.now(), message: 'START' }];
        await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
      };
      setPolicy(name, policy);
      await write();
      for (const action of LAMBDA_ACTIONS) {
        setPolicy(name, withoutAction(policy, action));
        await expect(write()).rejects.toThrow(`not authorized to perform: ${action} `);
      }
      const logGroupName = '/aws/lambda/Other';
      await expect(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'x' }))).rejects.toThrow(
        'not authorized to perform: logs:CreateLogStream',
      );
    });
  });
});
