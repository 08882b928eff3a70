import { describe, expect, it } from 'vitest';
import { CrcError } from '../../../src/errors.ts';
import { sha256 } from '../../../src/package/sha256.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../../helpers/contract.ts';
import { awsError, isWrite } from '../../helpers/fake-aws.ts';
import { fakeLambda } from '../../helpers/fake-lambda.ts';
import { fakePackage, zipOf } from '../../helpers/fake-package.ts';
import {
  type FunctionBench,
  type FunctionBenchOptions,
  functionBench,
  NAME,
  SETTINGS,
} from '../../helpers/function-bench.ts';

const REVISION = expect.stringMatching(/^revision-\d+$/);

/** A function whose settings are deployed, like `function/NAME` leaves it. */
function bench(options: FunctionBenchOptions = {}): Bench<FunctionBench> & FunctionBench {
  const all = functionBench(options);
  const code = zipOf('source 1');
  if (!all.lambda.functions.has(NAME)) {
    all.lambda.handlers.CreateFunction?.({
      FunctionName: NAME,
      Role: SETTINGS.roleArn,
      Runtime: SETTINGS.runtime,
      Handler: SETTINGS.handler,
      MemorySize: 128,
      Timeout: 10,
      Architectures: ['arm64'],
      Environment: { Variables: SETTINGS.environment },
      Code: { ZipFile: code },
      Tags: { ManagedBy: 'crc', 'crc:project': 'resume' },
    });
    Object.assign(all.live().latest, { State: 'Active', LastUpdateStatus: 'Successful' });
  }
  return { ...all, resource: all.functionCode, state: all };
}

function description(version: string, source: string): string {
  return `crc version=${version} package=${sha256(zipOf(source))} source=${sha256(source)}`;
}

/** Deploys everything: version 1, with the alias pointing to it. */
async function deployed(options: FunctionBenchOptions = {}) {
  const all = bench(options);
  const { result } = await converge(all.resource);
  expect(result).toMatchObject({ outcome: 'created' });
  all.aws.calls.length = 0;
  return all;
}

const writtenCalls = ({ aws }: FunctionBench) =>
  aws.calls.filter(isWrite).map(({ operation, input }) => [operation, input]);
const changes = async (all: { resource: Parameters<typeof find>[0] }) =>
  (await find(all.resource)).changes.map((change) =>
    'path' in change ? [change.path, change.live, change.want] : [change.kind],
  );

