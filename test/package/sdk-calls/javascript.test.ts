import { realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SdkCall } from '../../../src/package/sdk-calls/call.ts';
import { callsIn, javaScriptCalls } from '../../../src/package/sdk-calls/javascript.ts';
import { folderWith } from '../../helpers/folder.ts';

/** The SDK calls of a handler in `index.ts`, in a folder with additional files and links. */
async function callsOf(
  text: string,
  {
    files = {},
    links = {},
  }: { files?: Readonly<Record<string, string>>; links?: Readonly<Record<string, string>> } = {},
): Promise<readonly SdkCall[]> {
  const root = folderWith({ 'fn/index.ts': text, ...files });
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  return await javaScriptCalls({ folder: realpathSync(join(root, 'fn')), entry: 'index.ts', name: 'handler' });
}

/** The calls in a module: `dynamodb:UpdateItem`. */
function namesIn(text: string): readonly string[] {
  return callsIn({ text, placeOf: (line) => ({ path: 'index.js', line }) }).map(
    ({ service, name }) => `${service}:${name}`,
  );
}

describe('calls of version 3', () => {
  it('are its commands, with the location, the text and the known parameters', async () => {
    const calls = await callsOf(`
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({});
const table: string = process.env.TABLE_NAME ?? 'Visits';
export const handler = async (event: { id: string }) =>
  await client.send(
    new GetItemCommand({ TableName: table, IndexName: 'byPage', Key: { id: { S: event.id } } }));
`);
    expect(calls).toEqual([
      {
        service: 'dynamodb',
        name: 'GetItem',
        text: 'GetItemCommand',
        path: 'index.ts',
        line: 7,
        parameters: { TableName: { variable: 'TABLE_NAME', otherwise: 'Visits' }, IndexName: { value: 'byPage' } },
        parts: undefined,
      },
    ]);
  });

  it.each([
    [
      'renamed',
      "import { UpdateItemCommand as Update } from '@aws-sdk/client-dynamodb'; const call = () => new Update({});",
    ],
    [
      'of a namespace',
      "import * as db from '@aws-sdk/client-dynamodb'; const call = () => new db.UpdateItemCommand({});",
    ],
    [
      'of require',
      "const { UpdateItemCommand } = require('@aws-sdk/client-dynamodb'); const call = () => new UpdateItemCommand({});",
    ],
    [
      'of require, renamed',
      "const { UpdateItemCommand: U } = require('@aws-sdk/client-dynamodb'); const call = () => new U({});",
    ],
    [
      'of require, without destructuring',
      "const db = require('@aws-sdk/client-dynamodb'); const call = () => new db.UpdateItemCommand({});",
    ],
    [
      'of import()',
      "const call = async () => { const { UpdateItemCommand } = await import('@aws-sdk/client-dynamodb'); new UpdateItemCommand({}); };",
    ],
    [
      'of import().then()',
      "const call = () => import('@aws-sdk/client-dynamodb').then(({ UpdateItemCommand }) => new UpdateItemCommand({}));",
    ],
    [
      'with a different name',
      "import * as db from '@aws-sdk/client-dynamodb'; const { UpdateItemCommand } = db; const C = UpdateItemCommand; const call = () => new C({});",
    ],
    [
      'in a condition',
      "import { UpdateItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'; const call = (a) => new DynamoDBClient().send(a ? new UpdateItemCommand({}) : undefined);",
    ],
    [
      'of the document client',
      "import { UpdateCommand } from '@aws-sdk/lib-dynamodb'; const call = () => new UpdateCommand({});",
    ],
    [
      'of a client with methods',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const db = new DynamoDB({}); const call = () => db.updateItem({});",
    ],
    [
      'of a document client with methods',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'; const db = DynamoDBDocument.from(new DynamoDB({})); const call = () => db.update({});",
    ],
    [
      'of a client that is traced',
      "import { captureAWSv3Client } from 'aws-xray-sdk'; import { DynamoDB } from '@aws-sdk/client-dynamodb'; const db = captureAWSv3Client(new DynamoDB({})); const call = () => db.updateItem({});",
    ],
    [
      'of a field',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; class Visits { db = new DynamoDB({}); add() { return this.db.updateItem({}); } } const call = () => new Visits().add();",
    ],
    [
      'of a private field',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; class Visits { #db = new DynamoDB({}); add() { return this.#db.updateItem({}); } } const call = () => new Visits().add();",
    ],
    [
      'of a field that the constructor sets',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; class Visits { constructor(db) { this.db = db; } add() { return this.db.updateItem({}); } } const call = () => new Visits(new DynamoDB({})).add();",
    ],
    [
      'of a class that inherits',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; class Visits extends DynamoDB { add() { return this.updateItem({}); } } const call = () => new Visits().add();",
    ],
    [
      'of a client from a function',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; let db; function client() { db ??= new DynamoDB({}); return db; } const call = () => client().updateItem({});",
    ],
    [
      'of a parameter',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const add = (db, n) => db.updateItem({ n }); const call = () => add(new DynamoDB({}), 1);",
    ],
    [
      'of a parameter with a name',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const add = ({ db }) => db.updateItem({}); const call = () => add({ db: new DynamoDB({}) });",
    ],
    [
      'of a default',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const call = (db = new DynamoDB({})) => db.updateItem({});",
    ],
    [
      'of an object of clients',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const clients = { db: new DynamoDB({}) }; const call = () => clients.db.updateItem({});",
    ],
    [
      'of an object whose property is set later',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const clients = {}; clients.db = new DynamoDB({}); const call = () => clients['db'].updateItem({});",
    ],
    [
      'that is a method with a different name',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const { updateItem: add } = new DynamoDB({}); const call = () => add({});",
    ],
  ])('%s', (_, text) => {
    expect(namesIn(text)).toEqual(['dynamodb:UpdateItem']);
  });
});

describe('calls of version 2', () => {
  it.each([
    [
      'of the entire SDK',
      "const AWS = require('aws-sdk'); const db = new AWS.DynamoDB(); export const call = () => db.updateItem({}).promise();",
    ],
    [
      'of its document client',
      "import AWS from 'aws-sdk'; const db = new AWS.DynamoDB.DocumentClient(); export const call = () => db.update({}).promise();",
    ],
    [
      'of a destructured document client',
      "import { DynamoDB } from 'aws-sdk'; const { DocumentClient } = DynamoDB; export const call = () => new DocumentClient().update({});",
    ],
    [
      'of one client',
      "import DynamoDB from 'aws-sdk/clients/dynamodb'; export const call = () => new DynamoDB().updateItem({});",
    ],
    [
      'of the document client of one client',
      "const { DocumentClient } = require('aws-sdk/clients/dynamodb'); export const call = () => new DocumentClient().update({});",
    ],
    [
      'of an SDK that is traced',
      "const AWS = require('aws-xray-sdk-core').captureAWS(require('aws-sdk')); export const call = () => new AWS.DynamoDB().updateItem({});",
    ],
  ])('%s', (_, text) => {
    expect(namesIn(text).map((name) => name.toLowerCase())).toEqual(['dynamodb:updateitem']);
  });

  it.each([
    ["new (require('aws-sdk')).S3().upload({});", ['S3:PutObject']],
    ["new (require('aws-sdk')).S3().getSignedUrl('getObject', { Bucket: 'b' });", ['S3:GetObject']],
    ["new (require('aws-sdk')).StepFunctions().startExecution({});", ['StepFunctions:StartExecution']],
    ["new (require('aws-sdk')).DynamoDB.Converter().input({});", []],
  ])('%s', (text, names) => {
    expect(namesIn(text)).toEqual(names);
  });
});

describe('other calls', () => {
  it.each([
    [
      'upload',
      "import { Upload } from '@aws-sdk/lib-storage'; new Upload({ client, params: { Bucket: 'site' } }).done();",
      ['s3:PutObject'],
    ],
    [
      'pages',
      "import { paginateScan } from '@aws-sdk/client-dynamodb'; for await (const a of paginateScan({ client }, { TableName: 'T' }));",
      ['dynamodb:Scan'],
    ],
    [
      'pages of documents',
      "import { paginateQuery } from '@aws-sdk/lib-dynamodb'; paginateQuery({ client }, {});",
      ['dynamodb:Query'],
    ],
    [
      'a waiter',
      "import { waitUntilTableExists } from '@aws-sdk/client-dynamodb'; await waitUntilTableExists({ client }, {});",
      ['dynamodb:DescribeTable'],
    ],
    [
      'a method of each of two clients',
      "import { SNS } from '@aws-sdk/client-sns'; import { SQS } from '@aws-sdk/client-sqs'; const c = a ? new SNS() : new SQS(); c.addPermission({});",
      ['sns:AddPermission', 'sqs:AddPermission'],
    ],
    [
      'a module of CommonJS as the bundler writes it',
      "var require_db = __commonJS({ 'db.js'(exports, module) { const { DynamoDB } = __require('@aws-sdk/client-dynamodb'); module.exports = { db: new DynamoDB({}) }; } }); var { db } = require_db(); db.getItem({});",
      ['dynamodb:GetItem'],
    ],
    [
      'an export of such a module',
      "var require_db = __commonJS({ 'db.js'(exports) { exports.db = new (__require('@aws-sdk/client-dynamodb').DynamoDB)({}); } }); var import_db = __toESM(require_db()); import_db.default.db.getItem({});",
      ['dynamodb:GetItem'],
    ],
  ])('%s', (_, text, names) => {
    expect(namesIn(text)).toEqual(names);
  });

  it.each([
    ['a command that the source defines', 'class UpdateItemCommand {} new UpdateItemCommand();'],
    ['a command of another package', "import { UpdateItemCommand } from 'other'; new UpdateItemCommand();"],
    [
      'a shadowed name',
      "import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'; export const a = (UpdateItemCommand) => new UpdateItemCommand();",
    ],
    [
      'a client that is not known',
      "import * as db from '@aws-sdk/client-dynamodb'; export const a = (name) => new db[name]({});",
    ],
    [
      'a package with an unknown name',
      'export const a = async (name) => { const { UpdateItemCommand } = await import(name); new UpdateItemCommand({}); };',
    ],
    [
      'the configuration of a client',
      "import { DynamoDB } from '@aws-sdk/client-dynamodb'; const db = new DynamoDB({}); db.middlewareStack.use(x); db.destroy();",
    ],
    [
      'a command that is only a type',
      "import { DynamoDBClient } from '@aws-sdk/client-dynamodb'; new DynamoDBClient({}).send(command);",
    ],
    ['values that go in a circle', 'let a = b; let b = a; function f() { return f(); } f().updateItem(); a.getItem();'],
  ])('are not reported: %s', (_, text) => {
    expect(namesIn(text)).toEqual([]);
  });

  it('a transaction has parts if all of them are in the call', () => {
    const [known, unknown] = callsIn({
      text: `import { TransactWriteCommand as T } from '@aws-sdk/lib-dynamodb';
        new T({ TransactItems: [{ Update: {} }, { Put: {} }] }); new T({ TransactItems: [...items] });`,
      placeOf: (line) => ({ path: 'index.js', line }),
    });
    expect([known?.parts, unknown?.parts]).toEqual([['Update', 'Put'], undefined]);
  });
});

describe('the code of the user', () => {
  it('includes all modules that the function uses and workspaces, but not installed packages', async () => {
    const calls = await callsOf(
      "import { visits } from './lib/visits';\nimport { other } from 'shared';\nimport wrapper from 'wrapper';\nexport const handler = () => [visits(), other(), wrapper()];\n",
      {
        files: {
          'fn/lib/visits.ts':
            "import { db } from './db.js';\n\nexport const visits = () => db.query({ TableName: NAME });\nconst NAME: string = 'Visits';\nexport const unused = () => db.scan({});\n",
          'fn/lib/db.cts':
            "import { DynamoDB } from '@aws-sdk/client-dynamodb';\nexport const other = new DynamoDB({});\n",
          'fn/lib/db.ts':
            "import { DynamoDB } from '@aws-sdk/client-dynamodb';\nexport const db: DynamoDB = new DynamoDB({});\n",
          'shared/package.json': '{ "name": "shared", "main": "index.js" }',
          'shared/index.js':
            "const { SNS } = require('@aws-sdk/client-sns');\nexports.other = () => new SNS().publish({ TopicArn: 'arn' });\n",
          'node_modules/wrapper/index.js':
            "const { S3 } = require('@aws-sdk/client-s3');\nmodule.exports = () => new S3().getObject({});\n",
        },
        links: { 'node_modules/shared': '../shared' },
      },
    );
    expect(calls.map(({ service, name, path, line }) => `${path}:${line} ${service}:${name}`)).toEqual([
      '../shared/index.js:2 sns:Publish',
      'lib/visits.ts:3 dynamodb:Query',
    ]);
  });

  it("includes a package of the repository that Yarn's Plug'n'Play has in a folder that does not exist", async () => {
    const lib = ['lib', 'virtual:abc#workspace:lib'];
    const located = (packageLocation: string) => ({
      packageLocation,
      packageDependencies: [lib],
      linkType: 'SOFT',
    });
    const registry = {
      dependencyTreeRoots: [],
      enableTopLevelFallback: true,
      fallbackExclusionList: [],
      fallbackPool: [],
      ignorePatternData: null,
      packageRegistryData: [
        [null, [[null, located('./')]]],
        ['lib', [[lib[1], located('./.yarn/__virtual__/lib-virtual-abc/1/lib/')]]],
      ],
    };
    const calls = await callsOf("import { scan } from 'lib';\nexport const handler = () => scan();\n", {
      files: {
        '.pnp.data.json': JSON.stringify(registry),
        'lib/package.json': '{ "name": "lib", "main": "index.js" }',
        'lib/index.js': `import { DynamoDB } from '@aws-sdk/client-dynamodb';
export const scan = () => new DynamoDB({}).scan({ TableName: 'Visits' });
`,
      },
    });
    expect(calls.map(({ name }) => name)).toEqual(['Scan']);
  });

  it('does not include very large modules, whose values are then unknown', async () => {
    const data = `${'// data\n'.repeat(300_000)}export const table = 'Visits';\n`;
    const calls = await callsOf(
      `import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { table } from './data.js';
export const handler = () => new DynamoDB({}).scan({ TableName: table });
`,
      { files: { 'fn/data.js': data } },
    );
    expect(calls.map(({ name, parameters }) => [name, parameters])).toEqual([['Scan', {}]]);
  });
});
