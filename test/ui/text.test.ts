import { describe, expect, it } from 'vitest';
import { CrcError } from '../../src/errors.ts';
import type { Json } from '../../src/json.ts';
import { costText, errorText, headText, outcomeText } from '../../src/ui/text.ts';
import { inline } from '../../src/ui/values.ts';

describe('other text', () => {
  it('head, cost and outcomes', () => {
    const run = { accountId: '123456789012', region: 'eu-west-2' };
    expect(headText(run, false)).toBe('Account 123456789012, eu-west-2');
    expect(headText({ ...run, configFile: '../crc.config.json' }, false)).toBe(
      'Account 123456789012, eu-west-2\nConfig ../crc.config.json',
    );
    expect(costText({ apiCalls: { read: 1, write: 2 }, durationMs: 1_234 })).toBe('1 read, 2 writes, 1.2 s');
    const error = new CrcError('It broke.', { hint: 'Mend it.' });
    expect(
      outcomeText(
        [
          { id: 'a', outcome: 'created' },
          { id: 'b', outcome: 'failed', error },
          { id: 'c', outcome: 'blocked', error: new CrcError('It needs b.', { hint: 'Mend b.' }) },
          { id: 'd', outcome: 'unchanged' },
          { id: 'e', outcome: 'updated' },
          { id: 'f', outcome: 'not-started' },
        ],
        false,
      ),
    ).toBe(
      'created      a\nfailed       b\n    It broke.\n    Mend it.\nblocked      c\n    It needs b.\nunchanged    d\nupdated      e\nnot started  f',
    );
  });

  it('an outcome shows all of what to do, but not for what is blocked', () => {
    const error = new CrcError('It did not build.', {
      details: ['a.ts:1'],
      hint: 'To build it:',
      alternatives: ['Install b.', 'Define c.'],
    });
    expect(outcomeText([{ id: 'a', outcome: 'failed', error }], false)).toBe(
      'failed     a\n    It did not build.\n    | a.ts:1\n    To build it:\n      Install b.\n      Define c.',
    );
    expect(outcomeText([{ id: 'a', outcome: 'blocked', error }], false)).toBe(
      'blocked    a\n    It did not build.\n    | a.ts:1',
    );
  });

  it('an error shows neither its cause nor a stack', () => {
    const error = new CrcError('It broke.', { hint: 'Mend it.', cause: new Error('inner') });
    expect(errorText(error, false)).toBe('error: It broke.\nMend it.');
  });

  it('an error with its problems', () => {
    const issues = [
      { path: 'roles[0]', message: 'is wrong' },
      { path: '', message: 'is odd' },
    ];
    expect(errorText(new CrcError('Two problems:', { issues, hint: 'Mend them.' }), false)).toBe(
      'error: Two problems:\n  roles[0] is wrong\n  is odd\nMend them.',
    );
  });

  it.each<[Json, string]>([
    [null, 'none'],
    ['', '""'],
    ['a', 'a'],
    [5, '5'],
    [false, 'false'],
    [[], 'none'],
    [['a', 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
    [
      { Statement: [{ Effect: 'Deny', NotAction: ['a', 'b'], NotResource: 'r', Principal: '*' }, 'odd'] },
      'Deny all but a, b on all but r to *; "odd"',
    ],
  ])('%j in a line is %s', (value, text) => {
    expect(inline(value)).toBe(text);
  });
});
