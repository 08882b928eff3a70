import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { textEntry } from '../../../src/terraform/permissions/log/entry.ts';
import { linesOf } from '../../../src/terraform/permissions/log/lines.ts';
import { byRequest, phaseOfRequest } from '../../../src/terraform/permissions/log/phases.ts';
import { type LoggedCall, LogReader } from '../../../src/terraform/permissions/log/read.ts';
import { assumedRoles } from '../../../src/terraform/permissions/log/recorded.ts';

it('has lines in UTF-8, or in UTF-16 of PowerShell, whatever parts arrive', async () => {
  const linesIn = async (bytes: Buffer, size: number) => {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) =>
      bytes.subarray(part * size, (part + 1) * size),
    );
    const lines: string[] = [];
    for await (const line of linesOf(Readable.from(parts))) lines.push(line);
    return lines;
  };
  for (const text of [Buffer.from('é\r\nb\n\nc'), Buffer.from('\uFEFFé\r\nb\n\nc', 'utf16le')]) {
    for (const size of [3, 5, 100]) expect(await linesIn(text, size)).toEqual(['é', 'b', '', 'c']);
  }
});

function callsOf(text: string): readonly LoggedCall[] {
  const reader = new LogReader();
  for (const line of text.split('\n')) reader.add(line);
  return reader.end();
}

/** Written by AWS provider 5.100 with Terraform 1.11. */
const TEXT = String.raw`2026-11-26T03:26:25.190Z [DEBUG] provider: starting plugin: path=.terraform/x
2026-11-26T03:26:25.767Z [DEBUG] provider.terraform-provider-aws_v5.100.0_x5: HTTP Request Sent: tf_resource_type=aws_dynamodb_table http.method=POST http.request.header.amz_sdk_invocation_id=80800abe http.request.header.authorization="AWS4-HMAC-SHA256 Credential=ASIA************XAMP/20261126/eu-west-2/dynamodb/aws4_request, SignedHeaders=host, Signature=*****" rpc.service=DynamoDB aws.dynamodb.table_names=[visits]
  http.request.body=
  | {"TableName":"visits","Tags":[{"Key":"a=b","Value":"c \"d\""}]}
   http.request.header.x_amz_target=DynamoDB_20120810.CreateTable http.request.header.content_type=application/x-amz-json-1.0 http.url=https://dynamodb.eu-west-2.amazonaws.com/ rpc.method=CreateTable tf_req_id=18b1 tf_rpc=ApplyResourceChange aws.region=eu-west-2
2026-11-26T03:26:25.800Z [DEBUG] provider.terraform-provider-aws_v5.100.0_x5: HTTP Response Received: http.status_code=400 rpc.method=CreateTable tf_req_id=18b1
  http.response.body=
  | {"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: x is not authorized to perform: dynamodb:CreateTable"}
  `;

const JSON_LINE = JSON.stringify({
  '@level': 'debug',
  '@message': 'HTTP Request Sent',
  '@timestamp': '2026-11-26T03:28:17.161512Z',
  'aws.region': 'eu-west-2',
  'http.method': 'PUT',
  'http.request.body':
    '<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag><Key>A</Key><Value>b</Value></Tag><Tag><Key>C</Key><Value></Value></Tag></TagSet></Tagging>\n',
  'http.request.header.amz_sdk_invocation_id': '1646',
  'http.request.header.authorization':
    'AWS4-HMAC-SHA256 Credential=testing/20261126/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=*****',
  'http.request.header.x_amz_date': '20261126T032817Z',
  'http.request.header.x_amz_tagging': 'A=b',
  'http.url': 'http://127.0.0.1:5000/bucket/a%20key?tagging=',
  'rpc.method': 'PutObjectTagging',
  'rpc.service': 'S3',
  tf_data_source_type: 'aws_s3_object',
  tf_req_id: '31fe',
  tf_rpc: 'ReadDataSource',
});

