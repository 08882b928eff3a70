import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import type { ServiceName } from '../../src/aws/services.ts';
import type { CallName } from './index.ts';

/** An operation of a REST service in the SDK's schema: `['GET', '/{Key+}?x-id=GetObject', 200]`. */
interface RestCall {
  readonly name: CallName;
  readonly method: string;
  readonly path: RegExp;
  /** Parameters (`name` or `name=value`) that the query must contain. */
  readonly query: readonly string[];
}

const CALLS: readonly RestCall[] = [...callsOf('s3', s3), ...callsOf('lambda', lambda)].sort(
  (a, b) => b.query.length - a.query.length,
);

function callsOf(service: 's3' | 'lambda', client: object): readonly RestCall[] {
  return Object.values(client).flatMap((schema) => {
    // The schema of an operation: [9, namespace, name, traits, input, output].
    if (!Array.isArray(schema) || schema[0] !== 9 || typeof schema[3] !== 'object') return [];
    const [method, uri] = schema[3].http as [string, string];
    const [path = '/', query = ''] = uri.split('?');
    // Endpoint rules prepend the bucket, if the call has one, to the path in the schema.
    const full = service === 's3' && schema[2] !== 'ListBuckets' ? `/{Bucket}${path === '/' ? '' : path}` : path;
    return [
      {
        name: `${service}:${schema[2]}` as const,
        method,
        path: new RegExp(`^${full.replace(/\{\w+\+\}/g, '.+').replace(/\{\w+\}/g, '[^/]+')}/?$`),
        query: query === '' ? [] : query.split('&').filter((part) => !part.startsWith('x-id=')),
      },
    ];
  });
}

/** The services of the JSON protocols, by the model in the target of a request. */
const MODELS: Readonly<Record<string, ServiceName>> = {
  DynamoDB_20120810: 'dynamodb',
  Logs_20140328: 'logs',
  ResourceGroupsTaggingAPI_20170126: 'tag',
  TrentService: 'kms',
};

/** The services of the query protocol, by the version of their API. */
const VERSIONS: Readonly<Record<string, ServiceName>> = { '2010-05-08': 'iam', '2011-06-15': 'sts' };

/** The AWS call of a request: `s3:GetBucketPolicy`. Undefined if no SDK client of these services would send it. */
export function operationOf(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): CallName | undefined {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [model = '', operation = ''] = target.split('.');
    return callOf(MODELS[model], operation);
  }
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1];
  if (action !== undefined) return callOf(VERSIONS[/(?:^|&)Version=([\d-]+)/.exec(body)?.[1] ?? ''], action);
  const { pathname, searchParams } = new URL(url, 'http://aws');
  const rest = /^\/\d{4}-\d\d-\d\d\//.test(pathname) ? 'lambda:' : 's3:';
  const holds = (part: string) => {
    const [name = '', value] = part.split('=');
    return value === undefined ? searchParams.has(name) : searchParams.get(name) === value;
  };
  // The SDK's own name, if several calls have the same form: PutObject and CopyObject.
  const id = searchParams.get('x-id');
  return CALLS.find(
    (call) =>
      call.name.startsWith(rest) &&
      call.method === method &&
      call.path.test(pathname) &&
      call.query.every(holds) &&
      (id === null || call.name === `${rest}${id}`),
  )?.name;
}

function callOf(service: ServiceName | undefined, operation: string): CallName | undefined {
  return service === undefined ? undefined : `${service}:${operation}`;
}
