import fc from 'fast-check';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { shellLines, wrapped } from '../../src/ui/print.ts';
import { cut, wrap } from '../../src/ui/wrap.ts';

const ARN = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';

describe('a text at the width of a terminal', () => {
  it.each([
    ['a paragraph', 'Nothing was sent to AWS.', 16, 'Nothing was sent\nto AWS.'],
    [
      'below the text of a label',
      'error: The credentials belong to another account.',
      40,
      'error: The credentials belong to another\n       account.',
    ],
    [
      'below the text of an item',
      '  - a bucket policy that allows everybody',
      36,
      '  - a bucket policy that allows\n    everybody',
    ],
    [
      'further in than an item of a list',
      '  roles[0].trust.repository: must name one repository',
      40,
      '  roles[0].trust.repository: must name\n    one repository',
    ],
    [
      'below the last column',
      '  ~ tags.Project  resume → the cloud resume challenge',
      44,
      '  ~ tags.Project  resume → the cloud resume\n                  challenge',
    ],
    [
      'below its indentation if too few columns remain',
      '  ~ inlinePolicies.of.a.long.name  not in the config',
      44,
      '  ~ inlinePolicies.of.a.long.name  not in\n    the config',
    ],
    ['an ARN that fits is not broken', `  ~ trust    to ${ARN}`, 80, `  ~ trust    to\n    ${ARN}`],
    ['an ARN that does not fit is not broken', `to ${ARN} or another`, 40, `to\n${ARN}\nor another`],
    [
      'only a word that does not fit because of the indentation starts further left',
      `      It does not trust ${ARN}; it trusts none, and others too, which are not named in the config at all.`,
      80,
      `      It does not trust\n    ${ARN};\n      it trusts none, and others too, which are not named in the config at all.`,
    ],
    [
      'commands in backticks are not broken',
      'Log in with the command `aws sso login --profile resume` and run it again.',
      44,
      'Log in with the command\n`aws sso login --profile resume` and run it\nagain.',
    ],
    [
      'each line of foreign output is marked',
      '    | the function says that it is in sync',
      32,
      '    | the function says that it\n    | is in sync',
    ],
    ['a terminal that is too narrow for indentation', 'one two   three', 12, 'one two\nthree'],
  ])('%s', (_, text, columns, lines) => {
    expect(wrap(text, columns)).toBe(lines);
  });

  it('colours have no width, and continue on the next line', () => {
    const { red, bold } = pc.createColors(true);
    const text = `${bold(red('error:'))} The ${red('credentials belong to another')} account.`;
    expect(wrap(text, 32)).toBe(
      `${bold(red('error:'))} The ${red('credentials belong to')}\n       ${red('another')} account.`,
    );
    expect(wrap(red('in sync'), 7)).toBe(red('in sync'));
  });

  it('is limited to a readable width', () => {
    const lines = wrap('word '.repeat(100).trim(), 300).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(119);
  });

  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => text.replace(/[\s`]/gu, '·'));
  const line = fc
    .tuple(fc.integer({ min: 0, max: 8 }), fc.constantFrom('', '~ ', '- ', '| ', 'note: ', 'a path   '), fc.array(word))
    .map(([indent, start, words]) => `${' '.repeat(indent)}${start}${words.join(' ')}`);

  it('keeps all words intact, and is as narrow as they allow', () => {
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 20, max: 120 }), (lines, columns) => {
        const text = lines.join('\n').normalize();
        const result = wrap(text, columns);
        const wordsOf = (some: string) => some.split(/[ \n]+/).filter((word) => word !== '' && word !== '|');
        expect(wordsOf(result)).toEqual(wordsOf(text));
        for (const row of result.split('\n')) {
          if (stringWidth(row) > columns) expect(wordsOf(row)).toHaveLength(1);
        }
      }),
    );
  });
});

describe('without a terminal', () => {
  it('nothing is wrapped', async () => {
    const text = 'a line that goes on and on';
    expect(await wrapped(text, undefined)).toBe(text);
    expect(await wrapped(text, 12)).toBe('a line that\ngoes on and\non');
    expect(await wrapped('漢字漢字 漢字', 8)).toBe('漢字漢字\n漢字');
  });
});

describe('a line that must not wrap', () => {
  it.each([
    ['reading', 7, 'reading'],
    ['reading', 6, 'readi…'],
    ['漢字漢字', 6, '漢字…'],
    ['漢字漢字', 5, '漢字…'],
    ['reading', 0, '…'],
  ])('%s in %i columns', (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected);
  });
});

describe('commands for a shell', () => {
  const lines = ['# Until it is protected, any branch can.', 'gh api --method PUT repos/owner/name'];

  it('have comments that fit the terminal, and commands that can be pasted', async () => {
    expect((await shellLines(lines, 24)).join('\n')).toBe(
      '# Until it is protected,\n# any branch can.\ngh api --method PUT repos/owner/name',
    );
  });

  it('are unchanged without a terminal', async () => {
    expect(await shellLines(lines, undefined)).toEqual(lines);
  });
});
