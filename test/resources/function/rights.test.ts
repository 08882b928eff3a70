import { describe, expect, it } from 'vitest';
import type { FunctionConfig } from '../../../src/config/schema.ts';
import { functionPackage } from '../../../src/package/package.ts';
import type { MissingRight } from '../../../src/resources/context.ts';
import { missingRights, rightsRemarks } from '../../../src/resources/function/rights.ts';
import { readReference } from '../../../src/terraform/permissions/reference.ts';
import { exampleConfig } from '../../helpers/configs.ts';
import { nodePackage, pythonPackage } from '../../helpers/packages.ts';

const REFERENCE = readReference();
const PLACE = { accountId: '123456789012', region: 'eu-west-2' };
const TABLE = 'arn:aws:dynamodb:eu-west-2:123456789012:table/Visits';

const ARN = (service: string) => `arn:aws:${service}:eu-west-2:123456789012`;
const SECRET = `${ARN('secretsmanager')}:secret:key-??????`;

/** The function of the example config with its table, but without environment variables. */
function configOf(change: Partial<FunctionConfig> = {}): FunctionConfig {
  const [example] = exampleConfig().functions;
  const table = { ...example.table, access: 'update' };
  return { ...example, table, source: 'fn', environment: {}, statements: [], ...change };
}

async function inputOf(files: Readonly<Record<string, string>>, change: Partial<FunctionConfig> = {}) {
  const code = 'app.py' in files ? pythonPackage(files) : nodePackage(files);
  return {
    functionConfig: configOf(change),
    path: 'functions[0]',
    place: PLACE,
    calls: await code.calls(),
    reference: REFERENCE,
  };
}

async function missing(...args: Parameters<typeof inputOf>): Promise<readonly MissingRight[]> {
  return missingRights(await inputOf(...args));
}

async function remarks(...args: Parameters<typeof inputOf>) {
  const input = await inputOf(...args);
  return rightsRemarks(input, missingRights(input));
}

/** The missing actions: `dynamodb:GetItem`. */
const actionsOf = async (...args: Parameters<typeof inputOf>) => (await missing(...args)).map(({ action }) => action);

const GET_THEN_SET = `import json
import boto3
from botocore.exceptions import ClientError


def handler(event, context):
    table = boto3.resource("dynamodb").Table("Visits")
    try:
        count = int(table.get_item(Key={"Id": "cv"}).get("Item", {}).get("n", 0))
    except ClientError:
        count = 0
    table.put_item(Item={"Id": "cv", "n": count + 1})
    return {"statusCode": 200, "body": json.dumps({"n": count + 1})}
`;

const table = (access: 'update' | 'read' | 'read-write') => ({
  table: { ...configOf().table, name: 'Visits', hashKey: 'Id', access } as FunctionConfig['table'],
});

/** A Python handler with these lines. */
const python = (...lines: readonly string[]) => ({
  'app.py': ['import boto3, os', ...lines, 'def handler(event, context):', '    pass', ''].join('\n'),
});

/** A Node handler that runs this code with clients of the service. */
const node = (module: string, text: string) => ({
  'index.ts': `import * as sdk from '${module}';\nexport const handler = async () => {\n  ${text}\n};\n`,
});

