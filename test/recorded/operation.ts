import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import type { CallName } from './index.ts';

/** A call of a service that speaks REST, as the SDK's own schema has it: `['GET', '/{Key+}?x-id=GetObject', 200]`. */
interface RestCall {
  readonly name: CallName;
  readonly method: string;
  readonly path: RegExp;
  /** The names, or `name=value`, that the query must hold. */
  readonly query: readonly string[];
}

const CALLS: readonly RestCall[] = [...callsOf('s3', s3), ...callsOf('lambda', lambda)].sort(
  (a, b) => b.query.length - a.query.length,
);

function callsOf(service: 's3' | 'lambda', client: object): readonly RestCall[] {
  return Object.values(client).flatMap((schema) => {
    // An operation's schema: [9, namespace, name, traits, input, output].
    if (!Array.isArray(schema) || schema[0] !== 9 || typeof schema[3] !== 'object') return [];
    const [method, uri] = schema[3].http as [string, string];
    const [path = '/', query = ''] = uri.split('?');
    // The endpoint rules put the bucket before the path that the schema has.
    const full = service === 's3' ? `/{Bucket}${path === '/' ? '' : path}` : path;
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

/** Which call of AWS a request is, `s3:GetBucketPolicy`; undefined for what the SDK of these services never sends. */
export function operationOf(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): CallName | undefined {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [model = '', operation] = target.split('.');
    const service = model.startsWith('DynamoDB') ? 'dynamodb' : model === 'TrentService' ? 'kms' : 'logs';
    return `${service}:${operation}`;
  }
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1];
  if (action !== undefined) {
    return `${body.includes('Version=2010-05-08') ? 'iam' : 'sts'}:${action}`;
  }
  const { pathname, searchParams } = new URL(url, 'http://aws');
  const rest = /^\/\d{4}-\d\d-\d\d\//.test(pathname) ? 'lambda:' : 's3:';
  const holds = (part: string) => {
    const [name = '', value] = part.split('=');
    return value === undefined ? searchParams.has(name) : searchParams.get(name) === value;
  };
  // What an SDK calls it, where several calls have one form: PutObject and CopyObject.
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
