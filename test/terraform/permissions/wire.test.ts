import { expect, it } from 'vitest';
import ROUTES from '../../../src/terraform/permissions/log/routes.json' with { type: 'json' };
import { routedOperation } from '../../../src/terraform/permissions/log/routes.ts';
import { callOnTheWire } from '../../../src/terraform/permissions/log/wire.ts';
import { permissionsOf } from '../../../src/terraform/permissions/permissions.ts';

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=testing/20261126/eu-west-2/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

it.each([
  ['s3', 'GET', '/', {}, '', 'ListBuckets'],
  ['s3', 'PUT', '/b', {}, '', 'CreateBucket'],
  ['s3', 'GET', '/b?list-type=2&prefix=x', {}, '', 'ListObjectsV2'],
  ['s3', 'PUT', '/b?tagging', {}, '<Tagging/>', 'PutBucketTagging'],
  ['s3', 'DELETE', '/b?lifecycle', {}, '', 'DeleteBucketLifecycle'],
  ['s3', 'GET', '/b?object-lock', {}, '', 'GetObjectLockConfiguration'],
  ['s3', 'POST', '/b?delete', {}, '', 'DeleteObjects'],
  ['s3', 'PUT', '/b/a/k', {}, 'x', 'PutObject'],
  ['s3', 'PUT', '/b/k', { 'x-amz-copy-source': '/b/a' }, '', 'CopyObject'],
  ['s3', 'POST', '/b/k?uploads', {}, '', 'CreateMultipartUpload'],
  ['s3', 'PUT', '/b/k?partNumber=1&uploadId=u', {}, 'x', 'UploadPart'],
  ['s3', 'GET', '/b/k?acl', {}, '', 'GetObjectAcl'],
  ['s3', 'GET', '/b/k?x-id=GetObject', {}, '', 'GetObject'],
  ['dynamodb', 'POST', '/', { 'x-amz-target': 'DynamoDB_20120810.GetItem' }, '{}', 'GetItem'],
  ['iam', 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, 'Action=GetRole&RoleName=r', 'GetRole'],
  ['monitoring', 'POST', '/service/GraniteServiceVersion20100801/operation/PutMetricData', {}, '', 'PutMetricData'],
  // Unknown requests are listed as unknown instead of being ignored.
  ['apigateway', 'GET', '/v3/apis', {}, '', 'GET /v3/apis'],
  ['medialive', 'GET', '/prod/channels', {}, '', 'GET /prod/channels'],
])('%s %s %s is the call %5$s', (service, method, path, headers, body, operation) => {
  const wire = { method, url: `http://127.0.0.1:5000${path}`, headers: { ...signed(service), ...headers }, body };
  expect(callOnTheWire(wire)).toMatchObject({ service, signingName: service, region: 'eu-west-2', operation });
});

it.each([
  ['apigateway', 'GET /v2/apis', 'ApiGatewayV2', 'GetApis'],
  ['apigateway', 'PATCH /restapis/a1b2c3/stages/live', 'API Gateway', 'UpdateStage'],
  ['apigateway', 'POST /restapis?mode=import', 'API Gateway', 'ImportRestApi'],
  ['apigateway', 'POST /restapis', 'API Gateway', 'CreateRestApi'],
  ['apigateway', 'PUT /tags/arn%3Aaws%3Aapigateway%3Aeu-west-2%3A%3A%2Frestapis%2Fa1', 'API Gateway', 'TagResource'],
  ['cloudfront', 'POST /2020-05-31/distribution/E1/invalidation', 'CloudFront', 'CreateInvalidation'],
  ['cloudfront', 'POST /2020-05-31/distribution?WithTags', 'CloudFront', 'CreateDistributionWithTags'],
  ['cloudfront', 'POST /2020-05-31/tagging?Operation=Untag&Resource=x', 'CloudFront', 'UntagResource'],
  ['route53', 'POST /2013-04-01/hostedzone/Z1/rrset/', 'Route 53', 'ChangeResourceRecordSets'],
  ['scheduler', 'POST /schedules/nightly', 'Scheduler', 'CreateSchedule'],
  ['eks', 'GET /clusters/main/node-groups/web', 'EKS', 'DescribeNodegroup'],
  ['elasticfilesystem', 'POST /2015-02-01/file-systems', 'EFS', 'CreateFileSystem'],
  ['lambda', 'POST /2015-03-31/functions', 'Lambda', 'CreateFunction'],
  ['lambda', 'POST /2015-03-31/functions/f/invocations', 'Lambda', 'Invoke'],
  ['lambda', 'GET /2021-10-31/functions/f/url', 'Lambda', 'GetFunctionUrlConfig'],
  ['lambda', 'GET /2018-10-31/layers?find=LayerVersion&Arn=x', 'Lambda', 'GetLayerVersionByArn'],
  ['ses', 'POST /v2/email/outbound-emails', 'SESv2', 'SendEmail'],
  ['s3', 'PUT /v20180820/accesspoint/a', 'S3 Control', 'CreateAccessPoint'],
])('%s %s is the call %s %s', (signingName, line, service, operation) => {
  const [method = '', path = ''] = line.split(' ');
  const wire = { method, url: `http://127.0.0.1:5000${path}`, headers: signed(signingName), body: '{}' };
  expect(callOnTheWire(wire)).toMatchObject({ service, signingName, operation });
});