describe('the permissions that the source needs and the role lacks', () => {
  it('are shown with the call, the location, the action, and the config key that allows them', async () => {
    expect(await missing({ 'app.py': GET_THEN_SET })).toEqual([
      {
        function: 'IncrementVisits',
        action: 'dynamodb:GetItem',
        resource: TABLE,
        call: 'get_item',
        file: 'fn/app.py',
        line: 9,
        allow: { path: 'functions[0].table.access', value: 'read-write' },
      },
      {
        function: 'IncrementVisits',
        action: 'dynamodb:PutItem',
        resource: TABLE,
        call: 'put_item',
        file: 'fn/app.py',
        line: 12,
        allow: { path: 'functions[0].table.access', value: 'read-write' },
      },
    ]);
    expect(await remarks({ 'app.py': GET_THEN_SET })).toEqual({
      warnings: [
        `functions[0].table.access: the function's role does not allow dynamodb:GetItem (get_item in fn/app.py:9), dynamodb:PutItem (put_item in fn/app.py:12). Write "access": "read-write" in "table" in the config.`,
      ],
      notes: [],
    });
  });

  it.each([
    ['none, if it is in the config', 'read-write', []],
    ['actions that read access does not allow', 'read', ['dynamodb:PutItem']],
  ] as const)('are %s', async (_, access, actions) => {
    expect(await actionsOf({ 'app.py': GET_THEN_SET }, table(access))).toEqual(actions);
  });

  it.each([
    ['an update', 'table.update_item(Key={})'],
    ['unknown calls', 'table.meta.client.execute_statement(Statement="")'],
    ['calls that need no permission', "boto3.client('sts').get_caller_identity()"],
    ['an unknown method', 'table.reed()'],
  ])('do not include those for %s', async (_, call) => {
    expect(await actionsOf(python("table = boto3.resource('dynamodb').Table('Visits')", call))).toEqual([]);
  });

  it.each([
    ['a scan', 'table.scan()', 'read'],
    ['a page', "table.meta.client.get_paginator('query').paginate(TableName='Visits')", 'read'],
    ['a scan and an update', 'table.scan(); table.update_item(Key={})', 'read-write'],
    ['a batch', 'table.batch_writer()', 'read-write'],
  ])('have the least access: %s', async (_, call, access) => {
    const [first] = await missing(python("table = boto3.resource('dynamodb').Table('Visits')", call));
    expect(first?.allow.value).toBe(access);
  });

  it.each([
    ['the name in the environment', "os.environ['TABLE_NAME']", { TABLE_NAME: 'Visits' }, TABLE],
    ['a default name', "os.environ.get('TABLE_NAME', 'Visits')", {}, TABLE],
    ['an unknown name', "os.environ['TABLE_NAME']", {}, TABLE.replace('Visits', '*')],
    ['a different table', "os.environ['TABLE_NAME']", { TABLE_NAME: 'Other' }, TABLE.replace('Visits', 'Other')],
  ])('follow the table: %s', async (_, name, environment, resource) => {
    const [first] = await missing(python(`boto3.resource('dynamodb').Table(${name}).get_item(Key={})`), {
      environment,
    });
    expect(first?.resource).toBe(resource);
    expect(first?.allow.path).toBe(
      resource.endsWith('Other') ? 'functions[0].statements' : 'functions[0].table.access',
    );
  });

  it('for an update of another table are a statement, or the name of the table', async () => {
    const { warnings } = await remarks(python("boto3.resource('dynamodb').Table('Other').update_item(Key={})"));
    expect(warnings).toEqual([
      `functions[0].statements: the function's role does not allow dynamodb:UpdateItem (update_item in fn/app.py:2). Add { "Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": "arn:aws:dynamodb:eu-west-2:123456789012:table/Other" } to "statements" in the config. If that is the function's own table, write its name in "table".`,
    ]);
  });

  it.each([
    ['sns', 'Publish', { TopicArn: `${ARN('sns')}:visits` }, 'sns:Publish', `${ARN('sns')}:visits`],
    ['sns', 'Publish', {}, 'sns:Publish', `${ARN('sns')}:*`],
    ['sns', 'Publish', { PhoneNumber: '+441234567890' }, 'sns:Publish', '*'],
    ['polly', 'SynthesizeSpeech', {}, 'polly:SynthesizeSpeech', '*'],
    ['translate', 'TranslateText', {}, 'translate:TranslateText', '*'],
    ['bedrock-runtime', 'InvokeModel', {}, 'bedrock:InvokeModel', 'arn:aws:bedrock:*::foundation-model/*'],
    [
      'bedrock-runtime',
      'Converse',
      { modelId: 'amazon.nova-lite-v1:0' },
      'bedrock:InvokeModel',
      'arn:aws:bedrock:eu-west-2::foundation-model/amazon.nova-lite-v1:0',
    ],
    ['ssm', 'GetParameter', { Name: '/site/key' }, 'ssm:GetParameter', `${ARN('ssm')}:parameter/site/key`],
    ['dynamodb', 'Query', { TableName: 'Visits', IndexName: 'page' }, 'dynamodb:Query', `${TABLE}/index/page`],
    [
      'dynamodb',
      'ExecuteStatement',
      { Statement: `select a from "Visits"."page" where Id = 'cv'` },
      'dynamodb:PartiQLSelect',
      `${TABLE}/index/page`,
    ],
    [
      'dynamodb',
      'ExecuteStatement',
      { Statement: `INSERT INTO "Visits" VALUE {'Id': 'a'}` },
      'dynamodb:PartiQLInsert',
      TABLE,
    ],
    ['dynamodb', 'ExecuteStatement', { Statement: 'UPDATE Visits SET a=1' }, 'dynamodb:PartiQLUpdate', TABLE],
    ['dynamodb', 'ExecuteStatement', { Statement: 'DELETE\nFROM "Visits" WHERE a=1' }, 'dynamodb:PartiQLDelete', TABLE],
    ['s3', 'PutObject', { Bucket: 'site' }, 's3:PutObject', 'arn:aws:s3:::site/*'],
    ['s3', 'ListObjectsV2', {}, 's3:ListBucket', 'arn:aws:s3:::*'],
    ['s3', 'CopyObject', { Bucket: 'a', CopySource: 'b/key' }, 's3:GetObject', 'arn:aws:s3:::b/key'],
    ['lambda', 'Invoke', { FunctionName: 'Other' }, 'lambda:InvokeFunction', `${ARN('lambda')}:function:Other`],
    ['cloudwatch', 'PutMetricData', { Namespace: 'a' }, 'cloudwatch:PutMetricData', '*'],
    ['stepfunctions', 'StartExecution', {}, 'states:StartExecution', `${ARN('states')}:stateMachine:*`],
    ['StepFunctions', 'StartExecution', {}, 'states:StartExecution', `${ARN('states')}:stateMachine:*`],
    ['ses', 'SendEmail', { Source: 'a@example.com' }, 'ses:SendEmail', `${ARN('ses')}:identity/*`],
    ['secrets-manager', 'GetSecretValue', { SecretId: 'key' }, 'secretsmanager:GetSecretValue', SECRET],
    ['secretsmanager', 'GetSecretValue', { SecretId: 'key' }, 'secretsmanager:GetSecretValue', SECRET],
    ['cognito-identity-provider', 'AdminGetUser', {}, 'cognito-idp:AdminGetUser', `${ARN('cognito-idp')}:userpool/*`],
  ])('of other services are a statement: %s %s %o', (service, name, parameters, action, resource) => {
    const functionConfig = configOf(table('read-write'));
    const values = Object.entries(parameters).map(([key, value]) => [key, { value }]);
    const call = {
      service,
      name,
      text: 'call',
      path: 'app.py',
      line: 1,
      parameters: Object.fromEntries(values),
      parts: undefined,
    };
    const input = { functionConfig, path: 'functions[0]', place: PLACE, calls: [call], reference: REFERENCE };
    const statement = { Effect: 'Allow' as const, Action: action, Resource: resource };
    expect(missingRights(input).map(({ allow }) => allow.value)).toContainEqual(statement);
    const allowing = { ...input, functionConfig: { ...functionConfig, statements: [statement] } };
    expect(missingRights(allowing).map((right) => right.action)).not.toContain(action);
  });

  it.each([
    'eu.amazon.nova-lite-v1:0',
    'arn:aws:bedrock:eu-west-2:123456789012:inference-profile/eu.amazon.nova-lite-v1:0',
  ])('of a model that is used through an inference profile are on both, in all its regions: %s', async (model) => {
    const rights = await missing(python(`boto3.client('bedrock-runtime').converse(modelId='${model}', messages=[])`));
    expect(rights.map(({ action, resource }) => [action, resource])).toEqual([
      ['bedrock:InvokeModel', 'arn:aws:bedrock:eu-west-2:123456789012:inference-profile/eu.amazon.nova-lite-v1:0'],
      ['bedrock:InvokeModel', 'arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0'],
    ]);
  });

  it.each([
    ['@aws-sdk/client-dynamodb', "new sdk.GetItemCommand({ TableName: 'Visits' })", ['dynamodb:GetItem']],
    ['@aws-sdk/client-dynamodb', "new sdk.UpdateItemCommand({ TableName: 'Visits' })", []],
    [
      '@aws-sdk/lib-dynamodb',
      'new sdk.TransactWriteCommand({ TransactItems: [{ Update: {} }, { Put: {} }] })',
      ['dynamodb:PutItem'],
    ],
    ['aws-sdk', "new sdk.DynamoDB.DocumentClient().get({ TableName: 'Visits' })", ['dynamodb:GetItem']],
  ])('of Node: %s %s', async (module, text, actions) => {
    expect(await actionsOf(node(module, text))).toEqual(actions);
  });

  it('include those of a module whose handler is re-exported', async () => {
    const core = GET_THEN_SET.replace('def handler', 'def lambda_handler');
    const files = { 'app.py': 'from core import (\n    lambda_handler as handler,\n)\n', 'core.py': core };
    expect((await missing(files)).map(({ file, line }) => `${file}:${line}`)).toEqual([
      'fn/core.py:9',
      'fn/core.py:12',
    ]);
  });

  it('exclude those of modules that the handler does not import, and of installed libraries', async () => {
    const files = {
      'app.py': 'import library\n\n\ndef handler(event, context):\n    return library.handler(event, context)\n',
      'seed.py': GET_THEN_SET,
      'library/__init__.py': GET_THEN_SET,
      'library-1.0.dist-info/RECORD': 'library/__init__.py,,\n',
    };
    expect(await missing(files)).toEqual([]);
  });

  it.each([
    ['functions/increment-visits', 'nodejs24.x', 'index.handler'],
    ['functions/increment-visits/python', 'python3.13', 'IncrementVisits.lambda_handler'],
  ])('are empty for the visit counter: %s', async (source, runtime, handler) => {
    const calls = await functionPackage({ root: process.cwd(), source, runtime, handler }).calls();
    expect(calls.map(({ name }) => name)).toEqual(['UpdateItem']);
    const input = { functionConfig: configOf(), path: 'functions[0]', place: PLACE, calls, reference: REFERENCE };
    expect(missingRights(input)).toEqual([]);
  });

  it('of a function without a table are statements', async () => {
    const [first] = await missing(python("boto3.resource('dynamodb').Table('Visits').update_item(Key={})"), {
      table: undefined,
    });
    expect(first?.allow.path).toBe('functions[0].statements');
  });

  it('with a role of its own are unknown, which a note says', async () => {
    const role = 'arn:aws:iam::123456789012:role/own';
    expect(await missing({ 'app.py': GET_THEN_SET }, { role })).toEqual([]);
    expect(await remarks({ 'app.py': GET_THEN_SET }, { role })).toEqual({
      warnings: [],
      notes: [
        `crc does not know what ${role} allows; the source needs dynamodb:GetItem (get_item in fn/app.py:9), dynamodb:PutItem (put_item in fn/app.py:12)`,
      ],
    });
  });

  it('has a placeholder for a name that is not in the source, and lists few locations', async () => {
    const calls = Array.from({ length: 5 }, () => "boto3.client('sns').publish(TopicArn=os.environ['TOPIC'])");
    const { warnings } = await remarks(python(...calls));
    expect(warnings).toEqual([
      `functions[0].statements: the function's role does not allow sns:Publish (publish in fn/app.py:2, publish in fn/app.py:3, publish in fn/app.py:4 and 2 more). Add { "Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:eu-west-2:123456789012:*" } to "statements" in the config, with a name in place of *.`,
    ]);
  });
});