describe('function code', () => {
  testResourceContract({
    bench,
    drifts: [
      {
        path: 'sha256',
        tamper: ({ live }) => {
          live().latest.CodeSha256 = 'tampered';
        },
        operation: 'UpdateFunctionCode',
        input: { FunctionName: NAME, RevisionId: REVISION, ZipFile: new Uint8Array(zipOf('source 1')) },
      },
      {
        path: 'source',
        tamper: ({ live }) => {
          Object.assign(live().aliases.get('live') ?? {}, { Description: 'edited by hand' });
        },
        operation: 'UpdateAlias',
        input: {
          FunctionName: NAME,
          Name: 'live',
          FunctionVersion: '1',
          Description: description('1', 'source 1'),
          RevisionId: REVISION,
        },
      },
    ],
    fixed: ['alias'],
    reads: ['GetAlias', 'GetFunction'],
  });

  it('is published with the expected digest, and only served when it is ready', async () => {
    const all = bench({ busy: 2 });
    expect((await converge(all.resource)).result.outcome).toBe('created');
    const operations = all.aws.calls.map(({ operation, input }) =>
      operation === 'GetFunction' ? `GetFunction ${input.Qualifier ?? '$LATEST'}` : operation,
    );
    expect(operations.slice(operations.indexOf('PublishVersion'))).toEqual([
      'PublishVersion',
      ...Array(3).fill('GetFunction 1'),
      'CreateAlias',
      'GetAlias',
      'GetFunction $LATEST',
      'GetFunction live',
    ]);
    expect(writtenCalls(all)).toEqual([
      ['PublishVersion', { FunctionName: NAME, RevisionId: REVISION, CodeSha256: sha256(zipOf('source 1')) }],
      [
        'CreateAlias',
        { FunctionName: NAME, Name: 'live', FunctionVersion: '1', Description: description('1', 'source 1') },
      ],
    ]);
    expect(all.moves).toEqual([{ functionName: NAME, from: undefined, to: '1' }]);
  });

  it('from a changed source: one upload, one version, the alias moved, in this order', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    expect(await changes(all)).toEqual([['source', sha256('source 1'), sha256('source 2')]]);
    expect((await converge(all.resource)).result).toMatchObject({ outcome: 'updated' });
    expect(writtenCalls(all)).toEqual([
      ['UpdateFunctionCode', { FunctionName: NAME, RevisionId: REVISION, ZipFile: new Uint8Array(zipOf('source 2')) }],
      ['PublishVersion', { FunctionName: NAME, RevisionId: REVISION, CodeSha256: sha256(zipOf('source 2')) }],
      [
        'UpdateAlias',
        {
          FunctionName: NAME,
          Name: 'live',
          FunctionVersion: '2',
          Description: description('2', 'source 2'),
          RevisionId: REVISION,
        },
      ],
    ]);
    expect(all.moves.at(-1)).toEqual({
      functionName: NAME,
      from: { version: '1', description: description('1', 'source 1') },
      to: '2',
    });
    expect(all.reported).toEqual([`function-code/${NAME}: package of 1 file, 8 B`]);
    expect((await find(all.resource)).status).toBe('in-sync');
  });

  it('from a changed source with the same package only updates the recorded hash', async () => {
    const all = await deployed();
    const { build } = all.code;
    all.code.source = 'source 1 ';
    all.code.build = async () => ({ ...(await build()), zip: zipOf('source 1'), sha256: sha256(zipOf('source 1')) });
    expect((await converge(all.resource)).result.outcome).toBe('updated');
    expect(writes(all.aws)).toEqual(['UpdateAlias']);
  });

  it('with settings that the live version lacks: no upload, one version, the alias moved', async () => {
    const all = await deployed();
    all.live().latest.MemorySize = 256;
    const after = bench({ lambda: all.lambda, code: all.code, settings: { memoryMb: 256 } });
    expect(await changes(after)).toEqual([['alias', '1', 'a new version']]);
    expect((await converge(after.resource)).result.outcome).toBe('updated');
    expect(writes(after.aws)).toEqual(['PublishVersion', 'UpdateAlias']);
    expect(all.live().aliases.get('live')?.FunctionVersion).toBe('2');
  });

  it('moves the alias forward again after a rollback, to the existing version', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    await converge(all.resource);
    Object.assign(all.live().aliases.get('live') ?? {}, { FunctionVersion: '1' });
    expect(await changes(all)).toEqual([['alias', '1', '2']]);
    all.aws.calls.length = 0;
    expect((await converge(all.resource)).result.outcome).toBe('updated');
    expect(writes(all.aws)).toEqual(['PublishVersion', 'UpdateAlias']);
    expect(all.live().aliases.get('live')?.FunctionVersion).toBe('2');
    expect(all.live().versions).toHaveLength(2);
  });

  it.each([
    ['an alias that shares its traffic', { RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } } }, '1, 25 % to 2'],
    ['an alias at $LATEST', { FunctionVersion: '$LATEST' }, '$LATEST'],
  ])('%s is drift, which is fixed', async (_, change, live) => {
    const all = await deployed();
    all.code.source = 'source 2';
    await converge(all.resource);
    all.code.source = 'source 1';
    await converge(all.resource);
    Object.assign(all.live().aliases.get('live') ?? {}, { FunctionVersion: '1', ...change });
    expect((await changes(all)).find(([path]) => path === 'alias')?.[1]).toBe(live);
    expect((await converge(all.resource)).result).toMatchObject({ outcome: 'updated' });
    const alias = all.live().aliases.get('live');
    expect(Object.keys(alias?.RoutingConfig?.AdditionalVersionWeights ?? {})).toEqual([]);
    expect(alias?.FunctionVersion).toMatch(/^\d+$/);
  });

  it('changed outside crc is detected although the source hash is unchanged', async () => {
    const all = await deployed();
    all.live().latest.CodeSha256 = 'tampered';
    expect(await changes(all)).toEqual([['sha256', 'tampered', sha256(zipOf('source 1'))]]);
  });

  it('is compared without building', async () => {
    const all = await deployed();
    const { builds } = all.code;
    all.code.source = 'source 2';
    await find(all.resource);
    expect(all.code.builds).toBe(builds);
  });

  it('is unread if the source does not exist, whether or not the function does', async () => {
    const all = await deployed();
    all.code.missing = new CrcError('The source folder x cannot be read.', { hint: 'h' });
    expect(await find(all.resource)).toMatchObject({ status: 'unread', error: all.code.missing });
    all.lambda.functions.clear();
    expect(await find(all.resource)).toMatchObject({ status: 'unread', error: all.code.missing });
  });

  it('that fails in Lambda is not served, and the next run retries', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    all.lambda.outcome = { code: 'InvalidZipFileException', reason: 'Bad zip.' };
    const { result } = await converge(all.resource);
    expect([result.outcome, String(result.error)]).toEqual([
      'failed',
      expect.stringContaining('Lambda could not update IncrementVisits: InvalidZipFileException: Bad zip.'),
    ]);
    expect(writes(all.aws)).toEqual(['UpdateFunctionCode']);
    expect(all.live().aliases.get('live')?.FunctionVersion).toBe('1');
    all.lambda.outcome = 'Successful';
    expect((await converge(all.resource)).result.outcome).toBe('updated');
    expect(all.live().aliases.get('live')?.FunctionVersion).toBe('2');
  });

  it('whose version cannot be prepared is not served, and nothing is to be deleted', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    const publish = all.lambda.handlers.PublishVersion;
    Object.assign(all.lambda.handlers, {
      PublishVersion(input: Record<string, unknown>) {
        const answer = publish?.(input);
        Object.assign(all.live().versions.at(-1) ?? {}, {
          State: 'Failed',
          StateReasonCode: 'FunctionError.InitTimeout',
          StateReason: 'The init phase timed out.',
        });
        return answer;
      },
    });
    const { result } = await converge(all.resource);
    expect(result).toMatchObject({
      outcome: 'failed',
      error: {
        message:
          'Lambda could not prepare version 2 of IncrementVisits: FunctionError.InitTimeout: The init phase timed out.',
        hint: 'It is not served. Fix the cause, then run the command again.',
      },
    });
    expect(all.live().aliases.get('live')?.FunctionVersion).toBe('1');
  });

  it('waits while another update is in progress', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    Object.assign(all.live().latest, { LastUpdateStatus: 'InProgress' });
    all.live().busy = 2;
    expect((await converge(all.resource)).result.outcome).toBe('updated');
  });

  it.each([
    ['its code before the upload', 'UpdateFunctionCode', 'UpdateFunctionCode'],
    ['its code before the version', 'PublishVersion', 'UpdateFunctionCode PublishVersion'],
  ])('stops when a colleague deploys in between: %s', async (_, at, sent) => {
    const all = await deployed();
    all.code.source = 'source 2';
    const handler = all.lambda.handlers[at];
    let isChanged = false;
    Object.assign(all.lambda.handlers, {
      [at]: (input: object) => {
        if (!isChanged) Object.assign(all.live().latest, { CodeSha256: 'theirs', RevisionId: 'theirs' });
        isChanged = true;
        return handler?.(input) ?? {};
      },
    });
    const { result } = await converge(all.resource);
    expect([result.outcome, String(result.error)]).toEqual([
      'failed',
      expect.stringContaining('changed the code of IncrementVisits in the meantime'),
    ]);
    expect(writes(all.aws).join(' ')).toBe(sent);
    expect(all.live().latest.CodeSha256).toBe('theirs');
    expect(all.live().aliases.get('live')?.FunctionVersion).toBe('1');
  });

  it('stops if a colleague moves the alias in between', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    const update = all.lambda.handlers.UpdateAlias;
    Object.assign(all.lambda.handlers, {
      UpdateAlias: (input: object) => {
        Object.assign(all.live().aliases.get('live') ?? {}, { RevisionId: 'theirs', Description: 'theirs' });
        return update?.(input) ?? {};
      },
    });
    const { result } = await converge(all.resource);
    expect(String(result.error)).toContain('Another user or process moved the alias "live" of IncrementVisits');
    expect(all.moves).toHaveLength(1);
  });

  it.each([
    ['and the retry of the SDK finds another revision', () => awsError('PreconditionFailedException', 412)],
    ['and so do its retries', () => awsError('TimeoutError', 500, { $metadata: {} })],
  ])('remembers a move of the alias whose answer is lost, %s', async (_, error) => {
    const all = await deployed();
    all.code.source = 'source 2';
    const update = all.lambda.handlers.UpdateAlias;
    Object.assign(all.lambda.handlers, {
      UpdateAlias: (input: object) => {
        update?.(input);
        throw error();
      },
    });
    const { result } = await converge(all.resource);
    expect([result.outcome, result.error]).toEqual(['updated', undefined]);
    // The previous version is known, so that a rollback is possible.
    expect(all.moves.at(-1)).toMatchObject({ from: { version: '1' }, to: '2' });
  });

  it('records no move of an alias that did not move, and reports the first error', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    all.aws.fail('UpdateAlias', awsError('ServiceException', 500));
    const { result } = await converge(all.resource);
    expect([result.outcome, String(result.error)]).toEqual(['failed', expect.stringContaining('ServiceException')]);
    expect(all.moves).toHaveLength(1);
  });

  it('is in the same state after concurrent deployments', async () => {
    const lambda = fakeLambda();
    const first = await deployed({ lambda });
    const code = fakePackage('source 2');
    const runs = [bench({ lambda, code }), bench({ lambda, code })];
    const results = await Promise.all(runs.map(({ resource }) => converge(resource)));
    expect(results.map(({ result }) => result.error)).toEqual([undefined, undefined]);
    expect(first.live().aliases.get('live')?.FunctionVersion).toBe('2');
    expect(first.live().versions).toHaveLength(2);
  });

  it('is in the same state after concurrent creations', async () => {
    const lambda = fakeLambda();
    const runs = [bench({ lambda }), bench({ lambda })];
    const results = await Promise.all(runs.map(({ resource }) => converge(resource)));
    expect(results.map(({ result }) => result.error)).toEqual([undefined, undefined]);
    expect(runs[0]?.live().versions).toHaveLength(1);
  });

  it('is completed after a killed run: uploaded, but not published', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    all.aws.fail('PublishVersion', awsError('ServiceException', 500));
    expect((await converge(all.resource)).result.outcome).toBe('failed');
    all.aws.clearFailures();
    all.aws.calls.length = 0;
    expect((await converge(all.resource)).result.outcome).toBe('updated');
    expect(writes(all.aws)).toEqual(['PublishVersion', 'UpdateAlias']);
  });

  it('replaced outside crc together with the recorded hash is detected if the package is built, and deployed again', async () => {
    const all = await deployed();
    const foreign = zipOf('code of somebody else');
    all.lambda.handlers.UpdateFunctionCode?.({ FunctionName: NAME, ZipFile: foreign });
    Object.assign(all.live().latest, { State: 'Active', LastUpdateStatus: 'Successful' });
    all.lambda.handlers.PublishVersion?.({ FunctionName: NAME });
    all.lambda.handlers.UpdateAlias?.({
      FunctionName: NAME,
      Name: 'live',
      FunctionVersion: '2',
      Description: `crc version=2 package=${sha256(foreign)} source=${sha256('source 1')}`,
    });
    expect(await changes(all)).toEqual([]);
    const built = bench({ lambda: all.lambda, run: { build: true } });
    expect(await changes(built)).toEqual([['sha256', sha256(foreign), sha256(zipOf('source 1'))]]);
    expect((await converge(built.resource)).result.outcome).toBe('updated');
    expect(await changes(built)).toEqual([]);
  });

  it('is built once, and changes nothing, if AWS serves the same package', async () => {
    const all = await deployed();
    const built = bench({ lambda: all.lambda, run: { build: true } });
    expect(await changes(built)).toEqual([]);
    expect(built.code.builds).toBe(1);
    const rebuilt = bench({ lambda: all.lambda });
    await changes(rebuilt);
    expect(rebuilt.code.builds).toBe(0);
  });

  it('fails immediately with the quota when the code storage is full', async () => {
    const all = await deployed();
    all.code.source = 'source 2';
    all.aws.fail('UpdateFunctionCode', awsError('CodeStorageExceededException', 400));
    expect((await converge(all.resource)).result.outcome).toBe('failed');
    expect(writes(all.aws)).toEqual(['UpdateFunctionCode']);
  });
});
