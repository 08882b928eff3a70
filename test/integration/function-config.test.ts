import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, GetRoleCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand, GetPolicyCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { executionTrust } from '../../src/policies/execution.ts';
import { runCli } from '../helpers/cli.ts';
import { type LooseConfig, project } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

const NAME = 'IncrementVisits';
const ROLE = `${NAME}-execution`;
const BOUNDARY = 'arn:aws:iam::aws:policy/PowerUserAccess';

/** Sets every key for the permissions, settings and callers of a function. */
const setAllKeys = ({ functions: [functionConfig] }: LooseConfig) => {
  Object.assign(functionConfig.table, {
    access: 'read-write',
    capacity: { read: 2, write: 1 },
    item: { Id: 'cv', VisitTotal: 7 },
  });
  Object.assign(functionConfig, {
    statements: [
      { Sid: 'Notify', Effect: 'Allow', Action: 'sns:Publish', Resource: `arn:aws:sns:*:${ACCOUNT}:visits` },
    ],
    permissionsBoundary: BOUNDARY,
    reservedConcurrency: 5,
  });
  functionConfig.url.authType = 'AWS_IAM';
};

describeWith('moto', 'a function whose config has every key', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(async () => {
    await proxy.stop();
  });
  const crc = async (cwd: string, ...args: string[]) => {
    proxy.calls.length = 0;
    const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
    const { code, stdout } = await runCli([...args, '--json'], { cwd, env });
    const writes = proxy.calls.filter(({ write, name }) => write && name !== 'GetCallerIdentity');
    return { code, writes, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };

  it('is created as configured and in sync afterwards, even if the count has changed', async () => {
    const cwd = project(setAllKeys);
    const { dynamodb, iam, lambda } = moto().clients;
    const item = { TableName: 'Visits', Key: { Id: { S: 'cv' } } };
    const first = await crc(cwd, 'bootstrap');
    expect([first.code, first.document.status]).toEqual([0, 'converged']);
    expect((await dynamodb.send(new GetItemCommand(item))).Item).toEqual({ Id: { S: 'cv' }, VisitTotal: { N: '7' } });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: ROLE }));
    expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(BOUNDARY);
    const inline = { RoleName: ROLE, PolicyName: 'ExecutionPolicy' };
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand(inline));
    expect(decodeURIComponent(PolicyDocument)).toMatch(/CrcReadWriteTable.*dynamodb:PutItem.*sns:Publish/);
    const { Concurrency } = await lambda.send(new GetFunctionCommand({ FunctionName: NAME }));
    expect(Concurrency?.ReservedConcurrentExecutions).toBe(5);
    const policy = lambda.send(new GetPolicyCommand({ FunctionName: NAME, Qualifier: 'live' }));
    await expect(policy).rejects.toThrow();

    await dynamodb.send(
      new UpdateItemCommand({
        ...item,
        UpdateExpression: 'ADD VisitTotal :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
    const second = await crc(cwd, 'bootstrap');
    expect([second.code, second.document.status, second.writes]).toEqual([0, 'in-sync', []]);
    expect((await crc(cwd, 'verify')).code).toBe(0);
    expect((await dynamodb.send(new GetItemCommand(item))).Item?.VisitTotal).toEqual({ N: '8' });
  });

  it('keeps its own role, for which crc makes no calls', async () => {
    const role = `arn:aws:iam::${ACCOUNT}:role/service-role/mine`;
    const cwd = project(({ functions: [functionConfig] }) => {
      functionConfig.role = role;
    });
    const { iam, lambda } = moto().clients;
    const AssumeRolePolicyDocument = JSON.stringify(executionTrust);
    await iam.send(new CreateRoleCommand({ RoleName: 'mine', Path: '/service-role/', AssumeRolePolicyDocument }));
    const first = await crc(cwd, 'bootstrap');
    expect([first.code, first.document.findings.some(({ id }) => id.startsWith('execution-role/'))]).toEqual([
      0,
      false,
    ]);
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: NAME }));
    expect(Configuration?.Role).toBe(role);
    await expect(iam.send(new GetRoleCommand({ RoleName: ROLE }))).rejects.toThrow();
    const second = await crc(cwd, 'bootstrap');
    expect([second.code, second.writes]).toEqual([0, []]);
  });
});
