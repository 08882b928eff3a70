import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrcError } from '../../src/errors.ts';
import { jsonText } from '../../src/json.ts';
import { quoted } from '../../src/terraform/hcl.ts';
import { foreign, shown } from '../../src/ui/foreign.ts';
import { harmless } from '../../src/ui/io.ts';
import { hostile, unsafeOutput, workflowCommands } from '../helpers/hostile.ts';

describe('foreign text', () => {
  it.each([
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u001b[31m', '\\x1b[31m'],
    ['\u202e', '\\u202e'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['##[error]', '##\\x5berror]'],
    ['repo:o/r:* → “é” 日本 😀', 'repo:o/r:* → “é” 日本 😀'],
  ])('%j is shown as %s', (text, expected) => {
    expect(foreign(text)).toBe(expected);
  });

  it('is one harmless line, whatever it contains, and escaping is idempotent', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = foreign(text);
        expect(once).not.toContain('\n');
        expect(unsafeOutput(once)).toEqual([]);
        expect(foreign(once)).toBe(once);
      }),
    );
  });

  it('is escaped at every depth: keys, lists, errors', () => {
    const error = new CrcError('a\nb', {
      hint: 'c\nd',
      details: ['e\rf'],
      issues: [{ path: 'g\n', message: 'h\n' }],
      fatal: true,
    });
    const { message, hint, details, issues, fatal } = shown(error);
    expect([message, hint, details, issues, fatal]).toEqual([
      'a\\nb',
      'c\\nd',
      ['e\\rf'],
      [{ path: 'g\\n', message: 'h\\n' }],
      true,
    ]);
    const circle = Object.assign(new Error('x'), { $response: {} });
    circle.$response = { circle };
    expect(shown({ error: circle })).toEqual({ error: circle });
    expect(shown({ 'a\n': [1, null, true, 'b\n', { c: 'd\n' }] })).toEqual({
      'a\\n': [1, null, true, 'b\\n', { c: 'd\\n' }],
    });
  });
});

describe('a document of JSON', () => {
  it('parses to the original, contains nothing invisible, and is not changed by the last gate', () => {
    const anything = fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile), fc.integer()), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, (document) => {
        const text = jsonText(document);
        expect(JSON.parse(text)).toEqual(document);
        expect([unsafeOutput(text), workflowCommands(text)]).toEqual([[], []]);
        for (const actions of [true, false]) expect(harmless(text, { color: false, actions })).toBe(text);
      }),
    );
  });

  it.each(['\u007f', '\u0085', '\u009f', '\u2028', '\u202e', '\ud800', '\u{1f600}', '##['])('holds %j', (text) => {
    const output = jsonText([text]);
    expect(JSON.parse(output)).toEqual([text]);
    expect(harmless(output, { color: false, actions: true })).toBe(output);
  });
});

describe('a string of HCL', () => {
  it('is one token, whatever it contains', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const output = quoted(text);
        // Escape sequences, escaped template markers, and characters without a special meaning.
        expect(output).toMatch(/^"(?:\\(?:["\\nrt]|u[0-9a-f]{4}|U[0-9a-f]{8})|[^"\\$%]|\$\$\{|%%\{|[$%](?!\{))*"$/u);
        expect(unsafeOutput(output)).toEqual([]);
      }),
    );
  });

  it.each([
    ['${a}', '"$${a}"'],
    ['%{a}', '"%%{a}"'],
    ['$${a}', '"$$${a}"'],
    ['\b\f\u0085', '"\\u0008\\u000c\\u0085"'],
    ['\u{e0041}', '"\\U000e0041"'],
    ['\ud800', '"\ufffd"'],
  ])('%j is %s', (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });
});
