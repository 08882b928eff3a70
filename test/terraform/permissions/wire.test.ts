import { expect, it } from 'vitest';
import { callOnTheWire } from '../../../src/terraform/permissions/log/wire.ts';

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
  ['lambda', 'POST', '/2015-03-31/functions', {}, '{}', 'CreateFunction'],
  ['lambda', 'POST', '/2015-03-31/functions/f/invocations', {}, '{}', 'Invoke'],
  ['lambda', 'GET', '/2021-10-31/functions/f/url', {}, '', 'GetFunctionUrlConfig'],
  ['dynamodb', 'POST', '/', { 'x-amz-target': 'DynamoDB_20120810.GetItem' }, '{}', 'GetItem'],
  ['iam', 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, 'Action=GetRole&RoleName=r', 'GetRole'],
  ['monitoring', 'POST', '/service/GraniteServiceVersion20100801/operation/PutMetricData', {}, '', 'PutMetricData'],
  // What crc does not know is listed as unknown, and never dropped.
  ['apigateway', 'GET', '/v2/apis', {}, '', 'GET /v2/apis'],
])('%s %s %s is the call %5$s', (service, method, path, headers, body, operation) => {
  const wire = { method, url: `http://127.0.0.1:5000${path}`, headers: { ...signed(service), ...headers }, body };
  expect(callOnTheWire(wire)).toMatchObject({ service, signingName: service, region: 'eu-west-2', operation });
});

it('a request without a signature is no call', () => {
  expect(callOnTheWire({ method: 'GET', url: 'http://127.0.0.1:5000/', headers: {}, body: '' })).toBeUndefined();
});
