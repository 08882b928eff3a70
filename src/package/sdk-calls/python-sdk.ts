import { type Operation, operationName, type SourceText, waiterOperation } from './call.ts';

/** A boto3 object with methods that call AWS. */
export type BotoObject =
  | { readonly kind: 'client'; readonly service: string }
  /** A resource, such as a `Table`; the service itself has no type. `identifiers`: the arguments that identify it. */
  | {
      readonly kind: 'resource';
      readonly service: string;
      readonly type: string | undefined;
      readonly identifiers: readonly (SourceText | undefined)[];
    }
  /** A paginator or a waiter, whose own method calls the operation, or a collection, of which every method does. */
  | {
      readonly kind: 'caller';
      readonly operation: Operation;
      readonly method: string | undefined;
      readonly parameters: Readonly<Record<string, SourceText>>;
    };

interface ResourceType {
  /** The API parameters for its identifiers, in order. */
  readonly identifiers: readonly string[];
  /** Methods with a different name from their operation. */
  readonly actions?: Readonly<Record<string, string>>;
  readonly collections?: Readonly<Record<string, string>>;
  /** The types that its methods return: `Object` for a bucket. */
  readonly has?: Readonly<Record<string, string>>;
}

const OBJECT_ACTIONS = {
  copy: 'CopyObject',
  copy_from: 'CopyObject',
  delete: 'DeleteObject',
  download_file: 'GetObject',
  download_fileobj: 'GetObject',
  get: 'GetObject',
  initiate_multipart_upload: 'CreateMultipartUpload',
  load: 'HeadObject',
  put: 'PutObject',
  reload: 'HeadObject',
  upload_file: 'PutObject',
  upload_fileobj: 'PutObject',
  wait_until_exists: 'HeadObject',
  wait_until_not_exists: 'HeadObject',
};

/**
 * From https://github.com/boto/boto3/tree/develop/boto3/data (`resources-1.json`) and boto3's custom methods for these
 * types.
 */
const RESOURCES: Readonly<Record<string, Readonly<Record<string, ResourceType>>>> = {
  dynamodb: {
    '': { identifiers: [], collections: { tables: 'ListTables' }, has: { Table: 'Table', create_table: 'Table' } },
    Table: {
      identifiers: ['TableName'],
      actions: {
        batch_writer: 'BatchWriteItem',
        delete: 'DeleteTable',
        load: 'DescribeTable',
        reload: 'DescribeTable',
        update: 'UpdateTable',
        wait_until_exists: 'DescribeTable',
        wait_until_not_exists: 'DescribeTable',
      },
    },
  },
  s3: {
    '': {
      identifiers: [],
      collections: { buckets: 'ListBuckets' },
      has: { Bucket: 'Bucket', Object: 'Object', ObjectSummary: 'Object', create_bucket: 'Bucket' },
    },
    Bucket: {
      identifiers: ['Bucket'],
      actions: {
        copy: 'CopyObject',
        create: 'CreateBucket',
        delete: 'DeleteBucket',
        download_file: 'GetObject',
        download_fileobj: 'GetObject',
        upload_file: 'PutObject',
        upload_fileobj: 'PutObject',
        wait_until_exists: 'HeadBucket',
        wait_until_not_exists: 'HeadBucket',
      },
      collections: {
        multipart_uploads: 'ListMultipartUploads',
        object_versions: 'ListObjectVersions',
        objects: 'ListObjects',
      },
      has: { Object: 'Object' },
    },
    Object: { identifiers: ['Bucket', 'Key'], actions: OBJECT_ACTIONS },
  },
  sns: {
    '': { identifiers: [], collections: { topics: 'ListTopics' }, has: { Topic: 'Topic', create_topic: 'Topic' } },
    Topic: {
      identifiers: ['TopicArn'],
      actions: {
        delete: 'DeleteTopic',
        load: 'GetTopicAttributes',
        reload: 'GetTopicAttributes',
        set_attributes: 'SetTopicAttributes',
      },
      collections: { subscriptions: 'ListSubscriptionsByTopic' },
    },
  },
  sqs: {
    '': {
      identifiers: [],
      actions: { get_queue_by_name: 'GetQueueUrl' },
      collections: { queues: 'ListQueues' },
      has: { Queue: 'Queue', create_queue: 'Queue', get_queue_by_name: 'Queue' },
    },
    Queue: {
      identifiers: ['QueueUrl'],
      actions: {
        delete: 'DeleteQueue',
        delete_messages: 'DeleteMessageBatch',
        load: 'GetQueueAttributes',
        purge: 'PurgeQueue',
        receive_messages: 'ReceiveMessage',
        reload: 'GetQueueAttributes',
        send_messages: 'SendMessageBatch',
        set_attributes: 'SetQueueAttributes',
      },
    },
  },
};

