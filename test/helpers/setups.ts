import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  TagResourceCommand as TagTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryptionByDefault,
} from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import type { Clients } from '../../src/aws/clients.ts';
import { ACCOUNT, REGION } from './context.ts';

export const BUCKET = 'ada-tfstate';
export const TABLE = 'ada-locks';
export const REPOSITORY = 'ada/site';
const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;

interface BucketForm {
  readonly region?: string;
  readonly lock?: { readonly Mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly Days: number };
  readonly encryption?: ServerSideEncryptionByDefault & { readonly bucketKey?: boolean };
  readonly lifecycle?: readonly LifecycleRule[];
  /** Omits what users often forget: public access block, enforced object ownership, TLS-only policy. */
  readonly isOpen?: boolean;
}

/** A state bucket like one from typical Terraform code. */
export async function stateBucket({ s3 }: Clients, form: BucketForm = {}): Promise<void> {
  const { region = REGION, lock, encryption = { SSEAlgorithm: 'AES256' }, lifecycle, isOpen = false } = form;
  const { bucketKey = false, ...byDefault } = encryption;
  const Bucket = BUCKET;
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
      ObjectLockEnabledForBucket: lock !== undefined,
    }),
  );
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'Team', Value: 'web' }] } }));
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: bucketKey }],
      },
    }),
  );
  if (lock !== undefined) {
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule: { DefaultRetention: lock } };
    await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  }
  if (lifecycle !== undefined) {
    const LifecycleConfiguration = { Rules: [...lifecycle] };
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
  }
  if (!isOpen) await blockPublicAccess({ s3 });
  // An empty bucket would count as left behind by an interrupted run.
  if (lock === undefined) await s3.send(new PutObjectCommand({ Bucket, Key: 'site/terraform.tfstate', Body: '{}' }));
}

async function blockPublicAccess({ s3 }: Pick<Clients, 's3'>): Promise<void> {
  const Bucket = BUCKET;
  const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all }));
  const Rules = [{ ObjectOwnership: 'BucketOwnerEnforced' as const }];
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules } }));
}

/** A user's own TLS-only bucket policy. With it, Moto denies all access to objects. */
export async function tlsOnly({ s3 }: Clients): Promise<void> {
  const arn = `arn:aws:s3:::${BUCKET}`;
  const Statement = [
    {
      Sid: 'DenyInsecureTransport',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
}

/** A lock table. */
export async function lockTable({ dynamodb }: Clients, form: Partial<CreateTableCommandInput> = {}): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      ...form,
    }),
  );
}

/** GitHub's identity provider, with optional additional audiences. */
export async function provider({ iam }: Clients, ...more: readonly string[]): Promise<void> {
  await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: `https://${ISSUER}`,
      ClientIDList: ['sts.amazonaws.com', ...more],
      ThumbprintList: ['1b511abead59c6ce207077c0bf0e0043b1382612'],
    }),
  );
}

interface RoleForm {
  readonly name?: string;
  readonly path?: string;
  readonly description?: string;
  readonly subjects?: readonly string[];
  /** Replaces the default condition. */
  readonly condition?: object;
  readonly policies?: Readonly<Record<string, readonly object[]>>;
  readonly attached?: readonly string[];
  readonly boundary?: string;
  readonly session?: number;
}

export const SITE = {
  Effect: 'Allow',
  Action: ['s3:PutObject', 's3:DeleteObject'],
  Resource: 'arn:aws:s3:::ada-site/*',
};
export const STATE = { Sid: 'State', Effect: 'Allow', Action: 's3:*', Resource: [`arn:aws:s3:::${BUCKET}/*`] };

/** A role that jobs of the repository can assume. */
export async function role({ iam }: Clients, form: RoleForm = {}): Promise<void> {
  const { name: RoleName = 'deploy', path, description, boundary, session, attached = [] } = form;
  const subjects = form.subjects ?? [`repo:${REPOSITORY}:ref:refs/heads/main`];
  const condition = form.condition ?? {
    StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' },
    StringLike: { [`${ISSUER}:sub`]: subjects },
  };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: PROVIDER },
      Action: ['sts:AssumeRoleWithWebIdentity'],
      Condition: condition,
    },
  });
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      Path: path,
      Description: description,
      AssumeRolePolicyDocument,
      PermissionsBoundary: boundary,
      MaxSessionDuration: session,
    }),
  );
  for (const [PolicyName, Statement] of Object.entries(form.policies ?? { Site: [STATE, SITE] })) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
  for (const PolicyArn of attached) await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

