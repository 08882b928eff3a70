import { describe, expect, it } from 'vitest';
import { type Bench, converge, find, testResourceContract, writes } from '../../helpers/contract.ts';
import { isWrite } from '../../helpers/fake-aws.ts';
import { type FakeStatement, fakeLambda } from '../../helpers/fake-lambda.ts';
import { type FunctionBench, type FunctionBenchOptions, functionBench, NAME } from '../../helpers/function-bench.ts';

const ARN = `arn:aws:lambda:eu-west-2:123456789012:function:${NAME}:live`;
const CORS = { AllowOrigins: ['https://resume.example.com'], AllowMethods: ['GET'] };
const KEY = { FunctionName: NAME, Qualifier: 'live' };

/** A function with a deployed alias. */
function bench(options: FunctionBenchOptions = {}): Bench<FunctionBench> & FunctionBench {
  const all = functionBench(options);
  const { CreateFunction, CreateAlias } = all.lambda.handlers;
  if (!all.lambda.functions.has(NAME)) {
    CreateFunction?.({ FunctionName: NAME, Code: { ZipFile: Buffer.from('x') } });
    CreateAlias?.({ ...KEY, Name: 'live', FunctionVersion: '$LATEST' });
  }
  return { ...all, resource: all.url, state: all };
}

const update = { operation: 'UpdateFunctionUrlConfig', input: { ...KEY, AuthType: 'NONE', Cors: CORS } };
const url = (all: FunctionBench) => all.live().urls.get('live') ?? { AuthType: '' };
const withoutStatement = (sid: string) => (all: FunctionBench) => {
  const { policies } = all.live();
  policies.set(
    'live',
    (policies.get('live') ?? []).filter((statement) => statement.Sid !== sid),
  );
};
const statements = (all: FunctionBench) => all.live().policies.get('live') ?? [];

const URL_PERMISSION: FakeStatement = {
  Sid: 'CrcInvokeFunctionUrl',
  Effect: 'Allow',
  Principal: '*',
  Action: 'lambda:InvokeFunctionUrl',
  Resource: ARN,
  Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
};
const FUNCTION_PERMISSION: FakeStatement = {
  Sid: 'CrcInvokeFunction',
  Effect: 'Allow',
  Principal: '*',
  Action: 'lambda:InvokeFunction',
  Resource: ARN,
  Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
};