describe("Terraform's log", () => {
  it('as text contains the call, with a multi-line body and the response that denied it', () => {
    expect(callsOf(TEXT)).toEqual([
      {
        service: 'DynamoDB',
        operation: 'CreateTable',
        signingName: 'dynamodb',
        region: 'eu-west-2',
        request: {
          method: 'POST',
          host: 'dynamodb.eu-west-2.amazonaws.com',
          path: '/',
          query: {},
          headers: { 'x-amz-target': 'DynamoDB_20120810.CreateTable' },
          body: { TableName: 'visits', Tags: [{ Key: 'a=b', Value: 'c "d"' }] },
        },
        resourceType: 'aws_dynamodb_table',
        time: Date.parse('2026-11-26T03:26:25.767Z'),
        requestId: '18b1',
        rpc: 'ApplyResourceChange',
        signer: 'ASIA************XAMP',
        denied: true,
      },
    ]);
  });

  it('as JSON contains the call, XML as objects and the path decoded once', () => {
    expect(callsOf(JSON_LINE)).toMatchObject([
      {
        service: 'S3',
        operation: 'PutObjectTagging',
        region: 'us-east-1',
        request: {
          host: '127.0.0.1:5000',
          path: '/bucket/a key',
          query: { tagging: '' },
          headers: { 'x-amz-tagging': 'A=b' },
          body: {
            TagSet: {
              Tag: [
                { Key: 'A', Value: 'b' },
                { Key: 'C', Value: '' },
              ],
            },
          },
        },
        resourceType: 'aws_s3_object',
        rpc: 'ReadDataSource',
      },
    ]);
  });

  it.each([
    ['the runner of GitHub Actions', '2026-11-26T03:26:26.1234567Z '],
    ['gh run view --log', 'apply\tRun terraform apply\t2026-11-26T03:26:26.1234567Z '],
    ['a terminal with colours', '\u001b[0m'],
  ])('is the same with the prefix that %s adds to each line', (_, prefix) => {
    const text = TEXT.split('\n')
      .map((line) => `${prefix}${line}`)
      .join('\r\n');
    expect(callsOf(text)).toEqual(callsOf(TEXT));
  });

  it.each([
    [
      'an escaped backslash',
      String.raw`\\u003e1000 C:\\apps\\x41\\Udeadbeef`,
      String.raw`\u003e1000 C:\apps\x41\Udeadbeef`,
    ],
    ["Go's own escapes", String.raw`\x41\a\v\u00e9cafe \U0001f600`, 'A\u0007\u000bécafe 😀'],
    ['no code point', String.raw`\Uffffffff`, String.raw`\Uffffffff`],
  ])('as text has quoted values with %s', (_, quoted, value) => {
    expect(textEntry(undefined, `HTTP Request Sent: a="${quoted}" b=c`).fields).toEqual({ a: value, b: 'c' });
  });

  it('counts retries once', () => {
    expect(callsOf([JSON_LINE, JSON_LINE, TEXT, TEXT].join('\n'))).toHaveLength(2);
  });

  it.each([
    [
      'one entry a request',
      `2021-05-04T12:00:00.000Z [DEBUG] provider.terraform-provider-aws_v3.38.0_x5: 2021/05/04 12:00:00 [DEBUG] [aws-sdk-go] DEBUG: Request iam/CreateRole Details:
---[ REQUEST POST-SIGN ]-----------------------------
POST / HTTP/1.1
Host: iam.amazonaws.com
Authorization: AWS4-HMAC-SHA256 Credential=AKIAXXXX/20210504/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=1
Content-Type: application/x-www-form-urlencoded; charset=utf-8

Action=CreateRole&RoleName=a%2Fb&Tags.member.1.Key=k
-----------------------------------------------------: timestamp=2021-05-04T12:00:00.000Z
2021-05-04T12:00:00.100Z [DEBUG] provider.x: [aws-sdk-go] DEBUG: Response iam/CreateRole Details:
---[ RESPONSE ]--------------------------------------
HTTP/1.1 200 OK
-----------------------------------------------------`,
    ],
    [
      'one entry a line, before Terraform 0.15',
      [
        '2021/05/04 12:00:00 [DEBUG] [aws-sdk-go] DEBUG: Request iam/CreateRole Details:',
        '---[ REQUEST POST-SIGN ]-----------------------------',
        'POST / HTTP/1.1',
        'Host: iam.amazonaws.com',
        'Authorization: AWS4-HMAC-SHA256 Credential=AKIAXXXX/20210504/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=1',
        'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
        '',
        'Action=CreateRole&RoleName=a%2Fb&Tags.member.1.Key=k',
        '-----------------------------------------------------',
      ]
        .map((line) => `2021-05-04T12:00:00.000Z [DEBUG] plugin.terraform-provider-aws_v2.70.0_x4: ${line}`)
        .join('\n'),
    ],
  ])('of version 1 of the SDK contains the call: %s', (_, text) => {
    expect(callsOf(text)).toMatchObject([
      {
        service: 'iam',
        operation: 'CreateRole',
        signingName: 'iam',
        region: 'us-east-1',
        request: {
          method: 'POST',
          host: 'iam.amazonaws.com',
          path: '/',
          body: { Action: 'CreateRole', RoleName: 'a/b', 'Tags.member.1.Key': 'k' },
        },
      },
    ]);
  });

  it.each([
    ['[Redacted: 17 bytes, Type: application/octet-stream]'],
    ['{"TableName":"vis'],
    ['<Tagging><TagSet>'],
    [''],
  ])('has no body if it was omitted or truncated: %s', (body) => {
    const line = JSON.stringify({ ...(JSON.parse(JSON_LINE) as object), 'http.request.body': body });
    expect(callsOf(line)[0]?.request.body).toBeUndefined();
  });

  it.each([
    '{',
    '{}',
    'null',
    '{"@message":3}',
    'HTTP Request Sent',
    '2026-11-26T03:26:25.767Z [DEBUG] x: HTTP Request Sent: ',
  ])('ignores lines without a call: %s', (line) => {
    expect(callsOf(line)).toEqual([]);
  });
});

