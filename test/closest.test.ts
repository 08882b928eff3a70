import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choiceHint, closest } from '../src/closest.ts';

const IDS = ['state-bucket', 'lock-table', 'oidc-provider', 'role/Deploy', 'table/IncrementVisits'];
const REGIONS = ['us-east-1', 'us-east-2', 'eu-west-1', 'eu-west-2', 'eu-central-1'];
const KEYS = ['accountId', 'memoryMb', 'region', 'stateBucket'];

describe('closest', () => {
  it.each([
    ['a missing letter', 'state-bucke', IDS, 'state-bucket'],
    ['an additional letter', 'lock-tablee', IDS, 'lock-table'],
    ['a different letter', 'oidc-provoder', IDS, 'oidc-provider'],
    ['two letters that changed places', 'eu-wset-2', REGIONS, 'eu-west-2'],
    ['two letters that changed places in a short word', 'plna', ['plan', 'init'], 'plan'],
    ['different case', 'accountID', KEYS, 'accountId'],
    ['different case', 'MEMORYMB', KEYS, 'memoryMb'],
    ['a separator', 'state_bucket', IDS, 'state-bucket'],
    ['only the end', 'bucket', IDS, 'state-bucket'],
    ['only the start', 'role', IDS, 'role/Deploy'],
    ['the start of several', 'eu-we', REGIONS, undefined],
    ['a part of several', 'table', IDS, undefined],
    ['nothing similar', 'london', REGIONS, undefined],
    ['two letters', 'rm', ['up', 'ls'], undefined],
    ['nothing', '', KEYS, undefined],
    ['the nearest of two', 'eu-west-22', REGIONS, 'eu-west-2'],
    ['nothing known', 'region', [], undefined],
  ] as const)('%s: %s', (_, word, known, expected) => {
    expect(closest(word, known)).toBe(expected);
  });

  it('returns one of the known words or none, and the word itself if it is known', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ minLength: 3 })), (word, known) => {
        expect([...known, undefined]).toContain(closest(word, known));
        expect(closest(word.padEnd(3, 'x'), [...known, word.padEnd(3, 'x')])?.toLowerCase()).toBe(
          word.padEnd(3, 'x').toLowerCase(),
        );
      }),
    );
  });

  it('handles a text of several megabytes immediately', () => {
    expect(closest('x'.repeat(10_000_000), IDS)).toBeUndefined();
  });
});

describe('choiceHint', () => {
  it.each([
    ['the intended one', ['bucket'], IDS, undefined, 'Did you mean state-bucket?'],
    ['as a flag', ['bucket', 'role'], IDS, '--only', 'Did you mean --only state-bucket --only role/Deploy?'],
    ['once', ['bucket', 'state-bucke'], IDS, undefined, 'Did you mean state-bucket?'],
    [
      'all, where one of them is not clear',
      ['bucket', 'x'],
      ['state-bucket', 'y'],
      undefined,
      'Choose from state-bucket, y.',
    ],
    ['all, as values of a flag', ['x'], ['a', 'b'], '--only', 'Choose from a, b with --only.'],
    ['all, if nothing was entered', [], ['a', 'b'], undefined, 'Choose from a, b.'],
  ] as const)('%s', (_, unknown, known, flag, hint) => {
    expect(choiceHint(unknown, known, flag)).toBe(hint);
  });

  it('lists no more than a user would read', () => {
    const known = Array.from({ length: 1000 }, (_, index) => `role/${index}`);
    expect(choiceHint(['x'], known)).toMatch(/^Choose from role\/0, .*, role\/19 and 980 more\.$/);
  });
});
