import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, UntagResourceCommand, UpdateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { beforeEach, expect, it } from 'vitest';
import { project } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { type PrintedPolicy, useGatedAccount } from '../helpers/printed-policies.ts';
import { describeWith } from '../helpers/require.ts';

const FUNCTION = 'IncrementVisits';
const ARN = `arn:aws:lambda:eu-west-2:${ACCOUNT}:function:${FUNCTION}`;

describeWith('moto', 'with the permissions of a role for CI', () => {
  const moto = useMotoForAll();
  const { gate, crc: runAs, setPolicy: allow } = useGatedAccount(moto);
  let cwd: string;

  const crc = (args: readonly string[], key?: string) => runAs(args, { cwd, key });
  const allowCommand = async (command: string, change: (policy: PrintedPolicy) => object = (policy) => policy) => {
    allow(change(JSON.parse((await crc(['permissions', command])).stdout)));
  };
  const document = async (...args: readonly string[]) => {
    const { code, stdout } = await crc([...args, '--json']);
    return { code, stdout, ...JSON.parse(stdout) };
  };
  const edit = (name: string, change: (text: string) => string) =>
    writeFileSync(join(cwd, name), change(readFileSync(join(cwd, name), 'utf8')));

  beforeEach(async () => {
    await moto().reset();
    cwd = project();
    const { code, stdout, stderr } = await crc(['bootstrap', '--yes'], 'testing');
    expect(code, stdout + stderr).toBe(0);
    await allowCommand('deploy-function');
    gate().checked.length = 0;
  });

  it('deploy-function deploys new code and settings, and rolls back', async () => {
    appendFileSync(join(cwd, 'functions/increment-visits/index.ts'), "console.log('again');\n");
    edit('crc.config.json', (text) => text.replace('"memoryMb":128', '"memoryMb":256'));
    const deployed = await document('deploy-function', '--no-smoke-test');
    expect([deployed.code, deployed.status, deployed.outcomes], deployed.stdout).toEqual([
      0,
      'converged',
      expect.objectContaining({ [`function/${FUNCTION}`]: 'updated', [`function-code/${FUNCTION}`]: 'updated' }),
    ]);
    const back = await document('deploy-function', FUNCTION, '--rollback', '--no-smoke-test');
    expect([back.code, back.status], back.stdout).toEqual([0, 'converged']);
    // An unchanged role is not sent, because that would require iam:PassRole.
    expect(gate().checked.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(gate().checked.filter(({ action }) => action === 'iam:PassRole')).toEqual([]);
    // The emulator cannot run functions, but the gate sees the call.
    await crc(['invoke', FUNCTION]);
    const sent = gate().checked.map(({ action }) => action);
    const granted = JSON.parse((await crc(['permissions', 'deploy-function'])).stdout) as PrintedPolicy;
    expect(granted.Statement.flatMap(({ Action }) => Action).filter((action) => !sent.includes(action))).toEqual([]);
  }, 120_000);

  it.each([
    [
      `execution-role/${FUNCTION}`,
      'iam:PutRolePolicy',
      () =>
        moto().clients.iam.send(
          new PutRolePolicyCommand({
            RoleName: `${FUNCTION}-execution`,
            PolicyName: 'ExecutionPolicy',
            PolicyDocument: JSON.stringify({
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
            }),
          }),
        ),
    ],
    [
      `log-group/${FUNCTION}`,
      'logs:PutRetentionPolicy',
      () =>
        moto().clients.logs.send(
          new PutRetentionPolicyCommand({ logGroupName: `/aws/lambda/${FUNCTION}`, retentionInDays: 1 }),
        ),
    ],
    [
      `function-url/${FUNCTION}`,
      'lambda:UpdateFunctionUrlConfig',
      () =>
        moto().clients.lambda.send(
          new UpdateFunctionUrlConfigCommand({ FunctionName: FUNCTION, Qualifier: 'live', AuthType: 'AWS_IAM' }),
        ),
    ],
    [
      `function/${FUNCTION}`,
      'lambda:TagResource',
      () => moto().clients.lambda.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['Project'] })),
    ],
    [
      `function/${FUNCTION}`,
      'lambda:CreateFunction',
      () => moto().clients.lambda.send(new DeleteFunctionCommand({ FunctionName: FUNCTION })),
    ],
  ])('deploy-function leaves %s to the user: %s', async (id, action, tamper) => {
    await tamper();
    const { code, stdout } = await document('deploy-function', '--no-smoke-test');
    expect([code, stdout]).toEqual([1, expect.stringContaining(`Access denied: ${action} on `)]);
    expect(stdout).toContain(`Run \`crc bootstrap\` with credentials that may change ${id}`);
    const text = await crc(['deploy-function', '--no-smoke-test']);
    expect([text.code, text.stdout]).toEqual([1, expect.stringContaining(`Run \`crc bootstrap\` with credentials`)]);
  });

  it.each(['verify', 'deploy-function'])('%s does not treat hidden tags as missing', async (command) => {
    await allowCommand(command, (policy) => ({
      ...policy,
      Statement: policy.Statement.map((statement) => ({
        ...statement,
        Action: [statement.Action].flat().filter((action) => action !== 'lambda:ListTags'),
      })).filter(({ Action }) => Action.length > 0),
    }));
    const { code, findings, stdout } = await document(command, ...(command === 'verify' ? [] : ['--no-smoke-test']));
    const unread = findings.filter(({ status }: { status: string }) => status !== 'in-sync');
    expect([code, unread.map(({ id, status }: { id: string; status: string }) => [id, status])], stdout).toEqual([
      1,
      [
        [`function/${FUNCTION}`, 'unread'],
        [`function-code/${FUNCTION}`, 'unread'],
      ],
    ]);
    for (const { error } of unread) expect(error.message).toBe(`Access denied: lambda:ListTags on ${ARN}.`);
  });

  it('verify finds everything in sync', async () => {
    await allowCommand('verify');
    expect((await document('verify')).status).toBe('in-sync');
  });
});