it('each path that crc knows identifies one operation', () => {
  const rows = Object.entries(ROUTES).flatMap(([signingName, services]) =>
    Object.values<readonly string[]>(services).flatMap((service) => service.map((row) => ({ signingName, row }))),
  );
  const unmatched = rows.filter(({ signingName, row }) => {
    const [method = '', uri = '', operation] = row.split(' ');
    const { pathname, searchParams } = new URL(uri.replace(/\{\+?\}/g, 'x1'), 'http://aws');
    const request = { method, path: pathname, query: Object.fromEntries(searchParams) };
    return routedOperation(signingName, request)?.operation !== operation;
  });
  expect(unmatched).toEqual([]);
  expect(rows.length).toBeGreaterThan(1_500);
});

it('a call that is identified by its path becomes a statement with its resource and its passed role', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/nightly';
  const call = callOnTheWire({
    method: 'POST',
    url: 'http://127.0.0.1:5000/schedules/nightly',
    headers: { ...signed('scheduler'), 'content-type': 'application/json' },
    body: JSON.stringify({ Target: { Arn: 'arn:aws:lambda:eu-west-2:123456789012:function:f', RoleArn: roleArn } }),
  });
  if (call === undefined) throw new Error('no call');
  const place = { accountId: '123456789012', partition: 'aws', state: [] };
  const { phases, unknown } = permissionsOf([{ ...call, phase: 'apply' }], place);
  expect(unknown).toEqual([]);
  expect(phases.apply).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        Action: 'scheduler:CreateSchedule',
        Resource: 'arn:aws:scheduler:eu-west-2:123456789012:schedule/default/nightly',
      }),
      expect.objectContaining({ Action: 'iam:PassRole', Resource: roleArn }),
    ]),
  );
});

it.each([
  ['monitoring', 'Action=PutMetricAlarm&AlarmName=errors', 'cloudwatch:PutMetricAlarm'],
  ['tagging', 'Action=GetResources', 'tag:GetResources'],
  ['iotdata', 'Action=GetThingShadow', 'iot:GetThingShadow'],
])('a service that signs as %s has its own prefix in IAM', (signingName, body, action) => {
  const url = 'http://127.0.0.1:5000/';
  const call = callOnTheWire({ method: 'POST', url, headers: signed(signingName), body });
  if (call === undefined) throw new Error('no call');
  const place = { accountId: '123456789012', partition: 'aws', state: [] };
  const { phases, unknown } = permissionsOf([{ ...call, phase: 'plan' }], place);
  expect([phases.plan.map(({ Action }) => Action), unknown]).toEqual([[action], []]);
});

it('a name in a path is used for the only placeholder of the ARN', () => {
  const url = 'http://127.0.0.1:5000/schedule-groups/nightly';
  const call = callOnTheWire({ method: 'POST', url, headers: signed('scheduler'), body: '{}' });
  if (call === undefined) throw new Error('no call');
  const place = { accountId: '123456789012', partition: 'aws', state: [] };
  const { phases } = permissionsOf([{ ...call, phase: 'plan' }], place);
  expect(phases.plan.map(({ Resource }) => Resource)).toEqual([
    'arn:aws:scheduler:eu-west-2:123456789012:schedule-group/nightly',
  ]);
});

it('keeps the headers that change what a call does: whether S3 returns a checksum, not the checksum itself', () => {
  const kept = { 'x-amz-checksum-mode': 'ENABLED' };
  const headers = { ...signed('s3'), ...kept, 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-date': '20261127T000000Z' };
  const wire = { method: 'HEAD', url: 'http://127.0.0.1:5000/b/k', headers, body: '' };
  expect(callOnTheWire(wire)?.request.headers).toEqual(kept);
});

it('an unsigned request is not a call', () => {
  expect(callOnTheWire({ method: 'GET', url: 'http://127.0.0.1:5000/', headers: {}, body: '' })).toBeUndefined();
});

it.each([
  ['a program', 'Boto3/1.43.11 md/Botocore#1.43.11 lang/python#3.11.7', ['sqs:CreateQueue']],
  // A child process may be Terraform, whose next apply changes what this one created.
  [
    'Terraform under a program',
    'APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.100.0',
    ['sqs:CreateQueue', 'sqs:SetQueueAttributes'],
  ],
])(
  '%s gets the actions that it calls, and those for changes of a later run only if it has one',
  (_who, userAgent, actions) => {
    const headers = { ...signed('sqs'), 'x-amz-target': 'AmazonSQS.CreateQueue', 'user-agent': userAgent };
    const sent = callOnTheWire({
      method: 'POST',
      url: 'http://127.0.0.1:5000/',
      headers,
      body: '{"QueueName":"jobs"}',
    });
    if (sent === undefined) throw new Error('the call is signed');
    const place = { accountId: '111122223333', partition: 'aws', state: [] };
    const { phases } = permissionsOf([{ ...sent, phase: 'apply' }], place);
    expect(phases.apply.flatMap(({ Action }) => Action)).toEqual(actions);
  },
);
