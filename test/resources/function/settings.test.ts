import { describe, expect, it, vi } from 'vitest';
import { type Bench, converge, find, testResourceContract, writes } from '../../helpers/contract.ts';
import { awsError } from '../../helpers/fake-aws.ts';
import { type FakeVersion, fakeLambda } from '../../helpers/fake-lambda.ts';
import { zipOf } from '../../helpers/fake-package.ts';
import {
  type FunctionBench,
  type FunctionBenchOptions,
  functionBench,
  NAME,
  SETTINGS,
} from '../../helpers/function-bench.ts';

const ARN = `arn:aws:lambda:eu-west-2:123456789012:function:${NAME}`;
const TAGS = { Project: 'cloud-resume', ManagedBy: 'crc', 'crc:project': 'resume' };

function bench(options: FunctionBenchOptions = {}): Bench<FunctionBench> & FunctionBench {
  const all = functionBench(options);
  return { ...all, resource: all.function, state: all };
}

const latest = (change: (version: FakeVersion) => void) => (all: FunctionBench) => change(all.live().latest);

/** Everything that UpdateFunctionConfiguration sets, with the revision that was read. */
const configuration = {
  operation: 'UpdateFunctionConfiguration',
  input: {
    FunctionName: NAME,
    RevisionId: expect.stringMatching(/^revision-\d+$/),
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    MemorySize: 128,
    Timeout: 10,
    Environment: { Variables: { TABLE_NAME: 'Visits' } },
  },
};
const setting = (path: string, change: Partial<FakeVersion>) => ({
  path,
  tamper: latest((version) => Object.assign(version, change)),
  ...configuration,
});

