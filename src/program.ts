import { Command, CommanderError, Option } from 'commander';
import type { Command as CrcCommand } from './commands/command.ts';
import { argumentTerm, flagOf, flagTerm } from './commands/flags.ts';
import { COMMANDS } from './commands/index.ts';
import {
  GLOBAL_OPTIONS,
  ONLY,
  type OptionDefinition,
  type OptionDefinitions,
  type ResourceOptions,
} from './commands/options.ts';
import { CrcError } from './errors.ts';
import { OWN_PACKAGE } from './own-package.ts';
import { DEFAULT_COLUMNS, type Io } from './ui/io.ts';

/**
 * Parses a command line, loads and runs its command, and returns the exit code. @throws CrcError for an invalid command
 * line, and the errors of the command.
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  let topic: string | undefined;
  const { own, after } = splitAtDashes(argv);
  const program = buildProgram(
    async (definition, command) => {
      exitCode = await definition.run(command, io, after);
    },
    (name) => {
      topic = name;
    },
  );
  try {
    await program.parseAsync([...own]);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const json = argv.includes('--json');
    if (error.code === 'commander.version') return await (await import('./commands/version.ts')).version({ json }, io);
    if (SHOWS_HELP.includes(error.code)) {
      const { helpOn } = await import('./commands/help.ts');
      return await helpOn(COMMANDS)({ topic: topic?.split(' ') ?? [], json }, io);
    }
    throw await usageError(error, program, argv);
  }
}

/**
 * Separates the words after `--`, if the command has an argument for them. commander would assign them to other
 * arguments.
 */
function splitAtDashes(argv: readonly string[]): {
  readonly own: readonly string[];
  readonly after: readonly string[];
} {
  const dashes = argv.indexOf('--');
  const definition = definitionOf(argv);
  const words = Object.values(definition?.arguments ?? {});
  if (words.some(({ isProgram }) => isProgram)) return { own: withDashes(argv, definition?.options), after: [] };
  if (dashes < 0 || !words.some(({ kind }) => kind === 'after')) return { own: argv, after: [] };
  return { own: argv.slice(0, dashes), after: argv.slice(dashes + 1) };
}

/** The flags after a program's name are its own, also without `--`, which Yarn 1 removes: `crc sandbox sh -c 'exit'`. */
function withDashes(argv: readonly string[], options: OptionDefinitions = {}): readonly string[] {
  const [, program] = plainWords(argv, options);
  return program === undefined || argv.slice(0, program).includes('--') ? argv : argv.toSpliced(program, 0, '--');
}

/** Codes with which commander requests help; `crc` without arguments does too. */
const SHOWS_HELP: readonly string[] = ['commander.help', 'commander.helpDisplayed'];

/** The command's name, for an error that occurred before the command line was parsed. */
export function commandOf(argv: readonly string[]): string {
  return definitionOf(argv)?.name ?? 'crc';
}

/**
 * The command with the longest name at the start of the command line, after flags: `state list` rather than `state`.
 */
function definitionOf(argv: readonly string[]): CrcCommand | undefined {
  const names = new Set(COMMANDS.map(({ name }) => name));
  const words = plainWords(argv, { only: ONLY }).map((index) => argv[index] ?? '');
  const start = words.findIndex((word) => names.has(word));
  const [word = '', next = ''] = words.slice(start);
  const wanted = names.has(`${word} ${next}`) ? `${word} ${next}` : word;
  return COMMANDS.find(({ name }) => start >= 0 && name === wanted);
}

/** Where words are that are neither flags nor the values of these or global ones: a profile may be called demo. */
function plainWords(argv: readonly string[], options: OptionDefinitions): readonly number[] {
  const taking = Object.entries({ ...GLOBAL_OPTIONS, ...options }).flatMap(([key, definition]) =>
    'placeholder' in definition ? [flagOf(key, definition)] : [],
  );
  return argv.flatMap((word, index) =>
    index < 2 || word.startsWith('-') || taking.includes(argv[index - 1] ?? '') ? [] : [index],
  );
}

/**
 * The name of a command as in its definition: a command in a group starts with the group's name, as in `state list`.
 */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
}

function commandNamed(program: Command, name: string): Command {
  const below = (command: Command, word: string) => command.commands.find((child) => child.name() === word) ?? command;
  return name.split(' ').reduce(below, program);
}

type Run = (definition: CrcCommand, command: Command) => Promise<void>;