async function policy({ iam }: Clients, PolicyName: string): Promise<string> {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [SITE] });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
  return Policy?.Arn ?? '';
}

async function key({ kms }: Clients, AliasName: string): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  return KeyMetadata?.Arn ?? '';
}

/** A visit counter: a function with its own role and table. */
export async function counter({ lambda, iam, dynamodb }: Clients): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'lambda_exec', AssumeRolePolicyDocument }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'visits',
      AttributeDefinitions: [{ AttributeName: 'page', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'page', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
    }),
  );
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'visits',
      Role: Role?.Arn,
      Runtime: 'python3.13',
      Handler: 'app.lambda_handler',
      MemorySize: 256,
      Timeout: 9,
      Architectures: ['x86_64'],
      Environment: { Variables: { TABLE_NAME: 'visits', API_TOKEN: 'secret-of-ada' } },
      Code: { ZipFile: zipSync({ 'app.py': new TextEncoder().encode(COUNTER) }) },
    }),
  );
}

const COUNTER = 'def lambda_handler(event, context):\n    return {"statusCode": 200}\n';

/** Existing AWS resources, and what adoption changes besides tags: `id path`, sorted. */
export interface Setup {
  readonly create: (clients: Clients) => Promise<void>;
  /** Files of the repository. */
  readonly files?: Readonly<Record<string, string>>;
  readonly changes?: readonly string[];
  /** Region of the bucket and the table. */
  readonly region?: string;
}

export const BACKEND = `terraform {
  backend "s3" {
    bucket         = "${BUCKET}"
    key            = "site/terraform.tfstate"
    region         = "${REGION}"
    dynamodb_table = "${TABLE}"
  }
}
`;

/** The default parts, plus parts that `change` creates differently. */
const withDefaults =
  (change: (clients: Clients) => Promise<void>, ...parts: readonly ('bucket' | 'table' | 'provider' | 'role')[]) =>
  async (clients: Clients) => {
    if (parts.includes('bucket')) await stateBucket(clients);
    if (parts.includes('table')) await lockTable(clients);
    if (parts.includes('provider')) await provider(clients);
    if (parts.includes('role')) await role(clients);
    await change(clients);
    await tlsOnly(clients);
  };

