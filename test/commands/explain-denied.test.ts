import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { canNeverMatch, changesItself, denialsIn } from '../../src/trust/denied.ts';
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
  ])('say what denied the call: %s', (reason, policy, explicit) => {
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

  it('are also logins that AWS refused', () => {
    const line = 'Error: Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity';
    expect(denialsIn(`${line}\n${line}`)).toMatchObject([
      { principal: '', action: 'sts:AssumeRoleWithWebIdentity', policy: 'trust' },
    ]);
  });

  it('have the policy that AWS names', () => {
    const arn = 'arn:aws:organizations::111122223333:policy/o-abc/service_control_policy/p-1';
    const text = denied('s3:PutObject', 'arn:aws:s3:::b', `with an explicit deny in a service control policy: ${arn}`);
    expect(denialsIn(text)[0]?.policyArn).toBe(arn);
  });

  it('are found in the frame of Terraform, broken into lines, behind the times of the runner, and counted once', () => {
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

  it('of S3 that say nothing have the operation, those of EC2 that they are encoded', () => {
    const bare =
      'operation error S3: PutBucketTagging, https response error StatusCode: 403, RequestID: A, HostID: B, api error AccessDenied: Access Denied';
    expect(denialsIn(bare)).toMatchObject([{ action: '', operation: 'S3 PutBucketTagging', policy: 'unknown' }]);
    const encoded = `api error UnauthorizedOperation: You are not authorized to perform this operation. User: ${USER} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-2:1:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: ${'aB3-'.repeat(40)}`;
    expect(denialsIn(encoded)).toMatchObject([{ action: 'ec2:RunInstances', encoded: true }]);
  });

  it('are none in a log without them', () => {
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
  ['s3:PutObject', ['arn:aws:s3:::b'], 'arn:aws:s3:::b/k', true],
  ['s3:PutObject', ['arn:aws:s3:::other/*'], 'arn:aws:s3:::b/k', false],
  ['s3:ListBucket', ['arn:aws:s3:::b/k'], 'arn:aws:s3:::b', true],
  ['dynamodb:GetItem', ['arn:aws:dynamodb:eu-west-2:1:stream/x'], 'arn:aws:dynamodb:eu-west-2:1:table/x', true],
  ['dynamodb:GetItem', ['arn:aws:dynamodb:*:1:table/y'], 'arn:aws:dynamodb:eu-west-2:1:table/x', false],
])('%s on %j can never match %s: %s', (action, patterns, resource, expected) => {
  expect(canNeverMatch(action, patterns, resource)).toBe(expected);
});

describe('crc explain --denied', () => {
  const explained = async (log: string, change: (config: LooseConfig) => unknown = () => undefined) => {
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

  it('prints the one statement, and where it goes', async () => {
    const { code, denied: found } = await explained(identity('sns:CreateTopic', 'arn:aws:sns:eu-west-2:1:t'));
    expect(code).toBe(2);
    expect(found).toMatchObject([
      {
        cause: 'No statement of the role allows it.',
        fix: `Add this to the "statements" of ${ROLE} in crc.config.json, then run \`crc bootstrap\`:`,
        statement: statement('sns:CreateTopic', 'arn:aws:sns:eu-west-2:1:t'),
      },
    ]);
  });

  it('says that a grant is on an ARN that can never match, or on another one', async () => {
    const grant = (Resource: string) => (config: LooseConfig) => {
      config.roles[0].statements = [{ Effect: 'Allow', Action: 's3:Put*', Resource }];
    };
    const log = identity('s3:PutBucketTagging', 'arn:aws:s3:::site');
    expect((await explained(log, grant('arn:aws:s3:::site/index.html'))).denied[0]?.cause).toContain('can never match');
    expect((await explained(log, grant('arn:aws:s3:::other'))).denied[0]?.cause).toBe(
      'The role allows s3:PutBucketTagging, but only on arn:aws:s3:::other.',
    );
    expect((await explained(log, grant('arn:aws:s3:::site'))).denied[0]).toMatchObject({
      cause: expect.stringContaining('allows it, so the role in the account is another'),
      statement: null,
    });
  });

  it.each([
    ['iam:PutRolePolicy', `arn:aws:iam::123456789012:role/${ROLE}`],
    ['iam:CreatePolicyVersion', 'arn:aws:iam::123456789012:policy/Own'],
  ])('prints nothing that would let a role change itself: %s', async (action, resource) => {
    const { denied: found } = await explained(identity(action, resource));
    expect(found).toMatchObject([{ statement: null, cause: 'The role tries to change what it may do itself.' }]);
  });

  it('sends who is denied by another policy there, and offers no Allow against a Deny', async () => {
    const boundary = await explained(
      denied('s3:PutObject', 'arn:aws:s3:::b/k', 'because no permissions boundary allows the s3:PutObject action'),
    );
    expect(boundary.denied[0]).toMatchObject({
      policy: 'boundary',
      fix: expect.stringContaining("Add this to the boundary's policy"),
      statement: statement('s3:PutObject', 'arn:aws:s3:::b/k'),
    });
    const scp = await explained(
      denied('s3:PutObject', 'arn:aws:s3:::b/k', 'with an explicit deny in a service control policy'),
    );
    expect(scp.denied[0]).toMatchObject({ policy: 'service-control', explicit: true, statement: null });
  });

  it('sends who was not let in at all to crc explain', async () => {
    const { code, denied: found } = await explained('Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect([code, found]).toMatchObject([
      2,
      [{ fix: '`crc explain` shows which, and what to change.', statement: null, resource: null }],
    ]);
  });

  it('has nothing to say of a log without a denial', async () => {
    expect(await explained('all is well')).toMatchObject({ code: 0, denied: [] });
  });
});
