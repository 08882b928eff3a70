import { type Complete, type Command as Completed, RootCommand, ShellCompDirective } from '@bomb.sh/tab';
import { shellWord } from '../shell.ts';
import type { Io } from '../ui/io.ts';
import { printed } from '../ui/printed.ts';
import type { ArgumentDefinition, Command } from './command.ts';
import { knownValues } from './completion-values.ts';
import type { CompleteOptions } from './definitions/complete.ts';
import { flagOf } from './flags.ts';
import { GLOBAL_OPTIONS, type OptionDefinition, type OptionDefinitions, type Values } from './options.ts';

/** The shell completes file names itself. */
const FILES = `:${ShellCompDirective.ShellCompDirectiveDefault}\n`;

type ValuesOf = (values: Values | undefined) => readonly string[];

/**
 * Prints the possible completions of the last word, for a shell's completion script. At most reads the config; sends
 * nothing.
 */
export function completionOf(commands: readonly Command[]) {
  return async ({ words }: CompleteOptions, io: Io): Promise<number> => {
    const wanted = valuesWanted(words, commands);
    if (wanted === 'files') {
      io.out(FILES);
      return 0;
    }
    const known = typeof wanted === 'string' ? (await knownValues(wanted, words, io)).filter(isSafeInEveryShell) : [];
    const valuesOf: ValuesOf = (values) =>
      typeof values === 'string' ? (values === wanted ? known : []) : (values ?? []);
    const root = rootCommand(commands, valuesOf);
    io.out(printed(() => root.parse([...words])));
    return 0;
  };
}

/**
 * Whether shells treat a value as plain text. The scripts for bash and zsh use it unquoted: bash would run a `$( )` in
 * it when Tab is pressed, and zsh inserts it into the command line. The config may be from a stranger.
 */
function isSafeInEveryShell(value: string): boolean {
  return shellWord(value) === value;
}

/** What the word at the cursor completes: the value of the preceding flag, or the command's next argument. */
function valuesWanted(words: readonly string[], commands: readonly Command[]): Values | undefined {
  const before = words.slice(0, -1);
  // Everything after -- belongs to another program.
  if (before.includes('--')) return 'files';
  // The longest name, so that a command in a group is not mistaken for the group.
  const [command] = commands
    .filter(({ name }) => name.split(' ').every((word) => before.includes(word)))
    .sort((a, b) => b.name.length - a.name.length);
  const options: OptionDefinitions = { ...GLOBAL_OPTIONS, ...command?.options };
  const last = words.at(-1) ?? '';
  const [, flag = before.at(-1)] = /^(--[\w-]+)=/.exec(last) ?? [];
  const option = Object.entries(options).find(([key, definition]) => flagOf(key, definition) === flag)?.[1];
  if (option !== undefined && isWithValue(option)) return 'values' in option ? option.values : undefined;
  if (command === undefined || last.startsWith('-')) return undefined;
  return Object.values(command.arguments ?? {})[0]?.values;
}

function isWithValue({ kind }: OptionDefinition): boolean {
  return kind === 'value' || kind === 'repeatable';
}

function rootCommand(commands: readonly Command[], valuesOf: ValuesOf): RootCommand {
  const root = new RootCommand();
  addOptions(root, GLOBAL_OPTIONS, valuesOf);
  for (const command of commands) addCommand(root, withTopics(command, commands), valuesOf);
  return root;
}

function addCommand(
  root: RootCommand,
  { name, listing, summary, arguments: words = {}, options }: Command,
  valuesOf: ValuesOf,
): void {
  if (listing === 'none') return;
  const command = root.command(name, summary);
  addOptions(command, { ...options, ...GLOBAL_OPTIONS }, valuesOf);
  for (const [key, word] of Object.entries(words)) addArgument(command, word, key, valuesOf);
}

/** `crc help` accepts the names of the other commands. */
function withTopics(command: Command, commands: readonly Command[]): Command {
  if (command.name !== 'help') return command;
  const values = [...commands.filter(isTopic).map(({ name }) => name), 'options'];
  const words = Object.entries(command.arguments ?? {}).map(([key, word]) => [key, { ...word, values }]);
  return { ...command, arguments: Object.fromEntries(words) };
}

function isTopic({ name, listing }: Command): boolean {
  return listing !== 'none' && !name.includes(' ');
}

function addArgument(command: Completed, { kind, values }: ArgumentDefinition, key: string, valuesOf: ValuesOf): void {
  command.argument(key, adding(values, valuesOf), kind === 'list' || kind === 'after');
}

function addOptions(command: Completed, options: OptionDefinitions, valuesOf: ValuesOf): void {
  for (const [key, definition] of Object.entries(options)) {
    const flag = flagOf(key, definition).slice('--'.length);
    if (!isWithValue(definition)) command.option(flag, definition.summary);
    else command.option(flag, definition.summary, adding('values' in definition ? definition.values : [], valuesOf));
  }
}

function adding(values: Values | undefined, valuesOf: ValuesOf): (add: Complete) => void {
  return (add) => {
    for (const value of valuesOf(values)) add(value, '');
  };
}