/** Methods that boto3 adds to clients. https://github.com/boto/boto3/blob/develop/boto3/s3/inject.py */
const CLIENT_ACTIONS: Readonly<Record<string, string>> = {
  's3.copy': 'CopyObject',
  's3.download_file': 'GetObject',
  's3.download_fileobj': 'GetObject',
  's3.generate_presigned_post': 'PutObject',
  's3.upload_file': 'PutObject',
  's3.upload_fileobj': 'PutObject',
};

/** The function of boto3, or of a session, that creates clients or resources. */
export function creatorOf(path: string): 'client' | 'resource' | undefined {
  const [, kind] = /^(?:aio)?boto3(?:\.session)?(?:\.Session\(\))?\.(client|resource)$/.exec(path) ?? [];
  if (kind === 'client' || kind === 'resource') return kind;
  return /^(aio)?botocore\.session\.(get_session|Session)\(\)\.create_client$/.test(path) ? 'client' : undefined;
}

/** The operation that a boto3 object's method calls. */
export function methodOperation(object: BotoObject, method: string): Operation | undefined {
  if (object.kind === 'caller') {
    return object.method === undefined || object.method === method ? object.operation : undefined;
  }
  const { service } = object;
  if (object.kind === 'client') {
    return { service, name: CLIENT_ACTIONS[`${service}.${method}`] ?? operationName(method) };
  }
  const type = typeOf(object);
  const special = type?.actions?.[method];
  if (special !== undefined) return { service, name: special };
  // `Table('Visits')` calls nothing.
  const isCreated = type?.has?.[method] !== undefined && /^[A-Z]/.test(method);
  return isCreated ? undefined : { service, name: operationName(method) };
}

/** What a boto3 object's method returns, if that has methods itself. */
export function methodResult(
  object: BotoObject,
  method: string,
  given: readonly (SourceText | undefined)[],
): BotoObject | undefined {
  if (object.kind === 'client') {
    const [text] = given;
    if (text === undefined || !('value' in text)) return undefined;
    const { service } = object;
    if (method === 'get_paginator') return callerOf({ service, name: operationName(text.value) }, 'paginate');
    const waited = method === 'get_waiter' ? waiterOperation(text.value) : undefined;
    return waited === undefined ? undefined : callerOf({ service, name: waited }, 'wait');
  }
  if (object.kind === 'caller') return undefined;
  const type = typeOf(object)?.has?.[method];
  if (type === undefined) return undefined;
  const identifiers = /^[A-Z]/.test(method) ? [...object.identifiers, ...given] : [];
  return { kind: 'resource', service: object.service, type, identifiers };
}

/** `bucket.objects`, whose methods list the contents. */
export function collectionOf(object: BotoObject, name: string): BotoObject | undefined {
  if (object.kind !== 'resource') return undefined;
  const operation = typeOf(object)?.collections?.[name];
  if (operation === undefined) return undefined;
  return { ...callerOf({ service: object.service, name: operation }, undefined), parameters: identified(object) };
}

/** The parameters that an object passes to each of its calls: a `Table` its `TableName`. */
export function identified(object: BotoObject): Readonly<Record<string, SourceText>> {
  if (object.kind === 'caller') return object.parameters;
  if (object.kind === 'client') return {};
  const names = typeOf(object)?.identifiers ?? [];
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const text = object.identifiers[index];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/** Names of identifiers in a resource's constructor: `Table(name=…)`. */
export const IDENTIFIER_NAMES = ['name', 'bucket_name', 'key', 'arn', 'url'];

function typeOf(object: BotoObject & { readonly kind: 'resource' }): ResourceType | undefined {
  return RESOURCES[object.service]?.[object.type ?? ''];
}

function callerOf(operation: Operation, method: string | undefined): BotoObject & { readonly kind: 'caller' } {
  return { kind: 'caller', operation, method, parameters: {} };
}
