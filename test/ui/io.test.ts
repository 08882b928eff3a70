import { describe, expect, it } from 'vitest';
import { harmless } from '../../src/ui/io.ts';
import { inline } from '../../src/ui/values.ts';

describe('what is written to a terminal', () => {
  it.each([
    ['a title', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
    ['a cleared screen', 'a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['a line written over', 'in sync\rdrifted', 'in sync\ndrifted'],
    ['a backspace', 'a\bb', 'a\\x08b'],
    ['an 8-bit control sequence', '\u009b2J', '\\x9b2J'],
    ['crc’s own colours', '\u001b[31mred\u001b[39m', '\u001b[31mred\u001b[39m'],
    ['lines and tabs', 'a\n\tb\r\nc', 'a\n\tb\nc'],
  ])('%s', (_, text, written) => {
    expect(harmless(text)).toBe(written);
  });

  it('a value from AWS is one line, so that it cannot pass for a line of crc’s', () => {
    expect(inline('mine\n✓ role/A  in sync')).toBe('mine\\n✓ role/A  in sync');
    expect(inline(['a\nb', 'c'])).toBe('a\\nb, c');
  });
});
