import { DynamoDBClient, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  AddClientIDToOpenIDConnectProviderCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import {
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { permissionPolicy } from '../../src/policies/permissions.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { ownedBy } from '../../src/resources/list.ts';
import { type PermittedCommand, permissionsFor } from '../../src/resources/permissions.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { ACCOUNT, contextFor, PLACE, READ_ONLY_RUN, REGION } from '../helpers/context.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const KEY = 'LIMITED';
const FUNCTION = 'IncrementVisits';
const EXECUTION_ROLE = 'IncrementVisits-execution';
const OWN_ROLE = 'GitHubActionsTerraformRole';
/** A role that is neither in the config nor managed by crc. */
const FOREIGN_ROLE = 'Admin';
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
});

interface Clients {
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
}

type Attempt = (clients: Clients) => Promise<unknown>;
type Attempts = Readonly<Record<string, Attempt>>;

/** Attempts to extend the permissions of a role. */
const onRole = (RoleName: string): Attempts => ({
  PutRolePolicy: ({ iam }) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'TerraformPolicy', PolicyDocument: document })),
  UpdateAssumeRolePolicy: ({ iam }) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust })),
  AttachRolePolicy: ({ iam }) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })),
  PutRolePermissionsBoundary: ({ iam }) =>
    iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: ADMINISTRATOR })),
  DeleteRolePermissionsBoundary: ({ iam }) => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
  DeleteRolePolicy: ({ iam }) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'Guard' })),
  DetachRolePolicy: ({ iam }) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })),
  UpdateRole: ({ iam }) => iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 43_200 })),
  TagRole: ({ iam }) => iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'team', Value: 'admins' }] })),
  CreateRole: ({ iam }) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust })),
  'CreateFunction with it': ({ lambda }) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName: FUNCTION,
        Role: roleArn(RoleName),
        Code: { ZipFile: Buffer.from('x') },
      }),
    ),
  'UpdateFunctionConfiguration with it': ({ lambda }) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Role: roleArn(RoleName) })),
});

/** Attempts that do not need a role. */
const ON_ACCOUNT: Attempts = {
  CreateUser: ({ iam }) => iam.send(new CreateUserCommand({ UserName: 'me' })),
  CreateAccessKey: ({ iam }) => iam.send(new CreateAccessKeyCommand({ UserName: 'me' })),
  PutUserPolicy: ({ iam }) =>
    iam.send(new PutUserPolicyCommand({ UserName: 'me', PolicyName: 'P', PolicyDocument: document })),
  AttachUserPolicy: ({ iam }) => iam.send(new AttachUserPolicyCommand({ UserName: 'me', PolicyArn: ADMINISTRATOR })),
  CreatePolicyVersion: ({ iam }) =>
    iam.send(
      new CreatePolicyVersionCommand({ PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/P`, PolicyDocument: document }),
    ),
  SetDefaultPolicyVersion: ({ iam }) =>
    iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/P`, VersionId: 'v1' })),
};

/** Attempts to give others access or to change what the user set up. */
const WEAKENING: Attempts = {
  AddClientID: ({ iam }) =>
    iam.send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER, ClientID: '*' })),
  CreateOpenIDConnectProvider: ({ iam }) =>
    iam.send(new CreateOpenIDConnectProviderCommand({ Url: 'https://issuer.example.com' })),
  ...Object.fromEntries(
    [undefined, 'live'].flatMap((Qualifier): [string, Attempt][] => [
      [
        `AddPermission ${Qualifier}`,
        ({ lambda }) =>
          lambda.send(
            new AddPermissionCommand({
              FunctionName: FUNCTION,
              Qualifier,
              StatementId: 's',
              Action: 'lambda:*',
              Principal: '999999999999',
            }),
          ),
      ],
      [
        `RemovePermission ${Qualifier}`,
        ({ lambda }) =>
          lambda.send(new RemovePermissionCommand({ FunctionName: FUNCTION, Qualifier, StatementId: 's' })),
      ],
      [
        `CreateFunctionUrlConfig ${Qualifier}`,
        ({ lambda }) =>
          lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: FUNCTION, Qualifier, AuthType: 'NONE' })),
      ],
      [
        `UpdateFunctionUrlConfig ${Qualifier}`,
        ({ lambda }) =>
          lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: FUNCTION, Qualifier, AuthType: 'NONE' })),
      ],
    ]),
  ),
  TagResource: ({ lambda }) =>
    lambda.send(new TagResourceCommand({ Resource: functionArn(FUNCTION), Tags: { ManagedBy: 'crc' } })),
  UntagResource: ({ lambda }) =>
    lambda.send(new UntagResourceCommand({ Resource: functionArn(FUNCTION), TagKeys: ['ManagedBy'] })),
  CreateAlias: ({ lambda }) =>
    lambda.send(new CreateAliasCommand({ FunctionName: FUNCTION, Name: 'other', FunctionVersion: '1' })),
  DeleteFunction: ({ lambda }) => lambda.send(new DeleteFunctionCommand({ FunctionName: FUNCTION })),
  PutFunctionConcurrency: ({ lambda }) =>
    lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: FUNCTION, ReservedConcurrentExecutions: 0 })),
  PutBucketPolicy: ({ s3 }) =>
    s3.send(new PutBucketPolicyCommand({ Bucket: 'abcdef-terraform-state', Policy: document })),
  DeleteBucketPolicy: ({ s3 }) => s3.send(new DeleteBucketPolicyCommand({ Bucket: 'abcdef-terraform-state' })),
  PutBucketVersioning: ({ s3 }) =>
    s3.send(
      new PutBucketVersioningCommand({
        Bucket: 'abcdef-terraform-state',
        VersioningConfiguration: { Status: 'Suspended' },
      }),
    ),
  UpdateTable: ({ dynamodb }) =>
    dynamodb.send(new UpdateTableCommand({ TableName: 'Visits', DeletionProtectionEnabled: false })),
  PutItem: ({ dynamodb }) => dynamodb.send(new PutItemCommand({ TableName: 'Visits', Item: { Id: { S: 'cv' } } })),
};