function buildProgram(run: Run, showHelp: (topic: string | undefined) => void): Command {
  const program = new Command('crc');
  program
    .version(OWN_PACKAGE.version, '-v, --version')
    .addOption(new Option('-V').hideHelp())
    .on('option:V', () => {
      throw new CommanderError(0, 'commander.version', OWN_PACKAGE.version);
    })
    .configureHelp({
      // The same handler shows the pages of `crc help verify` and `crc verify --help`.
      formatHelp(command) {
        showHelp(command === program ? undefined : nameOf(command));
        return '';
      },
    })
    .exitOverride()
    // cli.ts shows usage errors like all others, so that --json applies to them too.
    .configureOutput({
      writeOut: () => undefined,
      writeErr: () => undefined,
      // Detecting the terminal's properties takes time, and commander writes nothing here.
      getOutHelpWidth: () => DEFAULT_COLUMNS,
      getErrHelpWidth: () => DEFAULT_COLUMNS,
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .showHelpAfterError(false)
    .showSuggestionAfterError(false)
    .helpCommand(false)
    .hook('preAction', (_, command) => {
      checkValues(command);
      checkOnly(command);
    });
  addOptions(program, GLOBAL_OPTIONS);
  // --only is also accepted before the command's name, when the command is not known yet.
  addOptions(program, { only: ONLY });
  for (const command of COMMANDS) addCommand(program, command, run);
  return program;
}

function addCommand(program: Command, definition: CrcCommand, run: Run): void {
  const [last = '', ...group] = definition.name.split(' ').reverse();
  const parent = program.commands.find((command) => command.name() === group[0]) ?? program;
  const command = parent.command(last);
  // Without an action, commander shows help.
  if (!definition.isGroup) command.action(async () => await run(definition, command));
  const words = Object.values(definition.arguments ?? {}).filter(({ kind }) => kind !== 'after');
  for (const argument of words) command.argument(argumentTerm(argument));
  addOptions(command, definition.options ?? {});
}

function addOptions(command: Command, definitions: OptionDefinitions): void {
  for (const [key, definition] of Object.entries(definitions)) command.addOption(optionOf(key, definition));
}

function optionOf(key: string, definition: OptionDefinition): Option {
  const option = new Option(flagTerm(key, definition));
  if (definition.kind === 'repeatable') return option.argParser(collect);
  return definition.kind === 'value' ? option.default(definition.default) : option;
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** Rejects empty flag values: they usually come from an unset variable, and ignoring the flag would be a guess. */
function checkValues(command: Command): void {
  const values = command.optsWithGlobals<Readonly<Record<string, unknown>>>();
  const options = [...rootOf(command).options, ...command.options];
  const empty = options.find((option) => [values[option.attributeName()]].flat().includes(''));
  if (empty === undefined) return;
  throw new CrcError(`${empty.long}: its value is empty.`, {
    hint: `Pass a value, or leave ${empty.long} out. See \`crc help ${nameOf(command)}\`.`,
  });
}

/** Rejects --only for commands that do not have it, instead of ignoring it. */
function checkOnly(command: Command): void {
  const { only } = command.optsWithGlobals<ResourceOptions>();
  const taking = COMMANDS.filter(({ options = {} }) => 'only' in options);
  if (only === undefined || taking.some(({ name }) => name === nameOf(command))) return;
  const names = taking.flatMap(({ name, destructive }) => (destructive ? [] : [name]));
  throw new CrcError(`crc ${nameOf(command)} has no option --only: it always covers all resources.`, {
    hint: `Leave it out. It is an option of ${names.join(', ')}.`,
  });
}

/** Explains an invalid command line. Loads the code for the explanation only when needed. */
async function usageError(error: CommanderError, program: Command, argv: readonly string[]): Promise<CrcError> {
  const { excessArguments, seeHelp, unknownCommand, unknownOption } = await import('./commands/suggestions.ts');
  const definition = definitionOf(argv);
  const name = definition?.name ?? '';
  const [, quoted = ''] = /'(.*)'/s.exec(error.message) ?? [];
  const answer = () => {
    switch (error.code) {
      case 'commander.unknownCommand':
        return unknownCommand(definition?.isGroup ? `${name} ${quoted}` : (program.args[0] ?? ''), COMMANDS);
      case 'commander.unknownOption':
        return unknownOption(quoted, definition ?? { name });
      case 'commander.optionMissingArgument':
        return { message: `${quoted} needs a value.`, hint: seeHelp(name) };
      case 'commander.excessArguments':
        return excessArguments(commandNamed(program, name).args, definition ?? { name });
      case 'commander.missingArgument':
        return { message: `crc ${name} needs <${quoted}>.`, hint: seeHelp(name) };
      default:
        return { message: error.message.replace(/^error: /, '').replaceAll('\n', ' '), hint: seeHelp(name) };
    }
  };
  const { message, hint } = answer();
  return new CrcError(message, { hint });
}
