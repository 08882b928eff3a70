import { beforeAll, describe, expect, it } from 'vitest';
import type { SdkCall } from '../../../src/package/sdk-calls/call.ts';
import { pythonCalls } from '../../../src/package/sdk-calls/python.ts';
import { treeParser } from '../../../src/tree-sitter.ts';

let parse: Awaited<ReturnType<typeof treeParser>>;

beforeAll(async () => {
  parse = await treeParser('python');
});

/** The SDK calls in `app.py`, next to other modules. */
function callsIn(text: string, otherFiles: Readonly<Record<string, string>> = {}): readonly SdkCall[] {
  const texts = new Map(Object.entries({ 'app.py': text, ...otherFiles }));
  return pythonCalls(
    {
      texts,
      fileOf: (module) => [`${module}/__init__.py`, `${module}.py`].find((path) => texts.has(path)),
      resolve: (module) => module.replace(/^\.+/, '').replaceAll('.', '/'),
    },
    parse,
  );
}

const namesIn = (...args: Parameters<typeof callsIn>) =>
  callsIn(...args).map(({ service, name }) => `${service}:${name}`);

const lines = (...parts: readonly string[]) => `${parts.join('\n')}\n`;

describe('calls of boto3', () => {
  it('are found in a module with a table of many thousand lines', () => {
    const table = ['CODES = {', ...Array.from({ length: 30_000 }, (_, code) => `    'c${code}': ${code},`), '}'];
    expect(namesIn(lines(...table, 'import boto3', "boto3.client('s3').list_buckets()"))).toEqual(['s3:ListBuckets']);
  });

  it('have the location, the text and the known parameters', () => {
    const calls = callsIn(
      lines(
        'import os',
        'import boto3',
        "table = boto3.resource('dynamodb').Table(os.environ['TABLE_NAME'])",
        "client = boto3.client('dynamodb')",
        'def handler(event, context):',
        "    table.get_item(Key={'id': 'cv'})",
        "    client.query(TableName=os.environ.get('OTHER', 'Visits'), IndexName='byPage')",
      ),
    );
    expect(calls).toEqual([
      {
        service: 'dynamodb',
        name: 'GetItem',
        text: 'get_item',
        path: 'app.py',
        line: 6,
        parameters: { TableName: { variable: 'TABLE_NAME' } },
        parts: undefined,
      },
      {
        service: 'dynamodb',
        name: 'Query',
        text: 'query',
        path: 'app.py',
        line: 7,
        parameters: { TableName: { variable: 'OTHER', otherwise: 'Visits' }, IndexName: { value: 'byPage' } },
        parts: undefined,
      },
    ]);
  });

  it.each([
    ['of a client', 'import boto3', "boto3.client('dynamodb').update_item()"],
    ['of a module with a different name', 'import boto3 as aws', "aws.client('dynamodb').update_item()"],
    ['of an imported function', 'from boto3 import client', "client('dynamodb').update_item()"],
    [
      'of an imported function with a different name',
      'from boto3 import client as new',
      "new(service_name='dynamodb').update_item()",
    ],
    ['of a session', 'import boto3', "s = boto3.Session(region_name='x')", "s.client('dynamodb').update_item()"],
    [
      'of a session of the submodule',
      'import boto3.session',
      "boto3.session.Session().client('dynamodb').update_item()",
    ],
    [
      'of an imported session',
      'from boto3.session import Session',
      "Session().resource('dynamodb').Table('a').update_item()",
    ],
    [
      'of botocore',
      'import botocore.session',
      "botocore.session.get_session().create_client('dynamodb').update_item()",
    ],
    ['of a resource', 'import boto3', "boto3.resource('dynamodb').Table('a').update_item()"],
    ["of a resource's client", 'import boto3', "boto3.resource('dynamodb').Table('a').meta.client.update_item()"],
    ['of a service in a variable', 'import boto3', "NAME = 'dynamodb'", 'boto3.client(NAME).update_item()'],
    ['of several names', 'import boto3', "db, other = boto3.client('dynamodb'), 1", 'db.update_item()'],
    ['of a name with a type', 'import boto3', "db: object = boto3.client('dynamodb')", 'db.update_item()'],
    ['of a chain of names', 'import boto3', "a = b = boto3.client('dynamodb')", 'a.update_item()'],
    ['of an expression with a name', 'import boto3', "if (db := boto3.client('dynamodb')):", '    db.update_item()'],
    [
      'of a global variable',
      'import boto3',
      'db = None',
      'def f():',
      '    global db',
      "    db = db or boto3.client('dynamodb')",
      '    db.update_item()',
    ],
    ['of a function', 'import boto3', 'def db():', "    return boto3.client('dynamodb')", 'db().update_item()'],
    [
      'of a function that is cached',
      'import boto3, functools',
      '@functools.cache',
      'def db():',
      "    return boto3.client('dynamodb')",
      'db().update_item()',
    ],
    ['of a lambda', 'import boto3', "db = lambda: boto3.client('dynamodb')", 'db().update_item()'],
    [
      'of a parameter',
      'import boto3',
      'def add(n, db):',
      '    db.update_item()',
      "add(1, boto3.client('dynamodb'))",
      "add(1, db=boto3.client('dynamodb'))",
    ],
    [
      'of a default',
      'import boto3',
      "db = boto3.client('dynamodb')",
      'def handler(event, context, db=db):',
      '    db.update_item()',
    ],
    [
      'of a default with a type',
      'import boto3',
      "def handler(event, context, db: object = boto3.client('dynamodb')):",
      '    db.update_item()',
    ],
    [
      'of an attribute of self',
      'import boto3',
      'class A:',
      '    def __init__(self):',
      "        self.db = boto3.client('dynamodb')",
      '    def add(self):',
      '        self.db.update_item()',
    ],
    [
      'of an attribute that is passed',
      'import boto3',
      'class A:',
      '    def __init__(self, db):',
      '        self.db = db',
      '    def add(self):',
      '        self.db.update_item()',
      "A(boto3.client('dynamodb'))",
    ],
    [
      'of an attribute of a class',
      'import boto3',
      'class A:',
      "    db = boto3.client('dynamodb')",
      '    @classmethod',
      '    def add(cls):',
      '        cls.db.update_item()',
    ],
    [
      'of an attribute that is inherited',
      'import boto3',
      'class A:',
      '    def __init__(self):',
      "        self.db = boto3.client('dynamodb')",
      'class B(A):',
      '    def add(self):',
      '        self.db.update_item()',
    ],
    [
      'of an attribute from outside',
      'import boto3',
      'class A:',
      '    def __init__(self):',
      "        self.db = boto3.client('dynamodb')",
      'a = A()',
      'a.db.update_item()',
    ],
    [
      'of a property',
      'import boto3',
      'class A:',
      '    @property',
      '    def db(self):',
      "        return boto3.client('dynamodb')",
      '    def add(self):',
      '        self.db.update_item()',
    ],
    [
      'of a method of self',
      'import boto3',
      'class A:',
      '    def db(self, service):',
      '        return boto3.client(service)',
      '    def add(self):',
      "        self.db('dynamodb').update_item()",
    ],
    ['of a dictionary', 'import boto3', "clients = {'db': boto3.client('dynamodb')}", "clients['db'].update_item()"],
    ['with a different name', 'import boto3', "add = boto3.client('dynamodb').update_item", 'add()'],
    [
      'of a context',
      'import aioboto3',
      'async def f():',
      "    async with aioboto3.Session().client('dynamodb') as db:",
      '        await db.update_item()',
    ],
    ['in a condition', 'import boto3, os', "db = boto3.client('dynamodb') if os.name else None", 'db.update_item()'],
  ])('%s', (_, ...text) => {
    expect(namesIn(lines(...text))).toEqual(['dynamodb:UpdateItem']);
  });

  it.each([
    ['pages', "boto3.client('dynamodb').get_paginator('scan').paginate(TableName='a')", 'dynamodb:Scan'],
    ['a waiter', "boto3.client('dynamodb').get_waiter('table_exists').wait(TableName='a')", 'dynamodb:DescribeTable'],
    ['a batch', "boto3.resource('dynamodb').Table('a').batch_writer()", 'dynamodb:BatchWriteItem'],
    ['the resource of a bucket', "boto3.resource('s3').Bucket('site').upload_file('a', 'b')", 's3:PutObject'],
    ['the objects of a bucket', "boto3.resource('s3').Bucket('site').objects.filter(Prefix='a')", 's3:ListObjects'],
    ['an object of a bucket', "boto3.resource('s3').Bucket('site').Object('a').get()", 's3:GetObject'],
    ['an object', "boto3.resource('s3').Object('site', 'a').put(Body='')", 's3:PutObject'],
    ['a download', "boto3.client('s3').download_file('site', 'a', '/tmp/a')", 's3:GetObject'],
    ['a signed address', "boto3.client('s3').generate_presigned_url('get_object', Params={})", 's3:GetObject'],
    [
      'a topic',
      "boto3.resource('sns').Topic('arn:aws:sns:eu-west-2:123456789012:visits').publish(Message='a')",
      'sns:Publish',
    ],
    ['a queue by its name', "boto3.resource('sqs').get_queue_by_name(QueueName='a')", 'sqs:GetQueueUrl'],
    [
      'a queue',
      "boto3.resource('sqs').get_queue_by_name(QueueName='a').send_message(MessageBody='a')",
      'sqs:SendMessage',
    ],
    ['an operation with several words', "boto3.client('s3').list_objects_v2(Bucket='a')", 's3:ListObjectsV2'],
  ])('of %s', (_, text, name) => {
    expect(namesIn(lines('import boto3', text))).toContain(name);
  });

  it.each([
    [
      'a client of the source itself',
      'class Db:',
      '    def client(self, name):',
      '        return self',
      'boto3 = Db()',
      "boto3.client('dynamodb').update_item()",
    ],
    ['a service that is not known', 'import boto3, sys', 'boto3.client(sys.argv[1]).update_item()'],
    ['a method that is not known', 'import boto3', 'def f(name):', "    getattr(boto3.client('dynamodb'), name)()"],
    ['a shadowed name', 'import boto3', "db = boto3.client('dynamodb')", 'def f(db):', '    db.update_item()'],
    ['a loop over an unknown value', 'import boto3', "for db in [boto3.client('dynamodb')]:", '    db.update_item()'],
    [
      'what the client does without a call',
      'import boto3',
      "c = boto3.client('dynamodb')",
      "c.get_waiter('table_exists')",
      'c.can_paginate(1)',
      'c.exceptions.X()',
    ],
    ['a resource that is only named', 'import boto3', "boto3.resource('dynamodb').Table('a')"],
    [
      'code that Lambda does not run',
      'import boto3',
      'if __name__ == "__main__":',
      "    boto3.client('dynamodb').update_item()",
    ],
    [
      'values that go in a circle',
      'a = b',
      'b = a',
      'def f():',
      '    return f()',
      'f().update_item()',
      'a.update_item()',
    ],
  ])('are not reported: %s', (_, ...text) => {
    expect(namesIn(lines(...text))).toEqual([]);
  });

  it.each([
    ["s3.upload_file('/tmp/x', 'site', 'a')"],
    ["s3.upload_fileobj(body, 'site', Key='a')"],
    ["s3.download_file('site', 'a', '/tmp/x')"],
    ["s3.copy({'Bucket': 'from', 'Key': 'b'}, 'site', 'a')"],
    ["s3.generate_presigned_post('site', 'a')"],
    ["s3.generate_presigned_url('get_object', Params={'Bucket': 'site', 'Key': 'a'})"],
    ["s3.generate_presigned_url('get_object', {'Bucket': 'site', 'Key': 'a'})"],
    ["boto3.resource('s3').Bucket('site').upload_file('/tmp/x', 'a')"],
    ["boto3.resource('s3').Bucket('site').download_file('a', '/tmp/x')"],
    ["boto3.resource('s3').Object('site', 'a').download_file('/tmp/x')"],
    ["boto3.resource('s3').Object('site', 'a').upload_file('/tmp/x')"],
  ])('have the bucket and the key of positional arguments: %s', (call) => {
    const [sdkCall] = callsIn(lines('import boto3', "s3 = boto3.client('s3')", `def handler(body): ${call}`));
    expect(sdkCall?.parameters).toMatchObject({ Bucket: { value: 'site' }, Key: { value: 'a' } });
  });

  it('a transaction has parts if all of them are in the call', () => {
    const text = lines(
      'import boto3',
      "db = boto3.client('dynamodb')",
      "db.transact_write_items(TransactItems=[{'Update': {}}, {'Put': {}}])",
      'db.transact_write_items(TransactItems=items)',
      "item = {'Put': {}} if full else {'Delete': {}}",
      'db.transact_write_items(TransactItems=[item])',
    );
    expect(callsIn(text).map(({ parts }) => parts)).toEqual([['Update', 'Put'], undefined, undefined]);
  });
});