/** The calls of a deployment. */
const deploymentOf = (FunctionName: string): Attempts => ({
  UpdateFunctionConfiguration: ({ lambda }) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 128 })),
  UpdateFunctionCode: ({ lambda }) =>
    lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: Buffer.from('x') })),
  PublishVersion: ({ lambda }) => lambda.send(new PublishVersionCommand({ FunctionName })),
  UpdateAlias: ({ lambda }) =>
    lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' })),
  Invoke: ({ lambda }) => lambda.send(new InvokeCommand({ FunctionName, Qualifier: 'live' })),
});

const withPrefix = (prefix: string, attempts: Attempts): Attempts =>
  Object.fromEntries(Object.entries(attempts).map(([name, attempt]) => [`${prefix}: ${name}`, attempt]));

describe('a policy that crc prints', () => {
  let gate: PolicyGate;
  let target: TestServer;
  let clients: Clients;
  /** Number of requests that the gate allowed. */
  let passed = 0;
  beforeAll(async () => {
    target = await startServer((request, response) => {
      // The gate reads tags as an administrator.
      if (request.headers.authorization?.includes(`Credential=${KEY}/`)) passed += 1;
      request.resume();
      response.end('{}');
    });
    gate = await startPolicyGate(target.endpoint);
    const settings = {
      endpoint: gate.endpoint,
      region: REGION,
      credentials: { accessKeyId: KEY, secretAccessKey: 'x' },
      maxAttempts: 1,
      forcePathStyle: true,
    };
    clients = {
      iam: new IAMClient(settings),
      lambda: new LambdaClient(settings),
      s3: new S3Client(settings),
      dynamodb: new DynamoDBClient(settings),
    };
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await gate.stop();
    await target.stop();
  });

  /** Names of the attempts that IAM would allow. */
  async function allowed(policy: object, attempts: Attempts): Promise<readonly string[]> {
    gate.principals.set(KEY, { arn: roleArn(OWN_ROLE), policies: [policy] });
    const allowedNames: string[] = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      const [before, checked] = [passed, gate.checked.length];
      // The SDK cannot parse the answer of the stub.
      await attempt(clients).catch(() => undefined);
      // A request that the gate does not know would prove nothing.
      expect([name, gate.checked.length > checked]).toEqual([name, true]);
      if (passed > before) allowedNames.push(name);
    }
    return allowedNames;
  }

  async function resources(crc: readonly string[] = []) {
    const loose = exampleConfig();
    loose.roles[0].crc = crc;
    const config = parseConfig(JSON.stringify(loose), 'crc.config.json');
    return { config, all: await resourcesOf(config, contextFor(fakeAws({}).clients), READ_ONLY_RUN) };
  }
  async function printed(command: PermittedCommand) {
    const { config, all } = await resources();
    return permissionPolicy(permissionsFor(command, all, ownedBy(config, PLACE)));
  }
  /** The inline policy of a role for CI, including Terraform's permissions. */
  async function ofRole(crc: string) {
    const { all } = await resources([crc]);
    return all.find(({ id }) => id === `role/${OWN_ROLE}`)?.want.find(({ path }) => path === 'policy')?.value as object;
  }

  const escalations = {
    ...withPrefix('the role itself', onRole(OWN_ROLE)),
    ...withPrefix('the execution role', onRole(EXECUTION_ROLE)),
    ...withPrefix('another role', onRole(FOREIGN_ROLE)),
    ...ON_ACCOUNT,
    ...WEAKENING,
  };
  const ofOtherFunction = withPrefix('another function', deploymentOf('Other'));

  it.each([
    ['verify, as printed', () => printed('verify'), []],
    ['verify, in a role', () => ofRole('verify'), []],
    ['deploy-function, as printed', () => printed('deploy-function'), Object.keys(deploymentOf(FUNCTION))],
    ['deploy-function, in a role', () => ofRole('deploy-function'), Object.keys(deploymentOf(FUNCTION))],
  ])('for CI does not allow privilege escalation: %s', async (_, policy, isExpected) => {
    const attempts = { ...escalations, ...ofOtherFunction, ...deploymentOf(FUNCTION) };
    expect(await allowed(await policy(), attempts)).toEqual(isExpected);
  });

  it.each(['bootstrap', 'destroy'] as const)(
    'for a user is limited to the names in the config: %s',
    async (command) => {
      const policy = await printed(command);
      expect(await allowed(policy, { ...onRole(FOREIGN_ROLE), ...ON_ACCOUNT, ...ofOtherFunction })).toEqual([]);
      // It may neither attach policies that are not in the config nor remove a boundary.
      const { AttachRolePolicy, DeleteRolePermissionsBoundary, PutRolePermissionsBoundary } = onRole(OWN_ROLE);
      const more = { AttachRolePolicy, DeleteRolePermissionsBoundary, PutRolePermissionsBoundary } as Attempts;
      expect(await allowed(policy, more)).toEqual([]);
    },
  );

  it('is detected with the permissions that CI once had', async () => {
    const policy = await printed('bootstrap');
    expect(await allowed(policy, withPrefix('the execution role', onRole(EXECUTION_ROLE)))).toEqual(
      expect.arrayContaining([
        'the execution role: PutRolePolicy',
        'the execution role: UpdateAssumeRolePolicy',
        'the execution role: CreateFunction with it',
      ]),
    );
  });
});