describe('Lambda function', () => {
  testResourceContract({
    bench,
    // For a URL that is not in the config.
    elsewhere: ['lambda:GetFunctionUrlConfig', 'lambda:DeleteFunctionUrlConfig', 'lambda:RemovePermission'],
    drifts: [
      {
        path: 'tags.Project',
        tamper: (all) => {
          all.live().tags.Project = 'other';
        },
        operation: 'TagResource',
        input: { Resource: ARN, Tags: TAGS },
      },
      setting('settings.runtime', { Runtime: 'nodejs20.x' }),
      setting('settings.handler', { Handler: 'other.handler' }),
      {
        ...setting('settings.role', { Role: 'arn:aws:iam::123456789012:role/Admin' }),
        input: { ...configuration.input, Role: SETTINGS.roleArn },
      },
      setting('settings.memoryMb', { MemorySize: 1024 }),
      setting('settings.timeoutSeconds', { Timeout: 900 }),
      setting('environment.TABLE_NAME', { Environment: { Variables: { TABLE_NAME: 'Other' } } }),
      setting('environment.DEBUG', { Environment: { Variables: { TABLE_NAME: 'Visits', DEBUG: '1' } } }),
      setting('environment.TABLE_NAME', { Environment: {} }),
      {
        path: 'architecture',
        tamper: latest((version) => {
          version.Architectures = ['x86_64'];
        }),
        operation: 'UpdateFunctionCode',
        input: {
          FunctionName: NAME,
          RevisionId: expect.stringMatching(/^revision-\d+$/),
          ZipFile: expect.anything(),
          Architectures: ['arm64'],
        },
      },
    ],
    retag: (all, tags) => {
      all.live().tags = { ...tags };
    },
    reads: ['GetFunction', 'GetPolicy'],
  });

  it('others who may call the function, or its alias without a URL, are a warning, and no drift', async () => {
    const all = bench();
    await converge(all.resource);
    const open = { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', Resource: ARN };
    // The ARN without a qualifier, as Lambda returns it.
    all
      .live()
      .policies.set(undefined, [open])
      .set('live', [{ ...open, Principal: { AWS: '210987654321' }, Resource: `${ARN}:live` }]);
    expect(await find(all.resource)).toMatchObject({
      status: 'in-sync',
      warnings: [
        expect.stringMatching(
          /^the policy of the function grants access to everyone, which is not in the config \(Sid Open/,
        ),
        expect.stringMatching(/^the policy of the alias "live" grants access to the account 210987654321,/),
      ],
    });
  });

  it('a layer and a log group that are not in the config are warnings, and no drift', async () => {
    const all = bench();
    await converge(all.resource);
    expect((await find(all.resource)).warnings).toEqual([]);
    Object.assign(all.live().latest, {
      Layers: [{ Arn: 'arn:aws:lambda:eu-west-2:210987654321:layer:spy:1' }],
      LoggingConfig: { LogGroup: '/elsewhere' },
    });
    expect(await find(all.resource)).toMatchObject({
      status: 'in-sync',
      warnings: [
        expect.stringMatching(
          /^a layer was added outside crc: arn:aws:lambda:eu-west-2:210987654321:layer:spy:1\. .*update-function-configuration --region eu-west-2 --function-name IncrementVisits --layers/,
        ),
        expect.stringMatching(/^it logs to \/elsewhere/),
      ],
    });
    all.live().latest.LoggingConfig = { LogGroup: '/aws/lambda/IncrementVisits' };
    expect((await find(all.resource)).warnings).toHaveLength(1);
  });

  it('is created with everything in one call, unpublished, and waited for', async () => {
    const { aws, resource, live, reported } = bench({ busy: 2 });
    expect((await converge(resource)).result.outcome).toBe('created');
    expect(aws.calls.map(({ operation }) => operation)).toEqual([
      'GetFunction',
      'GetPolicy',
      'GetPolicy',
      'CreateFunction',
      // Pending twice, then active. The engine does not read again.
      ...Array(3).fill('GetFunction'),
    ]);
    expect(aws.calls.find(({ operation }) => operation === 'CreateFunction')?.input).toEqual({
      FunctionName: NAME,
      Role: SETTINGS.roleArn,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: 128,
      Timeout: 10,
      Environment: { Variables: { TABLE_NAME: 'Visits' } },
      Code: { ZipFile: new Uint8Array(zipOf('source 1')) },
      Architectures: ['arm64'],
      Tags: TAGS,
      Publish: false,
    });
    expect(live().latest.State).toBe('Active');
    expect(reported).toEqual([`function/${NAME}: package of 1 file, 8 B`]);
  });

  it('never shows an environment value, nor a digest of one', async () => {
    const { resource, live } = bench({ settings: { environment: { SECRET: 'hunter2', TABLE_NAME: 'hunter2' } } });
    await converge(resource);
    live().latest.Environment = { Variables: { SECRET: 'swordfish', OLD: 'hunter2' } };
    const { changes } = await find(resource);
    expect(JSON.stringify([changes, resource.want])).not.toMatch(/hunter2|swordfish/);
    expect(changes.map((change) => ('path' in change ? [change.path, change.live, change.want] : []))).toEqual([
      ['environment.SECRET', '(another value)', '(as in the config)'],
      ['environment.TABLE_NAME', null, '(as in the config)'],
      ['environment.OLD', '(another value)', null],
    ]);
    // However short the value, the output must not allow anyone to compute it.
    const wantedWith = (value: string) => functionBench({ settings: { environment: { SECRET: value } } }).function.want;
    expect(wantedWith('1234')).toEqual(wantedWith('5678'));
  });

  it('changes to settings and environment are one call', async () => {
    const { aws, resource, live } = bench();
    await converge(resource);
    Object.assign(live().latest, { MemorySize: 512, Environment: { Variables: {} } });
    aws.calls.length = 0;
    expect((await converge(resource)).result.outcome).toBe('updated');
    expect(writes(aws)).toEqual(['UpdateFunctionConfiguration']);
  });

  it('leaves what is not in the config unchanged', async () => {
    const settings = {
      architecture: undefined,
      memoryMb: undefined,
      timeoutSeconds: undefined,
      environment: undefined,
    };
    const { aws, resource, live } = bench({ settings });
    await converge(resource);
    expect(aws.calls.find(({ operation }) => operation === 'CreateFunction')?.input).not.toHaveProperty('Environment');
    Object.assign(live().latest, {
      MemorySize: 512,
      Timeout: 60,
      Architectures: ['arm64'],
      Environment: { Variables: { BY: 'hand' }, Error: { ErrorCode: 'AccessDeniedException' } },
    });
    expect((await find(resource)).status).toBe('in-sync');
    live().latest.Handler = 'other.handler';
    expect((await converge(resource)).result.outcome).toBe('updated');
    const sent = aws.calls.find(({ operation }) => operation === 'UpdateFunctionConfiguration')?.input;
    expect(Object.keys(sent ?? {}).sort()).toEqual(['FunctionName', 'Handler', 'RevisionId', 'Runtime']);
    expect(live().latest).toMatchObject({ MemorySize: 512, Timeout: 60, Environment: { Variables: { BY: 'hand' } } });
  });

  it('treats a missing environment as an empty one, and can empty one', async () => {
    const { resource, live, aws } = bench({ settings: { environment: {} } });
    await converge(resource);
    delete live().latest.Environment;
    expect((await find(resource)).status).toBe('in-sync');
    live().latest.Environment = { Variables: { OLD: 'x' } };
    expect((await converge(resource)).result.outcome).toBe('updated');
    expect(aws.calls.findLast(({ operation }) => operation === 'UpdateFunctionConfiguration')?.input).toMatchObject({
      Environment: { Variables: {} },
    });
  });

  it('is unread when its environment cannot be decrypted', async () => {
    const { resource, live } = bench();
    await converge(resource);
    live().latest.Environment = { Error: { ErrorCode: 'AccessDeniedException' } };
    const { status, error } = await find(resource);
    expect([status, String(error)]).toEqual(['unread', expect.stringContaining('AccessDeniedException')]);
  });

  it('that crc did not create is a conflict until --adopt, which shows the full difference', async () => {
    const { aws, resource, live } = bench();
    await converge(resource);
    live().tags = { Team: 'web' };
    live().latest.MemorySize = 512;
    aws.calls.length = 0;
    const { finding, result } = await converge(resource);
    expect([finding.status, result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
    expect(finding.changes.map((change) => ('path' in change ? change.path : ''))).toEqual([
      'tags.ManagedBy',
      'tags.Project',
      'tags.crc:project',
      'settings.memoryMb',
    ]);
    expect((await converge(resource, { adopt: true, prune: false })).result.outcome).toBe('updated');
    expect(live().tags).toEqual({ Team: 'web', ...TAGS });
  });

  it('from a container image is a conflict, and is not written to', async () => {
    const { aws, resource, live } = bench();
    await converge(resource);
    live().latest.PackageType = 'Image';
    aws.calls.length = 0;
    const { finding } = await converge(resource, { adopt: true, prune: false });
    expect([finding.status, writes(aws)]).toEqual(['conflict', []]);
    expect(finding.changes[0]).toMatchObject({ path: 'settings.runtime', live: 'container image', kind: 'conflict' });
  });

  it('waits for a role that cannot be assumed yet, and not for other invalid parameters', async () => {
    const { lambda, aws, resource } = bench();
    lambda.roleNotReady = 3;
    expect((await converge(resource)).result.outcome).toBe('created');
    expect(writes(aws)).toEqual(Array(4).fill('CreateFunction'));

    const other = bench();
    other.aws.fail('CreateFunction', awsError('InvalidParameterValueException'));
    expect((await converge(other.resource)).result.outcome).toBe('failed');
    expect(writes(other.aws)).toEqual(['CreateFunction']);
  });

  it('waits while an update is in progress, as after a killed run', async () => {
    const { aws, resource, live } = bench();
    await converge(resource);
    Object.assign(live().latest, { MemorySize: 512, LastUpdateStatus: 'InProgress' });
    live().busy = 3;
    aws.calls.length = 0;
    // The end of the update changes only the revision.
    expect((await converge(resource)).result).toMatchObject({ outcome: 'updated' });
    expect(live().latest.MemorySize).toBe(128);
    expect(writes(aws)).toEqual(Array(3).fill('UpdateFunctionConfiguration'));
  });

  it('gives up on an update that never ends, and says what it waited for', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { resource, live } = bench();
    await converge(resource);
    Object.assign(live().latest, { MemorySize: 512, LastUpdateStatus: 'InProgress' });
    live().busy = Number.POSITIVE_INFINITY;
    const ticking = setInterval(() => vi.advanceTimersByTime(30_000), 1);
    const { result } = await converge(resource);
    clearInterval(ticking);
    vi.useRealTimers();
    expect(result.outcome).toBe('failed');
    expect(String(result.error)).toContain('IncrementVisits is not ready after 300 seconds (Active, InProgress)');
  });

  it('stops at a failed update immediately, with the reason from AWS', async () => {
    const { aws, lambda, resource, live } = bench();
    await converge(resource);
    live().latest.MemorySize = 512;
    lambda.outcome = { code: 'InsufficientRolePermissions', reason: 'The role may not do that.' };
    const start = Date.now();
    const { result } = await converge(resource);
    expect(Date.now() - start).toBeLessThan(10_000);
    expect(result.outcome).toBe('failed');
    expect(String(result.error)).toContain(
      'Lambda could not update IncrementVisits: InsufficientRolePermissions: The role may not do that.',
    );
    lambda.outcome = 'Successful';
    // The next run must not treat the failed update as complete.
    expect((await converge(resource)).result.outcome).toBe('updated');
    expect(writes(aws).filter((name) => name === 'UpdateFunctionConfiguration')).toHaveLength(2);
  });

  it('that could not be created says why, and how to delete it', async () => {
    const { aws, lambda, resource } = bench();
    lambda.outcome = { code: 'InvalidSubnet', reason: 'No such subnet.' };
    const { result } = await converge(resource);
    const message = expect.stringContaining('Lambda could not create IncrementVisits: InvalidSubnet: No such subnet.');
    expect([result.outcome, String(result.error)]).toEqual(['failed', message]);
    aws.calls.length = 0;
    const secondRun = await converge(resource);
    expect([secondRun.finding.status, String(secondRun.finding.error), writes(aws)]).toEqual(['unread', message, []]);
    expect(secondRun.finding.error).toHaveProperty(
      'hint',
      expect.stringContaining('aws lambda delete-function --region eu-west-2 --function-name'),
    );
  });

  it('is not overwritten if a colleague changed it between the plan and the write', async () => {
    const { aws, resource, live } = bench();
    await converge(resource);
    live().latest.MemorySize = 512;
    const send = aws.clients.lambda.send.bind(aws.clients.lambda);
    let isChanged = false;
    aws.clients.lambda.send = (async (...args: Parameters<typeof send>) => {
      if (!isChanged && args[0].constructor.name === 'UpdateFunctionConfigurationCommand') {
        isChanged = true;
        Object.assign(live().latest, { CodeSha256: 'theirs', RevisionId: 'theirs' });
      }
      return await send(...args);
    }) as typeof send;
    const { result } = await converge(resource);
    expect(result.outcome).toBe('failed');
    expect(String(result.error)).toMatch(
      /Another user or process changed the code of IncrementVisits in the meantime, at 2026-.* \(revision revision-\d+ → theirs\)/,
    );
    expect(live().latest).toMatchObject({ CodeSha256: 'theirs', MemorySize: 512 });
  });

  it('is accepted if another run brought it to the same state in between', async () => {
    const lambda = fakeLambda();
    const first = bench({ lambda });
    await converge(first.resource);
    first.live().latest.MemorySize = 512;
    const second = bench({ lambda });
    const results = await Promise.all([converge(first.resource), converge(second.resource)]);
    expect(results.map(({ result }) => [result.outcome, result.error])).toEqual([
      ['updated', undefined],
      ['updated', undefined],
    ]);
    expect(first.live().latest.MemorySize).toBe(128);
  });

  it('that another process created at the same time is not an error', async () => {
    const lambda = fakeLambda();
    const results = await Promise.all([converge(bench({ lambda }).resource), converge(bench({ lambda }).resource)]);
    expect(results.map(({ result }) => [result.outcome, result.error])).toEqual([
      ['created', undefined],
      ['created', undefined],
    ]);
  });

  describe('with reserved concurrency', () => {
    const reserving = (options: FunctionBenchOptions = {}) => bench({ reservedConcurrency: 5, ...options });
    const put = {
      operation: 'PutFunctionConcurrency',
      input: { FunctionName: NAME, ReservedConcurrentExecutions: 5 },
    };

    it.each([10, undefined])('fixes %s', async (reserved) => {
      const all = reserving();
      expect((await converge(all.resource)).result.outcome).toBe('created');
      expect(all.live().reservedConcurrency).toBe(5);
      all.live().reservedConcurrency = reserved;
      all.aws.calls.length = 0;
      const { finding } = await converge(all.resource);
      expect(finding.changes).toEqual([
        { kind: 'update', path: 'reservedConcurrency', live: reserved ?? null, want: 5, why: undefined },
      ]);
      expect(all.aws.calls.filter(({ operation }) => operation.startsWith('Put'))).toEqual([
        { service: 'lambda', ...put },
      ]);
      expect((await find(all.resource)).status).toBe('in-sync');
    });

    it('explains what to do in an account with too little concurrency', async () => {
      const all = reserving();
      const message =
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [10].";
      all.aws.fail('PutFunctionConcurrency', awsError('InvalidParameterValueException', 400, { message }));
      const { result } = await converge(all.resource);
      expect(result).toMatchObject({
        outcome: 'failed',
        error: {
          message: expect.stringContaining('AWS does not reserve 5 concurrent executions for IncrementVisits'),
          hint: expect.stringMatching(/^Leave "reservedConcurrency" out of the config/),
        },
      });
    });

    it('is left unchanged if it is not in the config', async () => {
      const all = bench();
      await converge(all.resource);
      all.live().reservedConcurrency = 0;
      expect((await find(all.resource)).status).toBe('in-sync');
    });

    it('has exactly the permissions that its actions need', () => {
      const actionsOf = ({ resource }: { resource: (typeof all)['resource'] }) =>
        resource.actions.write.flatMap(({ actions }) => actions).filter((action) => action.includes('Concurrency'));
      const all = reserving();
      expect([actionsOf(all), actionsOf(bench())]).toEqual([['lambda:PutFunctionConcurrency'], []]);
    });
  });

  it('explains how to keep a custom role', async () => {
    const all = bench();
    await converge(all.resource);
    all.live().latest.Role = 'arn:aws:iam::123456789012:role/service-role/mine';
    all.live().latest.MemorySize = 1024;
    const { changes } = await find(all.resource);
    expect(changes).toEqual([
      expect.objectContaining({
        path: 'settings.role',
        why: 'the function loses the rights of that role that the new one does not have; to keep the role, write "role": "arn:aws:iam::123456789012:role/service-role/mine"',
      }),
      { kind: 'update', path: 'settings.memoryMb', live: 1024, want: 128 },
    ]);
  });

  describe('adopted with a different role', () => {
    const ROLE = 'arn:aws:iam::123456789012:role/service-role/theirs';
    const policyAllowing = (Action: string | readonly string[]) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
    });
    const adopting = async (options: FunctionBenchOptions = {}) => {
      const all = bench(options);
      await converge(all.resource);
      all.live().tags = {};
      all.live().latest.Role = ROLE;
      all.iam.roles.set('theirs', {
        trust: '{}',
        tags: [],
        inline: new Map([
          ['One', JSON.stringify(policyAllowing(['dynamodb:UpdateItem', 'dynamodb:GetItem']))],
          ['Two', JSON.stringify(policyAllowing('ses:SendEmail'))],
        ]),
        attached: ['arn:aws:iam::aws:policy/Basic'],
      });
      all.iam.policies.set('arn:aws:iam::aws:policy/Basic', policyAllowing('logs:CreateLogGroup'));
      const reason = async () => {
        const { changes } = await find(all.resource, { adopt: true, prune: false });
        return changes.map((change) => ('why' in change && change.path === 'settings.role' ? change.why : '')).join('');
      };
      return { ...all, reason, iamCalls: () => all.aws.calls.filter(({ service }) => service === 'iam').length };
    };

    it('lists the actions that it loses, inline and attached, each with a way to keep them', async () => {
      expect(await (await adopting()).reason()).toBe(
        `the role allows more than the new one: dynamodb:GetItem, ses:SendEmail, logs:CreateLogGroup; to keep a right, allow it with "statements"; to keep the role, write "role": "${ROLE}"`,
      );
    });

    it('reports if the new role allows all of them, and if the old role was deleted', async () => {
      const all = await adopting();
      Object.assign(all.iam.roles.get('theirs') ?? {}, { inline: new Map(), attached: [] });
      expect(await all.reason()).toContain('the new role allows all that this one does; to keep the role');
      all.iam.roles.delete('theirs');
      expect(await all.reason()).toBe('the role theirs does not exist any more');
    });

    it('reports what could not be read, and can still be adopted', async () => {
      const all = await adopting();
      const message =
        'User: u is not authorized to perform: iam:ListRolePolicies on resource: role theirs because no identity-based policy allows the iam:ListRolePolicies action';
      all.aws.fail('ListRolePolicies', awsError('AccessDenied', 403, { message }));
      expect(await all.reason()).toBe(
        `what the function loses with that role could not be read: iam:ListRolePolicies on it is denied; to keep the role, write "role": "${ROLE}"`,
      );
      expect(await find(all.resource)).toMatchObject({ status: 'conflict', adoptable: true });
    });

    it('is unread if AWS fails', async () => {
      const all = await adopting();
      all.aws.fail('ListRolePolicies', awsError('ServiceFailure', 500));
      expect((await find(all.resource)).status).toBe('unread');
    });

    it.each([
      ['which is the one in the config', {}, { roleArn: ROLE }],
      ['where the config names a role', { ownRole: true }, {}],
    ])('reads no role %s', async (_, options, settings) => {
      const all = await adopting({ ...options, settings });
      await all.reason();
      expect(all.iamCalls()).toBe(0);
    });
  });

  describe('whose "url" is no longer in the config', () => {
    const unlistedUrl = async () => {
      const all = functionBench();
      await converge(all.function);
      await converge(all.functionCode);
      await converge(all.url);
      all.aws.calls.length = 0;
      return all;
    };
    const names = (all: Awaited<ReturnType<typeof unlistedUrl>>) => writes(all.aws);

    it('shows that the URL is still public, and keeps it without --prune', async () => {
      const all = await unlistedUrl();
      const { finding, result } = await converge(all.function);
      expect(finding.changes).toEqual([
        {
          kind: 'remove',
          path: 'url',
          live: 'https://abc.lambda-url.eu-west-2.on.aws/',
          want: null,
          why: expect.stringContaining('anyone can still call the function'),
        },
      ]);
      // crc created it, so the user must not be told to remove it manually.
      expect(finding.warnings).toEqual([]);
      expect([result.outcome, ...names(all)]).toEqual(['blocked']);
    });

    it('removes it with its permissions with --prune, and nothing else', async () => {
      const all = await unlistedUrl();
      const kept = {
        Sid: 'Kept',
        Effect: 'Allow',
        Principal: { AWS: '123456789012' },
        Action: 'lambda:InvokeFunction',
      };
      all
        .live()
        .policies.get('live')
        ?.push({ ...kept, Resource: `${ARN}:live` });
      const { result } = await converge(all.function, { adopt: false, prune: true });
      expect(result.outcome).toBe('updated');
      expect(names(all)).toEqual(['DeleteFunctionUrlConfig', 'RemovePermission', 'RemovePermission']);
      expect(all.live().policies.get('live')).toEqual([expect.objectContaining(kept)]);
      expect((await find(all.function)).status).toBe('in-sync');
    });

    it('still finds the permissions after an interrupted removal', async () => {
      const all = await unlistedUrl();
      all.live().urls.delete('live');
      const { finding, result } = await converge(all.function, { adopt: false, prune: true });
      expect(finding.changes.map((change) => 'path' in change && [change.path, change.live])).toEqual([
        ['permissions', 'CrcInvokeFunctionUrl'],
        ['permissions', 'CrcInvokeFunction'],
      ]);
      expect([result.outcome, ...names(all)]).toEqual(['updated', 'RemovePermission', 'RemovePermission']);
      expect((await find(all.function)).status).toBe('in-sync');
    });
  });

  describe('with its own public URL, which bypasses the alias', () => {
    const open = (Sid: string, Action: string, Condition: object) => ({
      Sid,
      Effect: 'Allow',
      Principal: '*',
      Action,
      Resource: ARN,
      Condition,
    });
    const STATEMENTS = [
      open('Theirs', 'lambda:InvokeFunctionUrl', { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } }),
      open('TheirsToo', 'lambda:InvokeFunction', { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
    ];
    const withUrl = async () => {
      const all = bench();
      await converge(all.resource);
      const kept = open('Kept', 'lambda:InvokeFunction', { StringEquals: { 'aws:SourceAccount': '123456789012' } });
      all.live().policies.set(undefined, [...STATEMENTS, kept]);
      all.live().urls.set(undefined, { AuthType: 'NONE' });
      return { ...all, kept };
    };

    it('shows it, and keeps it without --prune', async () => {
      const all = await withUrl();
      const { finding, result } = await converge(all.resource);
      expect(finding.changes).toEqual([
        {
          kind: 'remove',
          path: 'url',
          live: 'https://abc.lambda-url.eu-west-2.on.aws/',
          want: null,
          why: expect.stringContaining('past the alias'),
        },
      ]);
      // Already reported for the URL, so its permissions cause no additional warning.
      expect(finding.warnings).toEqual([]);
      expect([result.outcome, writes(all.aws)].flat()).not.toContain('DeleteFunctionUrlConfig');
    });

    it('removes it with its permissions with --prune, and nothing else', async () => {
      const all = await withUrl();
      all.aws.calls.length = 0;
      const { result } = await converge(all.resource, { adopt: false, prune: true });
      expect(result.outcome).toBe('updated');
      expect(writes(all.aws)).toEqual(['DeleteFunctionUrlConfig', 'RemovePermission', 'RemovePermission']);
      expect(all.live().policies.get(undefined)).toEqual([all.kept]);
      expect((await find(all.resource)).status).toBe('in-sync');
    });

    it.each<[string, (all: Awaited<ReturnType<typeof withUrl>>) => void]>([
      ['without its permissions', (all) => all.live().policies.delete(undefined)],
      ['that only accepts signed requests', (all) => all.live().urls.set(undefined, { AuthType: 'AWS_IAM' })],
      ['that was deleted', (all) => all.live().urls.delete(undefined)],
    ])('shows nothing if it is %s', async (_, change) => {
      const all = await withUrl();
      change(all);
      expect((await find(all.resource)).changes).toEqual([]);
    });

    it('does not look for one if the policy grants no access', async () => {
      const all = bench();
      await converge(all.resource);
      all.aws.calls.length = 0;
      await find(all.resource);
      expect(all.aws.calls.map(({ operation }) => operation)).not.toContain('GetFunctionUrlConfig');
    });
  });
});