describe('the modules of a function', () => {
  it.each([
    ['import db', 'db.table.update_item()'],
    ['from db import table', 'table.update_item()'],
    ['from db import table as visits', 'visits.update_item()'],
    ['from db import *', 'table.update_item()'],
    ['from .db import table', 'table.update_item()'],
    ['import lib.db', 'lib.db.table.update_item()'],
    ['from lib import db', 'db.table.update_item()'],
    ['import lib.db as visits', 'visits.table.update_item()'],
    ['from db import get_table', 'get_table().update_item()'],
  ])('can import each other: %s', (...text) => {
    const db = lines(
      'import boto3',
      "table = boto3.resource('dynamodb').Table('a')",
      'def get_table():',
      '    return table',
    );
    expect(namesIn(lines(...text), { 'db.py': db, 'lib/__init__.py': '', 'lib/db.py': db })).toEqual([
      'dynamodb:UpdateItem',
    ]);
  });
});

describe('calls through what a dictionary, a decorator or a dataclass passes on', () => {
  const handler = (...body: readonly string[]) => lines('import boto3', ...body);
  const TABLE = "boto3.resource('dynamodb').Table('Visits')";

  it.each<[string, string, readonly string[]]>([
    [
      'functions in a dictionary, chosen by a key of the event',
      handler(
        "dynamo = boto3.client('dynamodb')",
        'def handler(event, context):',
        "    operations = {'DELETE': lambda db, x: db.delete_item(**x), 'GET': lambda db, x: db.scan(**x)}",
        "    return operations[event['httpMethod']](dynamo, {})",
      ),
      ['dynamodb:DeleteItem', 'dynamodb:Scan'],
    ],
    [
      'the same with a default',
      handler(
        'def read(table): return table.get_item(Key={})',
        'def missing(table): return table.scan()',
        "ROUTES = {'GET': read}",
        `def handler(event, context): return ROUTES.get(event['m'], missing)(${TABLE})`,
      ),
      ['dynamodb:GetItem', 'dynamodb:Scan'],
    ],
    [
      'clients in a dictionary',
      handler(
        "CLIENTS = {'a': boto3.client('s3'), 'b': boto3.client('s3', region_name='us-east-1')}",
        'def handler(event, context):',
        "    return CLIENTS[event['region']].list_buckets()",
      ),
      ['s3:ListBuckets'],
    ],
    [
      'a decorator that adds an argument',
      handler(
        'def with_table(function):',
        '    def inner(event, context):',
        `        return function(event, context, ${TABLE})`,
        '    return inner',
        '@with_table',
        'def handler(event, context, table):',
        '    return table.get_item(Key={})',
      ),
      ['dynamodb:GetItem'],
    ],
    [
      'a decorator with arguments of its own',
      handler(
        'def with_table(name):',
        '    def decorate(function):',
        "        return lambda event, context: function(boto3.resource('dynamodb').Table(name))",
        '    return decorate',
        "@with_table('Visits')",
        'def handler(table):',
        '    return table.query()',
      ),
      ['dynamodb:Query'],
    ],
    [
      'a field of a dataclass with a factory',
      handler(
        'from dataclasses import dataclass, field',
        '@dataclass',
        'class Store:',
        `    table: object = field(default_factory=lambda: ${TABLE})`,
        '    def get(self): return self.table.get_item(Key={})',
      ),
      ['dynamodb:GetItem'],
    ],
    ...[
      ['from dataclasses import dataclass, field', '@dataclass', 'field(default_factory=Repository)'],
      ['from pydantic import BaseModel, Field', 'class _(BaseModel): pass', 'Field(default_factory=Repository)'],
      ['import attrs', '@attrs.define', 'attrs.field(factory=Repository)'],
      ['import attr', '@attr.s', 'attr.ib(default=attr.Factory(Repository))'],
      ['import attr', '@attr.s', 'attr.ib(attr.Factory(factory=Repository))'],
      ['from attrs import define, Factory', '@define', 'Factory(Repository)'],
    ].map(([load = '', before = '', created]): [string, string, readonly string[]] => [
      `a class as the factory of ${created}`,
      handler(
        load,
        'class Repository:',
        `    def __init__(self, table=None): self.table = table or ${TABLE}`,
        before,
        'class Store:',
        `    repository: Repository = ${created}`,
        '    def get(self): return self.repository.table.get_item(Key={})',
      ),
      ['dynamodb:GetItem'],
    ]),
    [
      'functools.partial as a factory, and called',
      handler(
        'from dataclasses import dataclass, field',
        'from functools import partial',
        '@dataclass',
        'class Store:',
        "    s3: object = field(default_factory=partial(boto3.client, 's3'))",
        '    def get(self): return self.s3.get_object(Key="a")',
        "table = partial(boto3.resource('dynamodb').Table)",
        "table('Visits').query()",
        'make = partial(boto3.client, region_name="eu-west-2")',
        "make('sqs').send_message()",
      ),
      ['dynamodb:Query', 's3:GetObject', 'sqs:SendMessage'],
    ],
    [
      'methods and arguments of functools.partial',
      handler(
        'import functools',
        'def read(table, client, key): return table.get_item(Key=key), client.list_buckets()',
        `get = functools.partial(read, ${TABLE}, client=boto3.client('s3'))`,
        'class Files:',
        '    def __init__(self, s3): self.s3 = s3',
        '    def get(self): return self.s3.get_object(Key="a")',
        "files = functools.partial(Files, boto3.client('s3'))",
        'get(1)',
        "send = functools.partial(boto3.client('sqs').send_message, QueueUrl='x')",
      ),
      ['dynamodb:GetItem', 's3:GetObject', 's3:ListBuckets', 'sqs:SendMessage'],
    ],
    [
      'fields that the call of a dataclass sets',
      handler(
        'from dataclasses import dataclass',
        '@dataclass',
        'class Store:',
        '    name: str',
        '    table: object',
        '    bucket: object = None',
        '    def get(self): return self.table.get_item(Key={})',
        '    def files(self): return self.bucket.list_buckets()',
        `store = Store('x', ${TABLE}, bucket=boto3.client('s3'))`,
      ),
      ['dynamodb:GetItem', 's3:ListBuckets'],
    ],
  ])('are found: %s', (_, text, expected) => {
    expect([...namesIn(text)].sort()).toEqual(expected);
  });

  it('are found in a module that reads a large dictionary with many unknown keys', () => {
    const table = ['CODES = {', ...Array.from({ length: 30_000 }, (_, code) => `    'c${code}': 'x${code}',`), '}'];
    const reads = Array.from({ length: 500 }, (_, index) => `    v${index} = CODES[event['k${index}']]`);
    const call = "    boto3.client('s3').list_buckets()";
    expect(namesIn(handler(...table, 'def handler(event, context):', ...reads, call))).toEqual(['s3:ListBuckets']);
  });
});
