import { Command, CommanderError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { ArgumentDefinition, Command as CrcCommand } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { GLOBAL_OPTIONS, type OptionDefinition, type OptionDefinitions } from './commands/options.ts';
import { CrcError } from './errors.ts';
import { DEFAULT_COLUMNS, type Io } from './ui/io.ts';

const EXAMPLES = [
  ['crc sandbox -- crc bootstrap', 'try it on this machine, with no AWS account'],
  ['crc bootstrap --dry-run', 'show what would be made or changed'],
  ['crc bootstrap', 'make it so'],
  ['crc verify', 'prove that nothing has drifted'],
  ['crc deploy-function', 'ship the code of the functions, and prove that they answer'],
] as const;

/**
 * Reads one command line, loads and runs its command, and returns the exit code. Throws a CrcError for a command line that is
 * wrong, and whatever the command throws.
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw usageError(error, argv);
  }
}

/** The command's name, for an error that came before the command line was understood. */
export function commandOf(argv: readonly string[]): string {
  return argv.slice(2).find((word) => COMMANDS.some(({ name }) => name === word)) ?? 'crc';
}

function buildProgram(io: Io, exit: (code: number) => void): Command {
  const program = new Command('crc')
    .description('Makes an AWS account ready for Terraform and GitHub Actions, and proves that it stays so.')
    .version(packageJson.version)
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .exitOverride()
    // Usage errors are shown by the one catch, so that they come as JSON too.
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => io.outColumns ?? DEFAULT_COLUMNS,
      // Help has no colours to strip.
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .showHelpAfterError(false)
    .helpCommand(false)
    .hook('preAction', (_, command) => checkValues(command))
    .addHelpText('after', examples(EXAMPLES));
  addOptions(program, GLOBAL_OPTIONS);
  for (const command of COMMANDS) addCommand(program, command, io, exit);
  return program;
}

function addCommand(program: Command, definition: CrcCommand, io: Io, exit: (code: number) => void): void {
  const command = program
    .command(definition.name)
    .description(definition.summary)
    .addHelpText('after', examples(definition.examples))
    .action(async () => exit(await definition.run(command, io)));
  for (const argument of Object.values(definition.arguments ?? {})) {
    command.argument(argumentTerm(argument), argument.summary);
  }
  addOptions(command, definition.options ?? {});
}

function argumentTerm({ kind, placeholder }: ArgumentDefinition): string {
  return { required: `<${placeholder}>`, optional: `[${placeholder}]`, list: `[${placeholder}...]` }[kind];
}

function addOptions(command: Command, definitions: OptionDefinitions): void {
  for (const [key, definition] of Object.entries(definitions)) command.addOption(optionOf(key, definition));
}

function optionOf(key: string, definition: OptionDefinition): Option {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const { kind, summary } = definition;
  if (kind === 'switch') return new Option(`--${flag}`, summary);
  if (kind === 'negated') return new Option(`--no-${flag}`, summary);
  if (kind === 'optional-value') return new Option(`--${flag} [${definition.placeholder}]`, summary);
  const option = new Option(`--${flag} <${definition.placeholder}>`, summary);
  return kind === 'repeatable' ? option.argParser(collect) : option.default(definition.default);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** As it is listed: `invoke [options] <name>`. Every command takes options, the global ones at least. */
function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), '[options]', ...words].join(' ');
}

/** A flag whose value is empty is most often a variable that is not set; to go on without it would be a guess. */
function checkValues(command: Command): void {
  const values = command.optsWithGlobals<Readonly<Record<string, unknown>>>();
  const options = [...(command.parent?.options ?? []), ...command.options];
  const empty = options.find((option) => [values[option.attributeName()]].flat().includes(''));
  if (empty === undefined) return;
  throw new CrcError(`${empty.long}: its value is empty.`, {
    hint: `Write one, or leave ${empty.long} out. See \`crc ${command.name()} --help\`.`,
  });
}

function examples(lines: CrcCommand['examples']): string {
  const width = Math.max(...lines.map(([line]) => line.length));
  return `\nExamples:\n${lines.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`).join('\n')}`;
}

function usageError(error: CommanderError, argv: readonly string[]): CrcError {
  if (error.code === 'commander.help') return new CrcError('No command given.', { hint: 'See `crc --help`.' });
  const command = commandOf(argv);
  return new CrcError(error.message.replace(/^error: /, '').replace('\n', ' '), {
    hint: `See \`crc ${command === 'crc' ? '' : `${command} `}--help\`.`,
  });
}
