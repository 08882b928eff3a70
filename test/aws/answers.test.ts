import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeTableCommand, DynamoDBClient, GetItemCommand, TagResourceCommand } from '@aws-sdk/client-dynamodb';
import { GetRoleCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, GetFunctionCommand, GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { HttpResponse } from '@smithy/core/protocols';
import { describe, expect, it } from 'vitest';
import { checkAnswers } from '../../src/aws/answers.ts';
import type { Services } from '../../src/aws/service.ts';
import { SERVICES } from '../../src/aws/services.ts';

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a call to a server that always responds with this answer. */
type Send = (answer: Answer) => Promise<unknown>;

function settingsOf({ status, body = '', headers = {} }: Answer) {
  const response = () => new HttpResponse({ statusCode: status, headers, body: Buffer.from(body) });
  return {
    region: 'eu-west-2',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: { handle: async () => ({ response: response() }) },
  };
}

const dynamodb = (command: DescribeTableCommand | GetItemCommand | TagResourceCommand): Send => {
  return async (answer) => {
    const client = new DynamoDBClient(settingsOf(answer));
    client.middlewareStack.use(checkAnswers(SERVICES.dynamodb));
    return await client.send(command as DescribeTableCommand);
  };
};
const lambda = (command: GetFunctionCommand | GetPolicyCommand | DeleteFunctionCommand): Send => {
  return async (answer) => {
    const client = new LambdaClient(settingsOf(answer));
    client.middlewareStack.use(checkAnswers(SERVICES.lambda));
    return await client.send(command as GetFunctionCommand);
  };
};
const iam = (command: GetRoleCommand | ListRolePoliciesCommand | PutRolePolicyCommand): Send => {
  return async (answer) => {
    const client = new IAMClient(settingsOf(answer));
    client.middlewareStack.use(checkAnswers(SERVICES.iam));
    return await client.send(command as GetRoleCommand);
  };
};
const s3 = (command: unknown): Send => {
  return async (answer) => {
    const client = new S3Client(settingsOf(answer));
    client.middlewareStack.use(checkAnswers(SERVICES.s3));
    return await client.send(command as HeadBucketCommand);
  };
};

const ID = { 'x-amzn-requestid': 'r' };
const NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

const CALLS: readonly (readonly [string, Send])[] = [
  ['dynamodb:DescribeTable', dynamodb(new DescribeTableCommand({ TableName: 't' }))],
  ['dynamodb:GetItem', dynamodb(new GetItemCommand({ TableName: 't', Key: {} }))],
  ['dynamodb:TagResource', dynamodb(new TagResourceCommand({ ResourceArn: 't', Tags: [] }))],
  ['lambda:GetFunction', lambda(new GetFunctionCommand({ FunctionName: 'f' }))],
  ['lambda:GetPolicy', lambda(new GetPolicyCommand({ FunctionName: 'f' }))],
  ['lambda:DeleteFunction', lambda(new DeleteFunctionCommand({ FunctionName: 'f' }))],
  ['iam:GetRole', iam(new GetRoleCommand({ RoleName: 'r' }))],
  ['iam:ListRolePolicies', iam(new ListRolePoliciesCommand({ RoleName: 'r' }))],
  ['iam:PutRolePolicy', iam(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: '{}' }))],
  ['s3:GetBucketVersioning', s3(new GetBucketVersioningCommand({ Bucket: 'b' }))],
  ['s3:GetBucketPolicy', s3(new GetBucketPolicyCommand({ Bucket: 'b' }))],
  ['s3:GetBucketTagging', s3(new GetBucketTaggingCommand({ Bucket: 'b' }))],
  ['s3:PutBucketTagging', s3(new PutBucketTaggingCommand({ Bucket: 'b', Tagging: { TagSet: [] } }))],
  ['s3:DeleteObjects', s3(new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'k' }] } }))],
  ['s3:HeadBucket', s3(new HeadBucketCommand({ Bucket: 'b' }))],
];

const INVALID_RESPONSES: readonly (readonly [string, Answer])[] = [
  ['success without content', { status: 200 }],
  ['204', { status: 204 }],
  ['an empty object', { status: 200, body: '{}' }],
  ['an empty list', { status: 200, body: '[]' }],
  ['null', { status: 200, body: 'null' }],
  ["a gateway's JSON", { status: 200, body: '{"message":"ok"}' }],
  ['a page', { status: 200, body: '<html><body>Please log in</body></html>' }],
  ['a page that is XML', { status: 200, body: '<?xml version="1.0"?><page/>' }],
  ['a redirection', { status: 302, headers: { location: 'https://login.example.com/?token=secret' } }],
  ['a 404 without content', { status: 404 }],
  ['a 404 page', { status: 404, body: '<html>Not Found</html>' }],
  ["a gateway's 404", { status: 404, body: '{"message":"not found"}' }],
  ['a 400 in plain text', { status: 400, body: 'Bad Request' }],
];

describe.each(CALLS)('%s', (name, send) => {
  it.each(INVALID_RESPONSES)('does not accept %s as an AWS response', async (_, answer) => {
    const call = send(answer);
    // HEAD responses have no content, and other refusals must not be mistaken for absence.
    await expect(call).rejects.toMatchObject(
      name === 's3:HeadBucket' && answer.status === 400 ? {} : { name: 'StrangeAnswer' },
    );
    await expect(call).rejects.not.toThrow(/secret/);
  });
});

