import { type Operation, operationName, waiterOperation } from './call.ts';

/** What a package exports, or an object of it: `DocumentClient` of `aws-sdk`, created. */
export interface Library {
  readonly kind: 'library';
  /** `@aws-sdk/client-dynamodb` */
  readonly module: string;
  /** `['DynamoDB', 'DocumentClient']`; `default` is not named. */
  readonly path: readonly string[];
  readonly isCreated: boolean;
}

/** `@aws-sdk/client-dynamodb`: the service is `dynamodb`. */
const CLIENT = /^@aws-sdk\/client-(.+)$/;

const DOCUMENT = '@aws-sdk/lib-dynamodb';

/** Version 2, as a whole or one client of it. */
const VERSION_2 = /^aws-sdk(?:\/clients\/(.+))?$/;

/** Operations of the document clients that are called otherwise in the API. */
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

/** Methods of clients that call nothing of the service. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['config', 'destroy', 'makeRequest', 'middlewareStack', 'send']);

/** What `new X()` calls: a command of version 3, an upload. */
export function constructedOperation({ module, path }: Library): Operation | undefined {
  const name = path.at(-1) ?? '';
  if (module === '@aws-sdk/lib-storage' && name === 'Upload') return { service: 's3', name: 'PutObject' };
  const command = /^(.+)Command$/.exec(name)?.[1];
  if (command === undefined) return undefined;
  if (module === DOCUMENT) return documentOperation(command);
  const service = CLIENT.exec(module)?.[1];
  return service === undefined ? undefined : { service, name: command };
}

/** What a function of a package calls: `paginateScan()`, `waitUntilTableExists()`. */
export function functionOperation({ module, path }: Library): Operation | undefined {
  const name = path.at(-1) ?? '';
  const paged = /^paginate(.+)$/.exec(name)?.[1];
  if (module === DOCUMENT) return paged === undefined ? undefined : documentOperation(paged);
  const service = CLIENT.exec(module)?.[1];
  const operation = paged ?? waiterOperation(/^waitUntil(.+)$/.exec(name)?.[1] ?? '');
  return service === undefined || operation === undefined ? undefined : { service, name: operation };
}

/** What a method of a created client calls: `updateItem()` of `DynamoDB`, `update()` of a document client. */
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
    // It sends an object in parts where that is worth it.
    return { service, name: plain(service) === 's3' && name === 'Upload' ? 'PutObject' : name };
  }
  const service = CLIENT.exec(module)?.[1];
  return service === undefined || path.length !== 1 ? undefined : { service, name };
}

/** Whether a function of a package answers with its first argument, ready to be traced: `captureAWSv3Client(client)`. */
export function isPassedThrough({ path }: Library): boolean {
  return /^captureAWS(v3)?(Client)?$/.test(path.at(-1) ?? '');
}

function documentOperation(name: string): Operation {
  return { service: 'dynamodb', name: DOCUMENT_OPERATIONS[name] ?? name };
}

function plain(service: string): string {
  return service.toLowerCase();
}
