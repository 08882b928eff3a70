import { describe, expect, it } from 'vitest';
import { planRollback, restoreAlias, rollBack } from '../../src/invoke/rollback.ts';
import { type Tags, wantedTags } from '../../src/resources/tags.ts';
import { fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';

const NAME = 'IncrementVisits';
const TAGS = wantedTags({ tags: {}, project: 'resume' });
const SIGNAL = new AbortController().signal;

/** A function with a version for each of these codes. The alias points to the last one, or to `at`. */
function bench(codes: readonly string[], at = String(codes.length), tags: Tags = TAGS) {
  const lambda = fakeLambda();
  lambda.handlers.CreateFunction?.({ FunctionName: NAME, Code: { ZipFile: Buffer.from('x') }, Tags: tags });
  const live = lambda.functions.get(NAME);
  if (live === undefined) throw new Error('no function');
  live.versions = codes.map((CodeSha256, index) => ({ ...live.latest, Version: String(index + 1), CodeSha256 }));
  if (codes.length > 0) {
    lambda.handlers.CreateAlias?.({ FunctionName: NAME, Name: 'live', FunctionVersion: at, Description: 'crc …' });
  }
  const aws = fakeAws({ lambda: lambda.handlers });
  return {
    aws,
    alias: () => live.aliases.get('live'),
    /** Plans a rollback of a function of this project. */
    async plan(version?: string) {
      const rollback = await planRollback(aws.clients.lambda, {
        functionName: NAME,
        version,
        tags: TAGS,
        signal: SIGNAL,
      });
      if ('foreign' in rollback) throw new Error(rollback.foreign.why);
      return rollback;
    },
  };
}

describe('rollback', () => {
  it.each([
    ['the version before', ['a', 'b', 'c'], '3', undefined, '2'],
    ['the last with other code', ['a', 'b', 'c', 'c', 'c'], '5', undefined, '2'],
    ['from where it is, after a rollback', ['a', 'b', 'c'], '2', undefined, '1'],
    ['the requested version', ['a', 'b', 'c'], '3', '1', '1'],
    ['a newer version, if requested', ['a', 'b', 'c'], '1', '3', '3'],
  ])('goes to %s', async (_, codes, at, target, to) => {
    const { aws, alias, plan } = bench(codes, at);
    const rollback = await plan(target);
    expect([rollback.to, aws.calls.filter(isWrite)]).toEqual([to, []]);
    await rollBack(aws.clients.lambda, SIGNAL, rollback);
    expect(alias()).toMatchObject({ FunctionVersion: to, Description: 'crc …' });
    expect(aws.calls.filter(isWrite)).toHaveLength(1);
  });

  it('finds a version beyond the first page, of 120', async () => {
    const codes = Array.from({ length: 120 }, (_, index) => (index < 100 ? 'old' : 'new'));
    expect((await bench(codes).plan()).to).toBe('100');
  });

  it.each([
    ['no earlier version', ['a'], undefined, /has only version 1, so there is nothing to roll back to/],
    ['no earlier version with different code', ['a', 'a'], undefined, /no earlier version with different code/],
    ['a missing version', ['a', 'b'], '9', /has no version 9/],
    ['the one that is served', ['a', 'b'], '2', /already serves version 2/],
    ['a function without the alias', [], undefined, /has no alias "live"/],
  ])('is refused: %s', async (_, codes, target, message) => {
    await expect(bench(codes).plan(target)).rejects.toThrow(message);
  });

  it('stops when another process moved the alias in between', async () => {
    const { aws, alias, plan } = bench(['a', 'b']);
    const rollback = await plan();
    Object.assign(alias() ?? {}, { RevisionId: 'theirs' });
    await expect(rollBack(aws.clients.lambda, SIGNAL, rollback)).rejects.toThrow(
      'Another user or process moved the alias "live"',
    );
  });

  it("succeeds if the response is lost and the SDK's retry finds another revision", async () => {
    const { aws, alias, plan } = bench(['a', 'b']);
    const rollback = await plan();
    Object.assign(alias() ?? {}, { FunctionVersion: '1', RevisionId: 'ours' });
    await rollBack(aws.clients.lambda, SIGNAL, rollback);
    expect(alias()?.FunctionVersion).toBe('1');
  });

  it('after a failed test restores the previous traffic split, and does not overwrite a move by another process', async () => {
    const { aws, alias } = bench(['a', 'b', 'c'], '2');
    const from = { version: '1', description: 'before', weights: { 3: 0.25 } };
    expect(await restoreAlias(aws.clients.lambda, SIGNAL, { functionName: NAME, from, to: '2' })).toBe(true);
    expect(alias()).toMatchObject({
      FunctionVersion: '1',
      Description: 'before',
      RoutingConfig: { AdditionalVersionWeights: { 3: 0.25 } },
    });
    aws.calls.length = 0;
    expect(await restoreAlias(aws.clients.lambda, SIGNAL, { functionName: NAME, from, to: '2' })).toBe(false);
    expect(aws.calls.filter(isWrite)).toEqual([]);
  });

  it.each([
    ['that crc did not create', { Team: 'web' }, 'is not managed by crc'],
    ['of another project', { ...TAGS, 'crc:project': 'blog' }, 'belongs to the project blog'],
  ])('of a function %s is a conflict', async (_, tags, reason) => {
    await expect(bench(['a', 'b'], '2', tags).plan()).rejects.toThrow(reason);
  });

  it('of a function whose tags are hidden is refused', async () => {
    const { aws, plan } = bench(['a', 'b']);
    aws.answer('lambda:GetFunction', 'tags-hidden');
    await expect(plan()).rejects.toThrow('Access denied: lambda:ListTags on ');
  });

  it.each([
    ['goes back from the newer version', '3', { 2: 0.1 }, undefined, '2'],
    ['goes back to the version that still has most of the traffic', '2', { 3: 0.1 }, undefined, '2'],
    ['passes over versions that serve nothing', '1', { 3: 0.1 }, undefined, '1'],
    ['leaves all traffic with the requested version, which has most of it', '2', { 3: 0.1 }, '2', '2'],
    ['moves all traffic to the requested version', '2', { 3: 0.1 }, '1', '1'],
  ])('%s of a traffic split, and ends the split', async (_, at, weights, target, to) => {
    const { aws, alias, plan } = bench(['a', 'b', 'c'], at);
    Object.assign(alias() ?? {}, { RoutingConfig: { AdditionalVersionWeights: weights } });
    const rollback = await plan(target);
    await rollBack(aws.clients.lambda, SIGNAL, rollback);
    expect([rollback.to, alias()?.FunctionVersion]).toEqual([to, to]);
    expect(alias()?.RoutingConfig?.AdditionalVersionWeights).toEqual({});
  });
});
