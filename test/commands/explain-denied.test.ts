import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { denialsIn } from '../../src/trust/denials.ts';
import { canNeverMatch, changesItself } from '../../src/trust/denied.ts';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { deniedDocumentSchema } from '../helpers/documents/explain.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const ROLE = 'GitHubActionsTerraformRole';
const USER = `arn:aws:sts::123456789012:assumed-role/${ROLE}/gh-1`;
const denied = (action: string, resource: string, reason: string) =>
  `api error AccessDenied: User: ${USER} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;

describe('denials in a log', () => {
  it.each([
    ['because no identity-based policy allows the s3:PutObject action', 'identity', false],
    ['with an explicit deny in an identity-based policy', 'identity', true],
    ['because no permissions boundary allows the s3:PutObject action', 'boundary', false],
    ['with an explicit deny in a permissions boundary', 'boundary', true],
    ['because no session policy allows the s3:PutObject action', 'session', false],
    ['because no service control policy allows the s3:PutObject action', 'service-control', false],
    ['with an explicit deny in a service control policy', 'service-control', true],
    ['with an explicit deny in a resource control policy', 'resource-control', true],
    ['because no resource-based policy allows the s3:PutObject action', 'resource', false],
    ['with an explicit deny in a resource-based policy', 'resource', true],
    ['because no VPC endpoint policy allows the s3:PutObject action', 'endpoint', false],
    ['because no role trust policy allows the sts:AssumeRole action', 'trust', false],
    ['with an explicit deny', 'unknown', true],
    ['', 'unknown', false],
  ])('have the cause of the denial: %s', (reason, policy, explicit) => {
    expect(denialsIn(denied('s3:PutObject', 'arn:aws:s3:::b/k', reason))).toMatchObject([
      { principal: USER, action: 's3:PutObject', resource: 'arn:aws:s3:::b/k', policy, explicit },
    ]);
  });

  it.each(['"arn:aws:s3:::b/my key"', '\\"arn:aws:s3:::b/key\\"', 'arn:aws:s3:::b/key'])(
    'have the resource without the quotes of S3: %s',
    (resource) => {
      const text = denied('s3:PutObject', resource, 'because no identity-based policy allows the s3:PutObject action');
      expect(denialsIn(text)).toMatchObject([
        { resource: resource.replaceAll(/["\\]/g, ''), policy: 'identity', explicit: false },
      ]);
    },
  );

  it.each([
    ['iam:AttachRolePolicy', `role ${ROLE}`, `arn:aws:iam::123456789012:role/${ROLE}`],
    ['iam:CreatePolicy', 'policy site', 'arn:aws:iam::123456789012:policy/site'],
    ['iam:GetPolicy', 'policy arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
    ['iam:GetInstanceProfile', 'instance profile web', 'arn:aws:iam::123456789012:instance-profile/web'],
    ['iam:PutUserPolicy', 'user ci', 'arn:aws:iam::123456789012:user/ci'],
    ['iam:AddUserToGroup', 'group admins', 'arn:aws:iam::123456789012:group/admins'],
    ['iam:ListPolicies', 'policy path /', '*'],
    ['iam:ListRoles', 'arn:aws:iam::123456789012:role/', 'arn:aws:iam::123456789012:role/'],
  ])('have an ARN if IAM returns a name: %s on %s', (action, iamName, resource) => {
    const text = denied(action, iamName, `because no identity-based policy allows the ${action} action`);
    expect(denialsIn(text)).toMatchObject([{ action, resource, policy: 'identity' }]);
    expect(denialsIn(text.replace(`resource: ${iamName}`, `resource:\n│ ${iamName}`))).toMatchObject([{ resource }]);
  });

  it("have IAM's spelling of the prefix, which differs for SNS", () => {
    const text = denied('SNS:CreateTopic', 'arn:aws:sns:eu-west-2:1:t', 'because no identity-based policy allows it');
    expect(denialsIn(text)).toMatchObject([{ action: 'sns:CreateTopic' }]);
  });

  it.each(['ec2:AssignIpv6Addresses', 'kafka:CreateClusterV2', 'vpc-lattice:AssociateViaAWSService-EventsAndStates'])(
    'have the whole name of the action: %s',
    (action) => {
      const text = denied(
        action,
        'arn:aws:a:eu-west-2:1:b',
        `because no identity-based policy allows the ${action} action`,
      );
      expect(denialsIn(text)).toMatchObject([{ action, resource: 'arn:aws:a:eu-west-2:1:b', policy: 'identity' }]);
    },
  );

  it('include logins that AWS denied', () => {
    const line = 'Error: Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity';
    expect(denialsIn(`${line}\n${line}`)).toMatchObject([
      { principal: '', action: 'sts:AssumeRoleWithWebIdentity', policy: 'trust' },
    ]);
  });

  it('include the policy that AWS names', () => {
    const arn = 'arn:aws:organizations::111122223333:policy/o-abc/service_control_policy/p-1';
    const text = denied('s3:PutObject', 'arn:aws:s3:::b', `with an explicit deny in a service control policy: ${arn}`);
    expect(denialsIn(text)[0]?.policyArn).toBe(arn);
  });

  it("are found in Terraform's frames, across line breaks and behind runner timestamps, and counted once", () => {
    const lines = [
      '╷',
      '│ Error: creating Lambda Function (x): operation error Lambda: CreateFunction, https response error StatusCode: 403,',
      `│ RequestID: 1, api error AccessDeniedException: User: ${USER}`,
      '│ is not authorized to perform: lambda:CreateFunction on resource:',
      '│ arn:aws:lambda:eu-west-2:123456789012:function:x because no',
      '│ identity-based policy allows the lambda:CreateFunction action',
      '╵',
    ];
    const log = [...lines, ...lines]
      .map((line) => `\u001b[31mapply\tRun\t2026-11-26T03:26:26.1234567Z ${line}`)
      .join('\r\n');
    const plain = lines.map((line) => `2026-11-26T03:26:26.1234567Z \u001b[31m${line}\u001b[0m`).join('\n');
    for (const text of [log.replaceAll('\u001b[31m', ''), plain]) {
      expect(denialsIn(text)).toMatchObject([
        {
          action: 'lambda:CreateFunction',
          resource: 'arn:aws:lambda:eu-west-2:123456789012:function:x',
          policy: 'identity',
        },
      ]);
    }
  });

  it('without details from S3 contain the operation, and encoded ones from EC2 are marked', () => {
    const withoutResource =
      'operation error S3: PutBucketTagging, https response error StatusCode: 403, RequestID: A, HostID: B, api error AccessDenied: Access Denied';
    expect(denialsIn(withoutResource)).toMatchObject([
      { action: '', operation: 'S3 PutBucketTagging', policy: 'unknown' },
    ]);
    const encoded = `api error UnauthorizedOperation: You are not authorized to perform this operation. User: ${USER} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-2:1:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: ${'aB3-'.repeat(40)}`;
    expect(denialsIn(encoded)).toMatchObject([{ action: 'ec2:RunInstances', encoded: true }]);
  });

  it.each([
    ['An error occurred (AccessDenied) when calling the PutObject operation: Access Denied', 'S3 PutObject'],
    [
      'upload failed: site/a.html to s3://site/a.html An error occurred (403) when calling the HeadObject operation: Forbidden',
      'S3 HeadObject',
    ],
    ['Error: putting S3 policy: AccessDenied: Access Denied\n\tstatus code: 403, request id: F2, host id: x', 'S3'],
    [
      'operation error EC2: CreateVpc, https response error StatusCode: 403, RequestID: A, api error UnauthorizedOperation: You are not authorized to perform this operation.',
      'EC2 CreateVpc',
    ],
    [
      'An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation.',
      'EC2 RunInstances',
    ],
    [
      'Error: creating VPC: UnauthorizedOperation: You are not authorized to perform this operation.\n\tstatus code: 403',
      'EC2',
    ],
  ])('of other SDKs without details contain the operation: %s', (text, operation) => {
    expect(denialsIn(text)).toMatchObject([{ action: '', operation, policy: 'unknown', encoded: false }]);
  });

  it.each([
    [
      'An error occurred (AccessDeniedException) when calling the GetRestApis operation: User is not authorized to access this resource',
      'GetRestApis',
    ],
    [
      'operation error Application Auto Scaling: ListTagsForResource, https response error StatusCode: 400, RequestID: 1, api error AccessDeniedException: ',
      'Application Auto Scaling ListTagsForResource',
    ],
    [
      "AccessDenied: Access Denied\n    at throwDefaultError (/x/node_modules/@smithy/smithy-client/dist-cjs/index.js:388:20)\n    at de_GetObjectCommandError (/x/node_modules/@aws-sdk/client-s3/dist-cjs/index.js:4990:14) {\n  '$fault': 'client',\n  '$metadata': {\n    httpStatusCode: 403,",
      'S3 GetObject',
    ],
    [
      "403: UnknownError\n    at de_CommandError (/x/node_modules/@aws-sdk/client-s3/dist-cjs/index.js:4990:14) {\n  '$metadata': { httpStatusCode: 403 }",
      'S3',
    ],
  ])('with custom messages contain the operation, in every SDK: %s', (text, operation) => {
    expect(denialsIn(text)).toMatchObject([{ action: '', operation, policy: 'unknown' }]);
  });

  it.each([
    'operation error S3: ListBuckets, https response error StatusCode: 403, RequestID: 1, api error InvalidAccessKeyId: The key does not exist',
    'operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 1, api error ExpiredToken: expired',
    'AccessDenied: Access Denied (of a proxy)',
  ])('do not include other errors: %s', (text) => {
    expect(denialsIn(text)).toEqual([]);
  });

  it('have the order of the log', () => {
    const withoutResource =
      'operation error S3: GetBucketVersioning, https response error StatusCode: 403, api error AccessDenied: Access Denied';
    const login = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';
    const withResource = denied(
      'sns:CreateTopic',
      'arn:aws:sns:eu-west-2:1:t',
      'because no identity-based policy allows it',
    );
    const denials = denialsIn([withoutResource, login, withResource].join('\n'));
    expect(denials.map(({ action, operation }) => operation ?? action)).toEqual([
      'S3 GetBucketVersioning',
      'sts:AssumeRoleWithWebIdentity',
      'sns:CreateTopic',
    ]);
  });

  it('are counted once when an SDK prints everything', () => {
    const text = denied('ec2:CreateVpc', 'arn:aws:ec2:eu-west-2:1:vpc/*', 'because no identity-based policy allows it');
    const line = `An error occurred (UnauthorizedOperation) when calling the CreateVpc operation: You are not authorized to perform this operation. ${text.replace('api error AccessDenied: ', '')}`;
    expect(denialsIn(line)).toMatchObject([{ action: 'ec2:CreateVpc' }]);
  });

  it('are absent from a log without them', () => {
    expect(denialsIn('Apply complete! Resources: 1 added.')).toEqual([]);
  });
});

it.each([
  ['iam:PutRolePolicy', `arn:aws:iam::1:role/${ROLE}`, true],
  ['iam:AttachRolePolicy', `arn:aws:iam::1:role/path/${ROLE}`, true],
  ['iam:CreatePolicyVersion', 'arn:aws:iam::1:policy/Any', true],
  ['iam:GetRole', `arn:aws:iam::1:role/${ROLE}`, false],
  ['iam:PutRolePolicy', 'arn:aws:iam::1:role/Other', false],
  ['s3:PutObject', 'arn:aws:s3:::b/k', false],
])('%s on %s changes the role itself: %s', (action, resource, expected) => {
  expect(changesItself({ principal: USER, action, resource })).toBe(expected);
});

it.each([
  ['iam:AttachUserPolicy', 'user/ci', true],
  ['iam:AddUserToGroup', 'group/admins', true],
  ['iam:AttachUserPolicy', 'user/other', false],
  ['iam:PutRolePolicy', 'role/ci', false],
])('%s on %s changes the user ci itself: %s', (action, resource, expected) => {
  const principal = 'arn:aws:iam::123456789012:user/ci';
  expect(changesItself({ principal, action, resource: `arn:aws:iam::123456789012:${resource}` })).toBe(expected);
});

it.each([
  [['arn:aws:s3:::b'], 'arn:aws:s3:::b/k', true],
  [['arn:aws:s3:::other/*'], 'arn:aws:s3:::b/k', false],
  [['arn:aws:s3:::b/k'], 'arn:aws:s3:::b', true],
  [['arn:aws:dynamodb:eu-west-2:1:stream/x'], 'arn:aws:dynamodb:eu-west-2:1:table/x', true],
  [['arn:aws:s3:eu-west-2:123456789012:b/*'], 'arn:aws:s3:::b/k', true],
  [['arn:aws:iam:eu-west-2:1:role/x'], 'arn:aws:iam::1:role/x', true],
  [['arn:aws:iam::2:role/x'], 'arn:aws:iam::1:role/x', false],
  [['arn:aws:dynamodb:*:1:table/y'], 'arn:aws:dynamodb:eu-west-2:1:table/x', false],
])('%j can never match %s: %s', (patterns, resource, expected) => {
  expect(canNeverMatch(patterns, resource)).toBe(expected);
});

describe('crc explain --denied', () => {
  const explainDenied = async (log: string, change: (config: LooseConfig) => unknown = () => undefined) => {
    const config = backendConfig();
    change(config);
    const cwd = writeConfig(config);
    const { io, out, err } = captureIo({ cwd });
    const file = join(folderWith({ 'job.log': log }), 'job.log');
    const code = await run(['node', 'crc', 'explain', '--denied', file, '--json'], io);
    return { code, err: err(), denied: deniedDocumentSchema.parse(JSON.parse(out())).denied };
  };
  const identity = (action: string, resource: string) =>
    denied(action, resource, `because no identity-based policy allows the ${action} action`);
  const statement = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });

  it('prints the missing statement, and where to add it', async () => {
    const { code, denied: denials } = await explainDenied(identity('sns:CreateTopic', 'arn:aws:sns:eu-west-2:1:t'));
    expect(code).toBe(2);
    expect(denials).toMatchObject([
      {
        cause: 'No statement of the role allows it.',
        fix: `Add this to the "statements" of ${ROLE} in crc.config.json, then run \`crc bootstrap\`:`,
        statement: statement('sns:CreateTopic', 'arn:aws:sns:eu-west-2:1:t'),
      },
    ]);
  });

  it('reports a grant on an ARN that can never match, or on a different one', async () => {
    const grant = (Resource: string) => (config: LooseConfig) => {
      config.roles[0].statements = [{ Effect: 'Allow', Action: 's3:Put*', Resource }];
    };
    const log = identity('s3:PutBucketTagging', 'arn:aws:s3:::site');
    expect((await explainDenied(log, grant('arn:aws:s3:::site/index.html'))).denied[0]?.cause).toContain(
      'can never match',
    );
    expect((await explainDenied(log, grant('arn:aws:s3:::other'))).denied[0]?.cause).toBe(
      'The role allows s3:PutBucketTagging, but only on arn:aws:s3:::other.',
    );
    expect((await explainDenied(log, grant('arn:aws:s3:::site'))).denied[0]).toMatchObject({
      cause: expect.stringContaining('allows it, so the role in the account is another'),
      statement: null,
    });
  });

  it('reports if another statement, such as the one for the state, allows the action on other resources', async () => {
    const { denied: denials } = await explainDenied(
      identity('s3:PutObject', 'arn:aws:s3:::site/index.html'),
      (config) => {
        config.roles[0].statements = [{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::site' }];
      },
    );
    expect(denials).toMatchObject([
      {
        cause: 'The role allows s3:PutObject on arn:aws:s3:::site, which can never match such a resource.',
        statement: statement('s3:PutObject', 'arn:aws:s3:::site/index.html'),
      },
    ]);
  });

  it.each<[title: string, statements: readonly object[], action: string, cause: string]>([
    [
      'all actions but some',
      [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
      'sns:CreateTopic',
      'allows it, so the role in the account is another',
    ],
    [
      'one of the actions that are left out',
      [{ Effect: 'Allow', NotAction: ['SNS:*', 'iam:*'], Resource: '*' }],
      'sns:CreateTopic',
      'No statement of the role allows it.',
    ],
    [
      'one of the resources that are left out',
      [{ Effect: 'Allow', Action: 'sns:*', NotResource: 'arn:aws:sns:*:*:t' }],
      'sns:CreateTopic',
      'The role allows sns:CreateTopic, but only on all but arn:aws:sns:*:*:t.',
    ],
    [
      'an action under a Deny whose condition does not hold, since AWS reports a Deny as one',
      [
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { StringNotEquals: { 'aws:RequestedRegion': 'eu-west-2' } },
        },
      ],
      'sns:CreateTopic',
      'No statement of the role allows it.',
    ],
  ])('says what the role allows: %s', async (_, statements, action, cause) => {
    const { denied: denials } = await explainDenied(identity(action, 'arn:aws:sns:eu-west-2:1:t'), (config) => {
      config.roles[0].statements = statements;
    });
    expect(denials[0]?.cause).toContain(cause);
  });

  it('never suggests an Allow against a Deny of the role', async () => {
    const explicit = denied('s3:PutObject', 'arn:aws:s3:::b/k', 'with an explicit deny in an identity-based policy');
    const by = async (...statements: readonly object[]) => {
      const { denied: denials } = await explainDenied(explicit, (config) => {
        config.roles[0].statements = statements;
      });
      return [denials[0]?.cause, denials[0]?.statement];
    };
    const elsewhere = 'A Deny statement that is not in crc.config.json denies it.';
    const allowed = { Effect: 'Allow', Action: 's3:PutObject' };
    expect(await by({ ...allowed, Resource: 'arn:aws:s3:::other/*' })).toEqual([elsewhere, null]);
    expect(await by({ ...allowed, Resource: '*' })).toEqual([elsewhere, null]);
    const own = ['A Deny statement of the role in crc.config.json denies it.', null];
    expect(await by({ Effect: 'Deny', NotAction: 'sns:*', Resource: '*' })).toEqual(own);
    expect(await by({ Effect: 'Deny', Action: 's3:*', NotResource: 'arn:aws:s3:::other/*' })).toEqual(own);
  });

  it('also reads the other inline policies of the role', async () => {
    const { denied: denials } = await explainDenied(
      identity('sqs:SendMessage', 'arn:aws:sqs:eu-west-2:1:q'),
      (config) => {
        config.roles[0].inlinePolicies = {
          Queue: [{ Effect: 'Allow', Action: 'sqs:*', Resource: 'arn:aws:sqs:*:*:r' }],
        };
      },
    );
    expect(denials[0]?.cause).toBe('The role allows sqs:SendMessage, but only on arn:aws:sqs:*:*:r.');
  });

  it.each([
    ['is not authorized to perform: s3:DeleteObject', 's3:DeleteObject', 'arn:aws:s3:::BUCKETNAME/OBJECTNAME'],
    ['is not authorized to perform: kms:Decrypt', 'kms:Decrypt', 'arn:aws:kms:REGION:ACCOUNT:key/KEYID'],
    ['is not authorized to perform: s3:ListAllMyBuckets', 's3:ListAllMyBuckets', '*'],
    ['when calling the ListObjectsV2 operation: Access Denied', 's3:ListBucket', 'arn:aws:s3:::BUCKETNAME'],
    [
      'when calling the RunInstances operation: You are not authorized to perform this operation.',
      'ec2:RunInstances',
      undefined,
    ],
  ])('has placeholders for unknown names, and never allows all resources: %s', async (message, action, resource) => {
    const { denied: denials } = await explainDenied(
      `An error occurred (AccessDenied): User: ${USER} ${message}`.replace(`: User: ${USER} when`, ' when'),
    );
    expect(denials).toMatchObject([{ action, resource: null, statement: { Action: action } }]);
    if (resource === undefined) expect(JSON.stringify(denials[0]?.statement)).not.toContain('"*"');
    else expect(denials[0]?.statement).toMatchObject({ Resource: resource });
  });

  it.each([
    ['iam:PutRolePolicy', `role ${ROLE}`],
    ['iam:PutRolePolicy', `arn:aws:iam::123456789012:role/${ROLE}`],
    ['iam:CreatePolicyVersion', 'policy arn:aws:iam::123456789012:policy/Own'],
    ['iam:CreatePolicyVersion', 'arn:aws:iam::123456789012:policy/Own'],
  ])('prints no statement with which a role could change itself: %s', async (action, resource) => {
    const { denied: denials } = await explainDenied(identity(action, resource));
    expect(denials).toMatchObject([{ statement: null, cause: 'The role tries to change what it may do itself.' }]);
  });

  const PASS = 'iam:PassRole';
  const PASSED = 'arn:aws:iam::123456789012:role/visits-fn';

  it.each([
    [
      'operation error Lambda: CreateFunction, https response error StatusCode: 403, RequestID: 1, ',
      'lambda.amazonaws.com',
      undefined,
    ],
    ['operation error SFN: CreateStateMachine, ', 'states.amazonaws.com', undefined],
    ['operation error ECS: CreateService, ', 'SERVICE.amazonaws.com', 'ecs.amazonaws.com or ecs-tasks.amazonaws.com'],
    // A different call's message lies between the two.
    [
      `operation error Lambda: GetFunction, ${identity('lambda:GetFunction', 'arn:aws:lambda:eu-west-2:1:function:x')}. `,
      'SERVICE.amazonaws.com',
      'such as lambda.amazonaws.com',
    ],
    [
      'An error occurred (AccessDeniedException) when calling the CreateFunction operation: ',
      'SERVICE.amazonaws.com',
      'such as lambda.amazonaws.com',
    ],
  ])(
    'allows passing a role only to that service, or reports that AWS does not name it: %s',
    async (before, service, choice) => {
      const { denied: calls } = await explainDenied(`${before}${identity(PASS, PASSED)}`);
      const call = calls.at(-1);
      expect(call?.statement).toEqual({
        ...statement(PASS, PASSED),
        Condition: { StringEquals: { 'iam:PassedToService': service } },
      });
      const unnamed = `AWS does not say which service gets the role: replace SERVICE.amazonaws.com with it (${choice}).`;
      expect(call?.fix.includes('AWS does not say which')).toBe(choice !== undefined);
      if (choice !== undefined) expect(call?.fix).toContain(unnamed);
    },
  );

  it('names both principals that a service may have in China', async () => {
    const log = `operation error SFN: CreateStateMachine, ${identity(PASS, PASSED)}`.replaceAll(
      'arn:aws:',
      'arn:aws-cn:',
    );
    const { denied: calls } = await explainDenied(log);
    expect(calls[0]?.fix).toContain('(states.amazonaws.com or states.amazonaws.com.cn)');
  });

  describe('of a call that can change a role', () => {
    const put = (name: string, caller = '') =>
      `AccessDenied: ${caller === '' ? '' : `User: ${caller} `}is not authorized to perform: iam:PutRolePolicy on resource: role ${name} because no identity-based policy allows the iam:PutRolePolicy action`;
    const withReader = (config: LooseConfig) => {
      config.roles.push({ name: 'Reader', trust: { repository: 'o/r', subjects: ['pull_request'] } });
    };
    const firstDenial = async (log: string) => {
      const { io, out } = captureIo({ cwd: folderWith({ 'job.log': log }) });
      await run(['node', 'crc', 'explain', '--denied', 'job.log', '--json'], io);
      return deniedDocumentSchema.parse(JSON.parse(out())).denied[0];
    };

    it('prints none for a role in the config, whether or not the caller is known, nor for another role of a job', async () => {
      for (const [log, cause] of [
        [put(ROLE), `the call can change what ${ROLE} may do`],
        [put('Reader'), 'the call can change what Reader may do'],
        [put('Reader', USER), 'The role tries to change what Reader may do'],
      ] as const) {
        const { denied: denials } = await explainDenied(log, withReader);
        expect(denials).toMatchObject([{ statement: null, cause: expect.stringContaining(cause) }]);
      }
    });

    it('prints one for a user, and for another role', async () => {
      const person = 'arn:aws:iam::123456789012:user/jane';
      for (const log of [put(ROLE, person), put('visits-fn', USER)]) {
        expect((await explainDenied(log, withReader)).denied).toMatchObject([
          { statement: { Action: 'iam:PutRolePolicy' } },
        ]);
      }
    });

    it('warns where neither the caller nor the roles of jobs are known', async () => {
      const warning = 'Do not add this to a role that it can change';
      expect(await firstDenial(put('visits-fn'))).toMatchObject({
        statement: { Action: 'iam:PutRolePolicy' },
        fix: expect.stringContaining(`AWS does not say who called. ${warning}`),
      });
      expect((await firstDenial(put('visits-fn', USER)))?.fix).not.toContain(warning);
      expect((await firstDenial(put('x').replace('PutRolePolicy', 'GetRolePolicy')))?.fix).not.toContain(warning);
    });
  });

  it('points to the other policy that denies the call, and never suggests an Allow against a Deny', async () => {
    const boundary = await explainDenied(
      denied('s3:PutObject', 'arn:aws:s3:::b/k', 'because no permissions boundary allows the s3:PutObject action'),
    );
    expect(boundary.denied[0]).toMatchObject({
      policy: 'boundary',
      fix: expect.stringContaining("Add this to the boundary's policy"),
      statement: statement('s3:PutObject', 'arn:aws:s3:::b/k'),
    });
    const scp = await explainDenied(
      denied('s3:PutObject', 'arn:aws:s3:::b/k', 'with an explicit deny in a service control policy'),
    );
    expect(scp.denied[0]).toMatchObject({ policy: 'service-control', explicit: true, statement: null });
  });

  it.each(['resource-based', 'VPC endpoint'])('names the role in a statement for a %s policy', async (kind) => {
    const { denied: calls } = await explainDenied(
      denied('sqs:SendMessage', 'arn:aws:sqs:eu-west-2:1:q', `because no ${kind} policy allows the action`),
    );
    expect(calls[0]?.statement).toEqual({
      ...statement('sqs:SendMessage', 'arn:aws:sqs:eu-west-2:1:q'),
      Principal: { AWS: `arn:aws:iam::123456789012:role/${ROLE}` },
    });
  });

  it('fits a terminal, with commands and statements that can be pasted', async () => {
    const cwd = writeConfig(backendConfig());
    const bucket = `arn:aws:s3:::${'long-'.repeat(20)}name`;
    const file = join(folderWith({ 'job.log': identity('s3:CreateBucket', bucket) }), 'job.log');
    const { io, out } = captureIo({ cwd, outColumns: 80, own: { program: 'npx crc', update: '', flags: [] } });
    await run(['node', 'crc', 'explain', '--denied', file], io);
    const lines = out().split('\n');
    expect(out()).toContain('`npx crc bootstrap`');
    expect(lines).toContain(`      "Resource": "${bucket}"`);
    expect(lines.filter((line) => line.length > 80 && !line.includes(bucket))).toEqual([]);
  });

  it('has a placeholder ARN if AWS returns only a name', async () => {
    const { denied: denials } = await explainDenied(identity('secretsmanager:GetSecretValue', 'api-key'));
    expect(denials).toMatchObject([
      {
        resource: 'api-key',
        fix: expect.stringContaining('AWS does not say the ARN of the resource: replace the words in capitals.'),
        statement: statement('secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:REGION:ACCOUNT:secret:SECRETID'),
      },
    ]);
  });

  it('has a placeholder ARN in the partition of the caller', async () => {
    const log = identity('secretsmanager:GetSecretValue', 'api-key').replace('arn:aws:', 'arn:aws-cn:');
    const { denied: denials } = await explainDenied(log);
    const arn = 'arn:aws-cn:secretsmanager:REGION:ACCOUNT:secret:SECRETID';
    expect(denials[0]?.statement).toEqual(statement('secretsmanager:GetSecretValue', arn));
  });

  it('mentions the trust policy of a role if AWS does not report which policy denies the call', async () => {
    const { denied: denials } = await explainDenied(
      denied('sts:AssumeRole', 'arn:aws:iam::222233334444:role/Deploy', ''),
    );
    expect(denials[0]?.fix).toContain("The role's trust policy must let the caller in as well.");
  });

  it.each([
    ['', 'job.log is empty.'],
    ['PK\0\0', 'job.log is not a text file.'],
  ])('refuses %j, which is not a log', async (text, message) => {
    const { io, err } = captureIo({ cwd: folderWith({ 'job.log': text }) });
    expect(await run(['node', 'crc', 'explain', '--denied', 'job.log'], io)).toBe(1);
    expect(err()).toContain(message);
  });

  it('reads UTF-16 files from PowerShell', async () => {
    const cwd = folderWith({});
    writeFileSync(join(cwd, 'job.log'), `\uFEFF${identity('sns:CreateTopic', 'arn:aws:sns:eu-west-2:1:t')}`, 'utf16le');
    const { io, out } = captureIo({ cwd });
    expect(await run(['node', 'crc', 'explain', '--denied', 'job.log'], io)).toBe(2);
    expect(out()).toContain('sns:CreateTopic');
  });

  it('refers to crc explain if the login itself was denied', async () => {
    const { code, denied: denials } = await explainDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect([code, denials]).toMatchObject([
      2,
      [{ fix: '`crc explain` shows which, and what to change.', statement: null, resource: null }],
    ]);
  });

  it('reports nothing for a log without a denial', async () => {
    expect(await explainDenied('all is well')).toMatchObject({ code: 0, denied: [] });
  });
});