/** Eleven accounts that were set up before crc: five plain ones, and six that once caused problems. */
export const SETUPS: Readonly<Record<string, Setup>> = {
  'a bucket, a table and a role': {
    create: withDefaults(async () => undefined, 'bucket', 'table', 'provider', 'role'),
  },
  'a backend block, additional audiences, an unmanaged lifecycle rule': {
    files: { 'main.tf': BACKEND },
    create: withDefaults(
      async (clients) => {
        await provider(clients, 'https://github.com/ada');
        const lifecycle: LifecycleRule[] = [
          {
            ID: 'old',
            Status: 'Enabled',
            Filter: { Prefix: '' },
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          },
        ];
        await stateBucket(clients, { lifecycle });
      },
      'table',
      'role',
    ),
  },
  'object lock with retention, provisioned capacity, unmanaged tags': {
    create: withDefaults(
      async (clients) => {
        await stateBucket(clients, { lock: { Mode: 'GOVERNANCE', Days: 7 } });
        await lockTable(clients, {
          BillingMode: 'PROVISIONED',
          ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 2 },
        });
        const ResourceArn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TABLE}`;
        await clients.dynamodb.send(new TagTableCommand({ ResourceArn, Tags: [{ Key: 'Team', Value: 'web' }] }));
      },
      'provider',
      'role',
    ),
  },
  'a table with an index and a stream of another tool': {
    create: withDefaults(
      async (clients) => {
        await lockTable(clients);
        const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' as const };
        await clients.dynamodb.send(new UpdateTableCommand({ TableName: TABLE, StreamSpecification }));
      },
      'bucket',
      'provider',
      'role',
    ),
  },
  'several repositories in one trust, a boundary, a long session, managed policies': {
    create: withDefaults(
      async (clients) => {
        await role(clients, {
          description: 'Deploys both sites',
          subjects: ['repo:ada/site:*', 'repo:ada/blog:ref:refs/heads/main', 'repo:ada/site:pull_request'],
          boundary: await policy(clients, 'Boundary'),
          attached: [await policy(clients, 'Sites')],
          session: 7_200,
        });
      },
      'bucket',
      'table',
      'provider',
    ),
  },
  'two inline policies': {
    create: withDefaults(
      (clients) => role(clients, { policies: { Site: [SITE], State: [STATE] } }),
      'bucket',
      'table',
      'provider',
    ),
  },
  'three inline policies, one of them TerraformPolicy': {
    create: withDefaults(
      (clients) =>
        role(clients, {
          policies: {
            Deny: [{ Effect: 'Deny', NotAction: 's3:*', Resource: '*' }],
            Site: [{ ...SITE, Condition: { Bool: { 'aws:SecureTransport': true } } }],
            TerraformPolicy: [STATE],
          },
        }),
      'bucket',
      'table',
      'provider',
    ),
  },
  'inline policies on two roles': {
    create: withDefaults(
      async (clients) => {
        await role(clients, { policies: { A: [SITE], B: [STATE] } });
        await role(clients, { name: 'plan', subjects: [`repo:${REPOSITORY}:pull_request`], policies: { C: [STATE] } });
        await role(clients, { name: 'of-others', subjects: ['repo:ada/other:*'] });
      },
      'bucket',
      'table',
      'provider',
    ),
  },
  'a role with a path': {
    create: withDefaults((clients) => role(clients, { path: '/ci/github/' }), 'bucket', 'table', 'provider'),
  },
  "aws:kms with AWS's own key, and without a bucket key": {
    create: withDefaults(
      (clients) => stateBucket(clients, { encryption: { SSEAlgorithm: 'aws:kms' } }),
      'table',
      'provider',
      'role',
    ),
  },
  'a function with its own role': {
    files: { 'counter/app.py': COUNTER },
    create: withDefaults(counter, 'bucket', 'table', 'provider', 'role'),
    changes: ['function-code/visits null', 'log-group/visits null'],
  },
};

/** Everything that `crc init --from-account` can read, so that it needs all of its permissions. */
export const FULL_SETUP: Setup = {
  files: { 'counter/app.py': COUNTER },
  create: withDefaults(
    async (clients) => {
      await key(clients, 'alias/states');
      await stateBucket(clients, { encryption: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/states' } });
      await counter(clients);
      await clients.logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/visits' }));
    },
    'table',
    'provider',
    'role',
  ),
};

/** Additional accounts. */
export const MORE_SETUPS: Readonly<Record<string, Setup>> = {
  'a key by its alias': {
    create: withDefaults(
      async (clients) => {
        await key(clients, 'alias/states');
        await stateBucket(clients, {
          encryption: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/states', bucketKey: true },
        });
      },
      'table',
      'provider',
      'role',
    ),
  },
  'two layers of KMS': {
    create: withDefaults(
      async (clients) => {
        const KMSMasterKeyID = await key(clients, 'alias/states');
        await stateBucket(clients, { encryption: { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID } });
      },
      'table',
      'provider',
      'role',
    ),
  },
  'a trust policy without an audience, a bucket and a table without protection': {
    create: async (clients) => {
      await stateBucket(clients, { isOpen: true });
      await lockTable(clients, { DeletionProtectionEnabled: false });
      await provider(clients);
      await role(clients, { condition: { StringLike: { [`${ISSUER}:sub`]: `repo:${REPOSITORY}:*` } } });
    },
    changes: [
      'lock-table deletionProtection',
      'role/deploy trust',
      'state-bucket ownership',
      'state-bucket policy.tlsOnly',
      'state-bucket publicAccess.blockPublicAcls',
      'state-bucket publicAccess.blockPublicPolicy',
      'state-bucket publicAccess.ignorePublicAcls',
      'state-bucket publicAccess.restrictPublicBuckets',
    ],
  },
};
