import { type Operation, operationName, waiterOperation } from './call.ts';

/** An export of a package, or an instance of it: `DocumentClient` from `aws-sdk`, instantiated. */
export interface Library {
  readonly kind: 'library';
  /** `@aws-sdk/client-dynamodb` */
  readonly module: string;
  /** `['DynamoDB', 'DocumentClient']`; `default` is omitted. */
  readonly path: readonly string[];
  readonly isCreated: boolean;
}

/** `@aws-sdk/client-dynamodb`: the service is `dynamodb`. */
const CLIENT = /^@aws-sdk\/client-(.+)$/;

const DOCUMENT = '@aws-sdk/lib-dynamodb';

/** Version 2: the whole SDK, or a single client. */
const VERSION_2 = /^aws-sdk(?:\/clients\/(.+))?$/;

/** Document client methods whose API operation has a different name. */
const DOCUMENT_OPERATIONS: Readonly<Record<string, string>> = {
  BatchGet: 'BatchGetItem',
  BatchWrite: 'BatchWriteItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  TransactGet: 'TransactGetItems',
  TransactWrite: 'TransactWriteItems',
  Update: 'UpdateItem',
};

/** Client methods that do not call the service. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['config', 'destroy', 'makeRequest', 'middlewareStack', 'send']);

/** The operation for `new X()`: a version 3 command, an upload. */
export function constructedOperation({ module, path }: Library): Operation | undefined {
  const name = path.at(-1) ?? '';
  if (module === '@aws-sdk/lib-storage' && name === 'Upload') return { service: 's3', name: 'PutObject' };
  const command = /^(.+)Command$/.exec(name)?.[1];
  if (command === undefined) return undefined;
  if (module === DOCUMENT) return documentOperation(command);
  const service = CLIENT.exec(module)?.[1];
  return service === undefined ? undefined : { service, name: command };
}

/** The operation that a package's function calls: `paginateScan()`, `waitUntilTableExists()`. */
export function functionOperation({ module, path }: Library): Operation | undefined {
  const name = path.at(-1) ?? '';
  const paged = /^paginate(.+)$/.exec(name)?.[1];
  if (module === DOCUMENT) return paged === undefined ? undefined : documentOperation(paged);
  const service = CLIENT.exec(module)?.[1];
  const operation = paged ?? waiterOperation(/^waitUntil(.+)$/.exec(name)?.[1] ?? '');
  return service === undefined || operation === undefined ? undefined : { service, name: operation };
}

/** The operation that a client's method calls: `updateItem()` of `DynamoDB`, `update()` of a document client. */
export function methodOperation(client: Library, method: string): Operation | undefined {
  const { module, path } = client;
  if (OF_THE_CLIENT.has(method) || !client.isCreated) return undefined;
  const name = operationName(method);
  const last = path.at(-1);
  if (module === DOCUMENT) return last === 'DynamoDBDocument' ? documentOperation(name) : undefined;
  const second = VERSION_2.exec(module);
  if (second !== null) {
    if (last === 'DocumentClient') return documentOperation(name);
    const service = path[0] ?? second[1];
    if (service === undefined || path.length > 1) return undefined;
    // It uploads large objects in parts.
    return { service, name: plain(service) === 's3' && name === 'Upload' ? 'PutObject' : name };
  }
  const service = CLIENT.exec(module)?.[1];
  return service === undefined || path.length !== 1 ? undefined : { service, name };
}

/** Whether a package's function returns its first argument, prepared for tracing: `captureAWSv3Client(client)`. */
export function isPassedThrough({ path }: Library): boolean {
  return /^captureAWS(v3)?(Client)?$/.test(path.at(-1) ?? '');
}

function documentOperation(name: string): Operation {
  return { service: 'dynamodb', name: DOCUMENT_OPERATIONS[name] ?? name };
}

function plain(service: string): string {
  return service.toLowerCase();
}
