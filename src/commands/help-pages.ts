import { documentationUrl } from '../documentation.ts';
import type { Definition } from './command.ts';
import { argumentTerm, flagTerm } from './flags.ts';
import { GLOBAL_OPTIONS, type OptionDefinitions } from './options.ts';

type Row = readonly [term: string, what: string];

const EXAMPLES = 'crc demo; in your own repository: crc init, then crc plan';

const HELP_OPTIONS: readonly Row[] = [
  ['-h, --help', 'show the help of crc or of a command'],
  ['-v, -V, --version', 'print the version of crc'],
];

/** The output of `crc` alone: every command with its summary, in groups, on one screen of 80 columns and 24 rows. */
export function overviewPage(commands: readonly Definition[]): string {
  const listed = commands.filter(({ listing }) => listing === undefined);
  const groups = [...new Set(listed.map(({ group }) => group))];
  const rows = groups.flatMap((group) =>
    listed
      .filter((command) => command.group === group)
      .map(({ name, summary }, index) => [index === 0 ? group : '', name, summary] as const),
  );
  const lines = [
    'crc prepares an AWS account for Terraform and GitHub Actions.',
    '',
    ...aligned(rows),
    '',
    `  Examples  ${EXAMPLES}`,
    '  Help      crc help COMMAND, crc help options, crc completion SHELL',
    `  Docs      ${documentationUrl()}`,
  ];
  return page(lines);
}

/** The output of `crc help COMMAND`. */
export function commandPage(command: Definition): string {
  const { name, summary, description, options = {}, exitCodes, examples } = command;
  const words = Object.values(command.arguments ?? {});
  const codes = Object.entries(exitCodes).map(
    ([code, meaning]) => [code === 'other' ? 'else' : code, meaning] as const,
  );
  const usage = ['crc', name, ...words.map(argumentTerm), '[options]'].join(' ');
  const lines = [
    `crc ${name}: ${summary}`,
    '',
    `Usage: ${usage}`,
    ...(description === undefined ? [] : ['', description]),
    ...section(
      'Arguments',
      words.map((word) => [argumentTerm(word), word.summary]),
    ),
    ...section('Options', optionRows(options)),
    ...section('Exit codes', codes),
    '',
    'Examples:',
    ...examples.flatMap(([line, what]) => [`  # ${what}`, `  ${line}`]),
    '',
    'Global options: crc help options',
  ];
  return page(lines);
}

/** The output of `crc help state`: the commands of a group. */
export function groupPage(group: Definition, commands: readonly Definition[]): string {
  const { name, summary, description, examples } = group;
  const lines = [
    `crc ${name}: ${summary}`,
    ...(description === undefined ? [] : ['', description]),
    ...section(
      'Commands',
      commands.map((command) => [command.name, command.summary]),
    ),
    '',
    'Examples:',
    ...examples.flatMap(([line, what]) => [`  # ${what}`, `  ${line}`]),
    '',
    `One command: crc help ${name} COMMAND`,
  ];
  return page(lines);
}

/** The output of `crc help options`: the flags of every command. */
export function optionsPage(): string {
  const lines = [
    'Options of every command, before or after the command name',
    '',
    ...aligned([...optionRows(GLOBAL_OPTIONS), ...HELP_OPTIONS]),
    '',
    'A usage error exits with 1, Ctrl-C with 130.',
  ];
  return page(lines);
}

function optionRows(options: OptionDefinitions): readonly Row[] {
  return Object.entries(options).map(([key, definition]) => {
    const fallback = definition.kind === 'value' && definition.default !== undefined ? definition.default : undefined;
    const summary = fallback === undefined ? definition.summary : `${definition.summary}; default: ${fallback}`;
    return [flagTerm(key, definition), summary];
  });
}

function section(title: string, rows: readonly Row[]): readonly string[] {
  return rows.length === 0 ? [] : ['', `${title}:`, ...aligned(rows)];
}

/** Rows as lines, with each column as wide as its longest word. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = rows;
  const widths = first.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