describe('function URL', () => {
  testResourceContract({
    bench,
    // For access that the config does not allow (any more).
    elsewhere: ['lambda:RemovePermission'],
    drifts: [
      {
        path: 'authType',
        tamper: (all) => {
          url(all).AuthType = 'AWS_IAM';
        },
        ...update,
      },
      {
        path: 'cors.allowOrigins',
        tamper: (all) => {
          url(all).Cors = { ...CORS, AllowOrigins: ['*'] };
        },
        ...update,
      },
      {
        path: 'cors.allowMethods',
        tamper: (all) => {
          url(all).Cors = { AllowOrigins: CORS.AllowOrigins };
        },
        ...update,
      },
      {
        path: 'cors.allowOrigins',
        tamper: (all) => {
          delete url(all).Cors;
        },
        ...update,
      },
      {
        path: 'permissions.url',
        tamper: withoutStatement('CrcInvokeFunctionUrl'),
        operation: 'AddPermission',
        input: {
          ...KEY,
          StatementId: 'CrcInvokeFunctionUrl',
          Action: 'lambda:InvokeFunctionUrl',
          Principal: '*',
          FunctionUrlAuthType: 'NONE',
        },
      },
      {
        path: 'permissions.function',
        tamper: withoutStatement('CrcInvokeFunction'),
        operation: 'AddPermission',
        input: {
          ...KEY,
          StatementId: 'CrcInvokeFunction',
          Action: 'lambda:InvokeFunction',
          Principal: '*',
          InvokedViaFunctionUrl: true,
        },
      },
    ],
    reads: ['GetFunctionUrlConfig', 'GetPolicy'],
  });

  it("others who may call the alias are a warning, and no drift; crc's own grants are none, under any Sid", async () => {
    const all = bench();
    await converge(all.resource);
    const setStatements = (...more: FakeStatement[]) => all.live().policies.set('live', [...more]);
    setStatements(
      { ...URL_PERMISSION, Sid: 'FunctionURLAllowPublicAccess' },
      { ...FUNCTION_PERMISSION, Sid: 'Console' },
    );
    expect(await find(all.resource)).toMatchObject({ status: 'in-sync', warnings: [] });
    const { Condition: _, ...open } = FUNCTION_PERMISSION;
    setStatements(
      URL_PERMISSION,
      FUNCTION_PERMISSION,
      { ...open, Sid: 'Open' },
      { ...open, Sid: 'Partner', Principal: { AWS: 'arn:aws:iam::210987654321:root' } },
      { ...open, Sid: 'Schedule', Principal: { Service: 'events.amazonaws.com' } },
    );
    expect(await find(all.resource)).toMatchObject({
      status: 'in-sync',
      warnings: [
        expect.stringMatching(
          /^the policy of the alias "live" grants access to everyone, which is not in the config \(Sid Open: lambda:InvokeFunction\)/,
        ),
        expect.stringMatching(/grants access to the account 210987654321, which is not in the config \(Sid Partner/),
      ],
    });
  });

  it('is created on the alias, with CORS, and both permissions on the alias', async () => {
    const all = bench();
    await converge(all.resource);
    expect(all.aws.calls.filter(isWrite).map(({ operation, input }) => [operation, input.Qualifier])).toEqual([
      ['CreateFunctionUrlConfig', 'live'],
      ['AddPermission', 'live'],
      ['AddPermission', 'live'],
    ]);
    expect(all.aws.calls.filter(({ input }) => input.Qualifier !== 'live')).toEqual([]);
    expect(statements(all)).toEqual([URL_PERMISSION, FUNCTION_PERMISSION]);
  });

  it('from before October 2025, with one permission of a different name, gets the second one and keeps the first', async () => {
    const all = bench();
    await converge(all.resource);
    const legacyPermission = { ...URL_PERMISSION, Sid: 'FunctionURLAllowPublicAccess' };
    const foreign = {
      ...FUNCTION_PERMISSION,
      Sid: 'Partner',
      Principal: { AWS: '999999999999' },
      Condition: undefined,
    };
    all.live().policies.set('live', [legacyPermission, foreign]);
    const { changes } = await find(all.resource);
    expect(changes).toEqual([{ kind: 'update', path: 'permissions.function', live: false, want: true }]);
    expect((await converge(all.resource)).result.outcome).toBe('updated');
    expect(statements(all)).toEqual([legacyPermission, foreign, FUNCTION_PERMISSION]);
  });

  it.each([
    ['no condition: open to every account', 'permissions.function', { ...FUNCTION_PERMISSION, Condition: undefined }],
    ['another action', 'permissions.function', { ...FUNCTION_PERMISSION, Action: 'lambda:*' }],
    ['one account only', 'permissions.url', { ...URL_PERMISSION, Principal: { AWS: '999999999999' } }],
    ['a denial', 'permissions.url', { ...URL_PERMISSION, Effect: 'Deny' }],
    [
      'a condition more',
      'permissions.url',
      {
        ...URL_PERMISSION,
        Condition: { ...(URL_PERMISSION.Condition as object), IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      },
    ],
  ])('fixes its own statement if it differs: %s', async (_, path, statement) => {
    const all = bench();
    await converge(all.resource);
    const expected = statements(all);
    all.live().policies.set('live', [
      ...expected.filter(({ Sid }) => Sid !== statement.Sid),
      statement as FakeStatement,
      // An equivalent statement of another owner must not hide the drift.
      { ...(path === 'permissions.url' ? URL_PERMISSION : FUNCTION_PERMISSION), Sid: 'Other' },
    ]);
    all.aws.calls.length = 0;
    const { finding, result } = await converge(all.resource);
    expect(finding.changes).toEqual([{ kind: 'update', path, live: false, want: true }]);
    expect([result.outcome, writes(all.aws)]).toEqual(['updated', ['RemovePermission', 'AddPermission']]);
    expect((await find(all.resource)).status).toBe('in-sync');
  });

  it('treats the spellings of AWS and of an emulator as equal', async () => {
    const all = bench();
    await converge(all.resource);
    all.live().policies.set('live', [
      { ...URL_PERMISSION, Principal: { AWS: '*' } },
      { ...FUNCTION_PERMISSION, Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } } },
    ]);
    expect((await find(all.resource)).status).toBe('in-sync');
    const { Condition: _, ...bareUrl } = URL_PERMISSION;
    const { Condition: __, ...bareFunction } = FUNCTION_PERMISSION;
    all
      .live()
      .policies.set('live', [
        { ...bareUrl, FunctionUrlAuthType: 'NONE' } as FakeStatement,
        { ...bareFunction, InvokedViaFunctionUrl: true } as FakeStatement,
      ]);
    expect((await find(all.resource)).status).toBe('in-sync');
    all
      .live()
      .policies.set('live', [
        { ...bareUrl, FunctionUrlAuthType: 'AWS_IAM' } as FakeStatement,
        bareFunction as FakeStatement,
      ]);
    expect((await find(all.resource)).changes.map((change) => ('path' in change ? change.path : ''))).toEqual([
      'permissions.url',
      'permissions.function',
    ]);
  });

  it('keeps CORS settings that are not in the config', async () => {
    const all = bench();
    await converge(all.resource);
    url(all).Cors = { AllowOrigins: ['*'], AllowMethods: ['GET'], MaxAge: 600, AllowHeaders: ['x-trace'] };
    expect((await converge(all.resource)).result.outcome).toBe('updated');
    expect(url(all).Cors).toEqual({ ...CORS, MaxAge: 600, AllowHeaders: ['x-trace'] });
  });

  it('that another process created at the same time is not an error', async () => {
    const lambda = fakeLambda();
    const runs = [bench({ lambda }), bench({ lambda })];
    const results = await Promise.all(runs.map(({ resource }) => converge(resource)));
    expect(results.map(({ result }) => [result.outcome, result.error])).toEqual([
      ['created', undefined],
      ['created', undefined],
    ]);
    expect(statements(runs[0] as FunctionBench)).toHaveLength(2);
  });

  describe('with AWS_IAM', () => {
    const signed = (lambda?: FunctionBench['lambda']) => bench({ authType: 'AWS_IAM', lambda });

    it('is created without the permissions of a public one', async () => {
      const all = signed();
      await converge(all.resource);
      expect(writes(all.aws)).toEqual(['CreateFunctionUrlConfig']);
      expect([url(all).AuthType, statements(all)]).toEqual(['AWS_IAM', []]);
      expect((await find(all.resource)).status).toBe('in-sync');
    });

    it('closes a public one: first the URL, then the permissions', async () => {
      const all = bench();
      await converge(all.resource);
      const foreignStatement: FakeStatement = {
        Sid: 'CloudFront',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 'lambda:InvokeFunctionUrl',
        Resource: ARN,
        Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:cloudfront::123456789012:distribution/E1' } },
      };
      all.live().policies.get('live')?.push(foreignStatement);
      const closing = signed(all.lambda);
      const { finding } = await converge(closing.resource);
      expect(finding.changes.map((change) => 'path' in change && [change.path, change.live, change.want])).toEqual([
        ['authType', 'NONE', 'AWS_IAM'],
        ['permissions.url', true, false],
        ['permissions.function', true, false],
      ]);
      expect(writes(closing.aws)).toEqual(['UpdateFunctionUrlConfig', 'RemovePermission', 'RemovePermission']);
      expect(statements(closing)).toEqual([foreignStatement]);
      expect(await find(closing.resource)).toMatchObject({ status: 'in-sync', warnings: [] });
    });

    it('warns about a statement of others that grants access to everyone', async () => {
      const all = signed();
      await converge(all.resource);
      all.live().policies.set('live', [{ ...FUNCTION_PERMISSION, Sid: 'Theirs' }]);
      expect(await find(all.resource)).toMatchObject({
        status: 'in-sync',
        warnings: [expect.stringMatching(/grants access to everyone.*Sid Theirs/)],
      });
    });

    it('becomes public again if the config says so', async () => {
      const all = signed();
      await converge(all.resource);
      const open = bench({ lambda: all.lambda });
      await converge(open.resource);
      expect(statements(open)).toEqual([URL_PERMISSION, FUNCTION_PERMISSION]);
      expect((await find(open.resource)).status).toBe('in-sync');
    });
  });
});