const call = (operation: string, more: Partial<LoggedCall> = {}): LoggedCall => ({
  service: 'S3',
  operation,
  region: 'eu-west-2',
  request: { method: 'GET', path: '/', query: {}, headers: {}, body: undefined },
  ...more,
});

describe('the phase of calls in a log', () => {
  const apply = { rpc: 'ApplyResourceChange', requestId: 'a' };
  it.each([
    ['plan', [call('CreateBucket', { rpc: 'ReadResource' })]],
    ['plan', [call('GetBucketAcl')]],
    ['apply', [call('GetBucketAcl', apply), call('DeleteBucketPolicy', apply), call('PutBucketTagging', apply)]],
    ['apply', [call('GetBucketAcl', apply)]],
    ['destroy', [call('GetBucketAcl', apply), call('DeleteBucket', apply)]],
    ['destroy', [call('GetBucketAcl', { ...apply, command: 'destroy' })]],
    ['destroy', [call('DeleteObject')]],
    ['apply', [call('AssumeRole')]],
  ])('is %s', (phase, calls) => {
    expect(phaseOfRequest(calls)).toBe(phase);
  });

  it('is the same for all calls of a Terraform request', () => {
    const [first, second, third] = [call('A', apply), call('B'), call('C', apply)];
    expect(byRequest([first, second, third])).toEqual([[first, third], [second]]);
  });
});

it('recognizes the roles that a provider assumes', () => {
  const body = { RoleArn: 'arn:aws:iam::123456789012:role/Deploy' };
  const assume = call('AssumeRole', { service: 'STS', request: { ...call('x').request, body } });
  expect(assumedRoles([assume, assume, call('GetObject')])).toEqual(['arn:aws:iam::123456789012:role/Deploy']);
});
