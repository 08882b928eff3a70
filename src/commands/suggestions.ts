import { closest } from '../closest.ts';
import type { Definition } from './command.ts';
import { flagOf } from './flags.ts';
import { GLOBAL_OPTIONS, type OptionDefinitions } from './options.ts';
import { OTHER_WORDS, REMOVAL_ANSWER } from './other-words.ts';

/** What is wrong with a command line, and what to do. */
export interface Answer {
  readonly message: string;
  readonly hint: string;
}

const ALL_COMMANDS = '`crc help` lists all commands.';

/** The word may be a whole pasted file. */
const MAX_QUOTED = 40;

/**
 * The message for an unknown command: the command that was probably meant, because of its spelling or its name in
 * another tool. Never suggests a command that deletes.
 */
export function unknownCommand(word: string, commands: readonly Definition[]): Answer {
  const message = `crc has no command "${quoted(word)}".`;
  // A word below a group (`state lst`) cannot be a top-level command.
  const isBelow = word.includes(' ');
  const known = commands.filter(({ name, listing }) => listing !== 'none' && name.includes(' ') === isBelow);
  const meant = closest(word, [...known.map(({ name }) => name), ...(isBelow ? [] : OTHER_WORDS.keys())]);
  const group = isBelow ? commands.find(({ name }) => name === word.split(' ', 1)[0]) : undefined;
  const all = group === undefined ? ALL_COMMANDS : `\`crc help ${group.name}\` lists its commands.`;
  if (meant === undefined) return { message, hint: all };
  const command = known.find(({ name }) => name === meant);
  if (command === undefined) return { message, hint: OTHER_WORDS.get(meant) ?? all };
  if (!command.destructive) return { message, hint: `Did you mean \`crc ${meant}\`? ${all}` };
  // Commands of a group that write (`state restore`) remove nothing that crc created.
  return { message, hint: isBelow ? all : REMOVAL_ANSWER };
}

/** Flags that skip a prompt in other commands and other tools. */
const CONSENTS = ['--yes', '-y', '--force', '-f', '--auto-approve'];

/**
 * The message for an unknown flag. Never suggests a flag that deletes or that skips a prompt, except to a user who
 * tried to skip the prompt, and then with a placeholder so that pasting it deletes nothing.
 */
export function unknownOption(flag: string, { name, options = {} }: Pick<Definition, 'name' | 'options'>): Answer {
  const [written = ''] = flag.split('=');
  if ('confirm' in options && CONSENTS.includes(written)) {
    return {
      message: `crc ${name} has no option ${quoted(flag)}.`,
      hint: `Pass --confirm BUCKET, with the name of the state bucket, to delete without a prompt. \`crc ${name} --dry-run\` shows what would be deleted.`,
    };
  }
  const takesNoValue = Object.entries({ ...GLOBAL_OPTIONS, ...options }).some(
    ([key, definition]) =>
      (definition.kind === 'switch' || definition.kind === 'negated') && flagOf(key, definition) === written,
  );
  if (takesNoValue) return { message: `${written} takes no value.`, hint: seeHelp(name) };
  const meant = closest(written, [...harmlessFlags(options), ...harmlessFlags(GLOBAL_OPTIONS), '--help', '--version']);
  const didYouMean = meant === undefined || meant === written ? '' : `Did you mean ${meant}? `;
  return {
    message: `${name === '' ? 'crc' : `crc ${name}`} has no option ${quoted(flag)}.`,
    hint: `${didYouMean}${seeHelp(name)}`,
  };
}

/** The message for too many arguments, most often an id that belongs after --only. */
export function excessArguments(
  words: readonly string[],
  { name, arguments: taken = {}, options = {}, destructive }: ArgumentsOf,
): Answer {
  // Words after `--` are counted separately.
  const most = Object.values(taken).filter(({ kind }) => kind !== 'after').length;
  const excess = words.slice(most);
  const takes = most === 0 ? 'no arguments' : most === 1 ? 'one argument' : `${most} arguments`;
  const [first = ''] = excess;
  const didYouMean = first !== '' && 'only' in options && !destructive ? `Did you mean --only ${quoted(first)}? ` : '';
  return {
    message: `crc ${name} takes ${takes}; ${excess.length === 1 ? 'this is one' : 'these are'} too many: ${quoted(excess.map((word) => word || '""').join(' '))}.`,
    hint: `${didYouMean}${seeHelp(name)}`,
  };
}

type ArgumentsOf = Pick<Definition, 'name' | 'arguments' | 'options' | 'destructive'>;

/** Where to find the correct command line. */
export function seeHelp(command: string): string {
  return command === '' ? ALL_COMMANDS : `See \`crc help ${command}\`.`;
}

function harmlessFlags(options: OptionDefinitions): readonly string[] {
  return Object.entries(options)
    .filter(([, { destructive }]) => !destructive)
    .map(([key, definition]) => flagOf(key, definition));
}

function quoted(word: string): string {
  return word.length > MAX_QUOTED ? `${word.slice(0, MAX_QUOTED)}…` : word;
}
