import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagOf } from '../../src/commands/flags.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { OTHER_WORDS } from '../../src/commands/other-words.ts';
import { excessArguments, unknownCommand, unknownOption } from '../../src/commands/suggestions.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz-';
const DESTRUCTIVE = COMMANDS.filter(({ destructive }) => destructive).map(({ name }) => name);
/** Everything that crc prints about an unknown word, without the word itself. */
function messageFor(word: string): string {
  const { message, hint } = unknownCommand(word, COMMANDS);
  return `${message.replace(/".*"/s, '""')} ${hint}`;
}

describe('an unknown command', () => {
  it.each([
    ['verfy', 'crc verify'],
    ['bootstrp', 'crc bootstrap'],
    ['BOOTSTRAP', 'crc bootstrap'],
    ['state rm', 'crc help state'],
    ['state lst', 'crc help state'],
    ['stranger rm', 'crc help'],
    ['plna', 'crc plan'],
    ['sandbxo', 'crc sandbox'],
    ['deploy-functions', 'crc deploy-function'],
    ['hlep', 'crc help'],
    ['verison', 'crc version'],
    ['apply', 'crc bootstrap'],
    ['up', 'crc bootstrap'],
    ['diff', 'crc plan'],
    ['deploy', 'crc deploy-function'],
    ['status', 'crc verify'],
    ['check', 'crc verify'],
    ['drift', 'crc verify'],
    ['stauts', 'crc verify'],
    ['validate', 'crc plan'],
    ['login', 'aws sso login'],
    ['import', 'crc plan --adopt'],
    ['logs', 'crc invoke NAME'],
    ['rollback', '--rollback'],
    ['output', 'crc outputs'],
    ['push', 'git'],
    ['rm', 'https://'],
    ['remove', 'https://'],
    ['down', 'https://'],
    ['destory', 'https://'],
    ['xyzzy', 'crc help'],
    ['', 'crc help'],
    ['__proto__', 'crc help'],
    ['constructor', 'crc help'],
  ])('%s is answered with %s', (word, answer) => {
    expect(unknownCommand(word, COMMANDS)).toEqual({
      message: `crc has no command "${word}".`,
      hint: expect.stringContaining(answer),
    });
  });

  it('is answered with existing commands, whatever the word', () => {
    const suggested = [...OTHER_WORDS.values()].flatMap((answer) =>
      [...answer.matchAll(/`crc ([a-z-]+)/g)].map(([, name = '']) => name),
    );
    expect(suggested.length).toBeGreaterThan(20);
    expect(suggested.filter((name) => !COMMANDS.some((command) => command.name === name))).toEqual([]);
    const commands = [...OTHER_WORDS.keys()].filter((word) => COMMANDS.some(({ name }) => name === word));
    expect(commands, 'now commands of crc: remove them from src/commands/other-words.ts').toEqual([]);
  });

  it('that is an entire file is not repeated', () => {
    expect(unknownCommand('x'.repeat(10_000_000), COMMANDS).message.length).toBeLessThan(80);
    expect(unknownOption(`--${'x'.repeat(10_000_000)}`, { name: 'verify' }).message.length).toBeLessThan(80);
  });
});

describe('an unknown flag', () => {
  it.each(['--yes', '-y', '--force', '--auto-approve'])('%s of destroy: the message names --confirm', (flag) => {
    const destroy = COMMANDS.find(({ name }) => name === 'destroy');
    expect(unknownOption(flag, destroy ?? { name: '' })).toEqual({
      message: `crc destroy has no option ${flag}.`,
      hint: expect.stringMatching(/^Pass --confirm BUCKET, .*`crc destroy --dry-run` shows/),
    });
    expect(unknownOption(flag, { name: 'verify' }).hint).not.toContain('--confirm');
  });
});

describe('more words than arguments', () => {
  it('names the flag that an id belongs after, but not for a command that deletes', () => {
    const hintOf = (wanted: string) =>
      excessArguments(['role/X'], COMMANDS.find(({ name }) => name === wanted) ?? { name: '' }).hint;
    expect(hintOf('bootstrap')).toBe('Did you mean --only role/X? See `crc help bootstrap`.');
    expect(hintOf('destroy')).toBe('See `crc help destroy`.');
    expect(hintOf('outputs')).toBe('See `crc help outputs`.');
  });

  it('shows an empty one, such as an unset variable, and suggests no id for it', () => {
    expect(excessArguments([''], COMMANDS.find(({ name }) => name === 'verify') ?? { name: '' })).toEqual({
      message: 'crc verify takes no arguments; this is one too many: "".',
      hint: 'See `crc help verify`.',
    });
  });

  it('that are a whole file are not repeated', () => {
    expect(excessArguments(Array(100_000).fill('word'), { name: 'verify' }).message.length).toBeLessThan(120);
  });
});

describe('suggests nothing that deletes', () => {
  it('for any word that resembles the name of a deleting command', () => {
    const topLevel = DESTRUCTIVE.filter((name) => !name.includes(' '));
    const typos = new Set(topLevel.flatMap((name) => typosOf(name).flatMap((slip) => [slip, ...typosOf(slip)])));
    expect(typos.size).toBeGreaterThan(50_000);
    expect([...typos].filter((word) => suggestsDeletion(messageFor(word)))).toEqual([]);
  }, 60_000);

  it('for any word below a group that resembles the name of a deleting command', () => {
    const below = DESTRUCTIVE.filter((name) => name.includes(' '));
    const words = below.flatMap((name) => {
      const [group = '', last = ''] = name.split(' ');
      return typosOf(last).map((slip) => `${group} ${slip}`);
    });
    expect(words.length).toBeGreaterThan(100);
    expect(words.filter((word) => suggestsDeletion(messageFor(word)))).toEqual([]);
    expect(unknownCommand('state restor', COMMANDS).hint).toBe('`crc help state` lists its commands.');
  });

  it('for any word of another tool, or similar to one', () => {
    const words = [...OTHER_WORDS.keys()].flatMap((word) => [word, word.toUpperCase(), ...typosOf(word)]);
    expect(words.filter((word) => suggestsDeletion(messageFor(word)))).toEqual([]);
  }, 60_000);

  it('for any other word', () => {
    fc.assert(fc.property(fc.string(), (word) => !suggestsDeletion(messageFor(word))));
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'for a flag of %s that resembles one that deletes or skips a prompt',
    (_, command) => {
      const flags = Object.entries(command.options ?? {}).flatMap(([key, definition]) =>
        definition.destructive ? [flagOf(key, definition)] : [],
      );
      const hints = flags.flatMap(typosOf).map((flag) => unknownOption(flag, command).hint);
      expect(hints.filter((hint) => flags.some((flag) => hint.includes(flag)))).toEqual([]);
    },
  );
});

function suggestsDeletion(answer: string): boolean {
  return DESTRUCTIVE.some((name) => answer.includes(name));
}

/** Words that result from a missing, additional, different or transposed letter. */
function typosOf(word: string): readonly string[] {
  return Array.from({ length: word.length + 1 }, (_, at) => {
    const [before, after] = [word.slice(0, at), word.slice(at)];
    const [first = '', second = ''] = after;
    return [
      `${before}${after.slice(1)}`,
      `${before}${second}${first}${after.slice(2)}`,
      ...[...LETTERS].flatMap((letter) => [`${before}${letter}${after}`, `${before}${letter}${after.slice(1)}`]),
    ];
  }).flat();
}