describe('a function', () => {
  const COMPLETE = { FunctionName: 'f', FunctionArn: 'a', Role: 'r', CodeSha256: 's', PackageType: 'Image' };
  const get = lambda(new GetFunctionCommand({ FunctionName: 'f' }));
  const getFunction = (Configuration: object) => get({ status: 200, body: JSON.stringify({ Configuration }) });

  it('is recognized by properties of every function, including container images', async () => {
    expect(await getFunction(COMPLETE)).toMatchObject({ Configuration: COMPLETE });
  });

  it.each(Object.keys(COMPLETE).filter((name) => name !== 'PackageType'))(
    'without %s is neither accepted nor reported as drift',
    async (name) => {
      await expect(getFunction({ ...COMPLETE, [name]: undefined })).rejects.toThrow(`without Configuration.${name}`);
    },
  );
});

describe('an item', () => {
  const get = dynamodb(new GetItemCommand({ TableName: 't', Key: {} }));

  it('is absent when AWS returns none', async () => {
    expect(await get({ status: 200, body: '{}', headers: ID })).not.toHaveProperty('Item');
  });

  it('is not absent when the body of the response was lost', async () => {
    await expect(get({ status: 200, headers: ID })).rejects.toThrow('without content');
  });
});

describe('an AWS response', () => {
  it.each<readonly [string, Send, Answer]>([
    [
      'a table on its way out, which has lost its key',
      dynamodb(new DescribeTableCommand({ TableName: 't' })),
      { status: 200, body: '{"Table":{"TableName":"t","TableStatus":"DELETING"}}' },
    ],
    ["DynamoDB's empty response", dynamodb(new TagResourceCommand({ ResourceArn: 't', Tags: [] })), { status: 200 }],
    ["Lambda's empty response", lambda(new DeleteFunctionCommand({ FunctionName: 'f' })), { status: 204 }],
    [
      "IAM's empty response",
      iam(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: '{}' })),
      { status: 200, body: '<PutRolePolicyResponse xmlns="x"><ResponseMetadata/></PutRolePolicyResponse>' },
    ],
    [
      'an empty list of IAM',
      iam(new ListRolePoliciesCommand({ RoleName: 'r' })),
      {
        status: 200,
        body: '<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames/><IsTruncated>false</IsTruncated></ListRolePoliciesResult></ListRolePoliciesResponse>',
      },
    ],
    [
      'a bucket that never had versioning',
      s3(new GetBucketVersioningCommand({ Bucket: 'b' })),
      { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>\n<VersioningConfiguration ${NS}/>` },
    ],
    [
      'a bucket policy',
      s3(new GetBucketPolicyCommand({ Bucket: 'b' })),
      { status: 200, body: '{"Version":"2012-10-17","Statement":[]}' },
    ],
    ["S3's empty response", s3(new PutBucketTaggingCommand({ Bucket: 'b', Tagging: { TagSet: [] } })), { status: 204 }],
    [
      'no undeleted objects',
      s3(new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'k' }] } })),
      { status: 200, body: `<DeleteResult ${NS}></DeleteResult>` },
    ],
    [
      'a bucket’s head',
      s3(new HeadBucketCommand({ Bucket: 'b' })),
      { status: 200, headers: { 'x-amz-bucket-region': 'eu-west-2' } },
    ],
  ])('is accepted: %s', async (_, send, answer) => {
    const { headers } = answer;
    await expect(send({ ...answer, headers: { ...ID, ...headers } })).resolves.toBeDefined();
  });

  it('may be an object with any content', async () => {
    const headers = { ...ID, etag: '"e"', 'last-modified': 'Wed, 25 Nov 2026 10:00:00 GMT' };
    const send = s3(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    const answer = (await send({ status: 200, body: '<html>', headers })) as GetObjectCommandOutput;
    expect(await answer.Body?.transformToString()).toBe('<html>');
  });

  it.each<readonly [string, Send, Answer]>([
    [
      'ResourceNotFoundException',
      dynamodb(new DescribeTableCommand({ TableName: 't' })),
      { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}' },
    ],
    [
      'NoSuchEntityException',
      iam(new GetRoleCommand({ RoleName: 'r' })),
      { status: 404, body: '<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>' },
    ],
    [
      'NoSuchBucketPolicy',
      s3(new GetBucketPolicyCommand({ Bucket: 'b' })),
      { status: 404, body: '<Error><Code>NoSuchBucketPolicy</Code></Error>' },
    ],
    ['NotFound', s3(new HeadBucketCommand({ Bucket: 'b' })), { status: 404, headers: { 'x-amz-request-id': 'r' } }],
    ['Unknown', s3(new HeadBucketCommand({ Bucket: 'b' })), { status: 403 }],
    ['SyntaxError', lambda(new GetFunctionCommand({ FunctionName: 'f' })), { status: 503, body: '<html>' }],
  ])('is reported as an error: %s', async (name, send, answer) => {
    await expect(send(answer)).rejects.toMatchObject({ name });
  });
});

/** Packages whose name differs from the service's prefix in IAM. */
const NAMES_IN_IAM: Readonly<Record<string, string>> = {
  'cloudwatch-logs': 'logs',
  'resource-groups-tagging-api': 'tag',
};

it('each call that crc sends is among the answers of its service', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const calls = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(src, file), 'utf8');
      return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)].flatMap(
        ([, names = '', name = '']) =>
          [...names.matchAll(/\b(\w+)Command\b/g)].map(
            ([, operation = '']) => [NAMES_IN_IAM[name] ?? name, operation] as const,
          ),
      );
    });
  expect(calls.length).toBeGreaterThan(60);
  const services: Services = SERVICES;
  expect(calls.filter(([service, operation]) => services[service]?.answers[operation] === undefined)).toEqual([]);
});
