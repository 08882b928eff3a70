import { describe, expect, it } from 'vitest';
import { commandLine, harmless, isCi, knowsUnicode } from '../../src/ui/io.ts';

const TERMINAL = { color: true, actions: false };

describe('the last gate', () => {
  it.each([
    ['a title', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
    ['a link', '\u001b]8;;https://evil.com\u001b\\x', '\\x1b]8;;https://evil.com\\x1b\\x'],
    ['a cleared screen', 'a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['a line written over', 'in sync\rdrifted', 'in sync\ndrifted'],
    ['a backspace', 'a\bb', 'a\\x08b'],
    ['an 8-bit control sequence', '\u009b2J', '\\x9b2J'],
    ['crc’s own colours', '\u001b[31mred\u001b[39m', '\u001b[31mred\u001b[39m'],
    ['lines and tabs', 'a\n\tb\r\nc', 'a\n\tb\nc'],
  ])('%s', (_, text, expected) => {
    expect(harmless(text, TERMINAL)).toBe(expected);
  });

  it('removes all colours if crc does not use any', () => {
    expect(harmless('\u001b[31mred\u001b[39m', { color: false, actions: false })).toBe('\\x1b[31mred\\x1b[39m');
  });

  it.each([
    ['::error::x', '\\x3a:error::x'],
    ['a\n  ::set-output name=a::b', 'a\n  \\x3a:set-output name=a::b'],
    ['\n\n::stop-commands::x\n', '\n\n\\x3a:stop-commands::x\n'],
    ['a ##[add-mask]x', 'a ##\\x5badd-mask]x'],
    ['arn:aws:iam::123456789012:role/A', 'arn:aws:iam::123456789012:role/A'],
  ])('contains no workflow commands: %j', (text, expected) => {
    expect(harmless(text, { color: false, actions: true })).toBe(expected);
    expect(harmless(text, { color: false, actions: false })).toBe(text);
  });

  it("writes crc's own symbols in ASCII if the terminal supports no others", () => {
    const text = '✓ a → b… ✗ • · crc’s: 漢';
    expect(harmless(text, { ...TERMINAL, ascii: true })).toBe("v a -> b... x * . crc's: 漢");
    expect(harmless(text, TERMINAL)).toBe(text);
  });

  it.each([
    [{}, true],
    [{ LANG: '' }, true],
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'en_GB.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{ LANG: 'POSIX' }, false],
    [{ LANG: 'en_GB.ISO-8859-1' }, false],
    [{ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, false],
    [{ LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true],
  ])('the locale %j supports more than ASCII: %s', (env, known) => {
    expect(knowsUnicode(env)).toBe(known);
  });

  it('an annotation is one line', () => {
    expect(commandLine('::warning::a\n::error::b\u001b[2J')).toBe('::warning::a ::error::b\\x1b[2J');
  });
});

describe('CI', () => {
  it.each([
    [{}, false],
    [{ CI: '' }, false],
    [{ CI: 'true' }, true],
    [{ CI: 'woodpecker' }, true],
    [{ CI: 'false' }, false],
    [{ CI: '0' }, false],
  ])('with %j in the environment: %s', (env, expected) => {
    expect(isCi(env)).toBe(expected);
  });
});
