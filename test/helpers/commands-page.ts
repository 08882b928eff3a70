import type { Definition } from '../../src/commands/command.ts';
import { argumentTerm, flagTerm } from '../../src/commands/flags.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { GLOBAL_OPTIONS, type OptionDefinitions } from '../../src/commands/options.ts';

type Row = readonly string[];

/** docs/commands.md, generated from the command definitions. */
export function commandsPage(): string {
  const listed = COMMANDS.filter(({ listing }) => listing !== 'none');
  const groups = [...new Set(listed.map(({ group }) => group))];
  return [
    '# Commands',
    '',
    '<!-- Generated from src/commands/definitions/ by `npm run docs`. -->',
    '',
    '`crc` without arguments lists all commands. `crc help COMMAND` shows the options, exit codes and examples of a command.',
    '',
    ...markdownTable(
      ['command', 'does'],
      listed.map(({ name, summary }) => [`[\`crc ${name}\`](#${anchorOf(`crc ${name}`)})`, summary]),
    ),
    '',
    '## Options of every command',
    '',
    ...markdownTable(['option', 'what'], [...optionRows(GLOBAL_OPTIONS), ...HELP_ROWS]),
    '',
    'You can write them, and `--only` where a command has it, before or after the name of the command.',
    '',
    '## Exit codes of every command',
    '',
    ...markdownTable(
      ['code', 'meaning'],
      [
        [
          '1',
          'a usage error, an invalid config, credentials that do not work, or an account other than the one in the config',
        ],
        [
          '130',
          'Ctrl-C: requests in progress get 5 seconds to finish, and crc shows what was done and what was not started',
        ],
        ['143', 'the same after SIGTERM'],
      ],
    ),
    '',
    'Results go to stdout, progress and errors to stderr. With `--json` stdout is one document: [json.md](json.md).',
    '',
    ...groups.flatMap((group) => listed.filter((command) => command.group === group).flatMap(section)),
    ...PROSE,
    '',
  ].join('\n');
}

const HELP_ROWS: readonly Row[] = [
  ['`-h`, `--help`', 'show the help of crc or of a command'],
  ['`-v`, `-V`, `--version`', 'print the version of crc'],
];

const PROSE: readonly string[] = [
  '## Notice of a newer version',
  '',
  'On a terminal crc says at most once a day that a newer version is available. It asks the registry that npm is configured for, in a',
  'process of its own that no command waits for, at most once a day and not on the first run; it sends the name of the package and',
  'nothing else. It neither asks nor says anything in CI, with `--json`, where stderr is not a terminal, or when `NO_UPDATE_NOTIFIER` is',
  'set. What it knows is in `update.json` in your folder for caches: `~/.cache/crc-bootstrap` (or `$XDG_CACHE_HOME/crc-bootstrap`) on',
  'Linux, `~/Library/Caches/crc-bootstrap` on macOS, `%LOCALAPPDATA%\\crc-bootstrap\\Cache` on Windows.',
  '',
  '## JSON of `crc plan`',
  '',
  '`crc plan --json` prints the document of `crc bootstrap --dry-run --json`. Its `command` is `plan`, the command that was run, as in',
  'every document.',
];

function section(command: Definition): readonly string[] {
  const { name, summary, description, arguments: arguments_ = {}, options = {}, exitCodes, examples } = command;
  const terms = Object.values(arguments_).map((word) => [`\`${argumentTerm(word)}\``, word.summary]);
  return [
    `## crc ${name}`,
    '',
    sentence(summary),
    ...(description === undefined ? [] : ['', description]),
    '',
    '```',
    ['crc', name, ...Object.values(arguments_).map(argumentTerm), '[options]'].join(' '),
    '```',
    '',
    ...optional(markdownTable(['argument', 'what'], terms)),
    ...optional(markdownTable(['option', 'what'], optionRows(options))),
    ...markdownTable(
      ['exit code', 'meaning'],
      Object.entries(exitCodes).map(([code, meaning]) => [code, meaning]),
    ),
    '',
    '```sh',
    ...examples.flatMap(([line, meaning]) => [`# ${meaning}`, line]),
    '```',
    '',
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function optionRows(options: OptionDefinitions): readonly Row[] {
  return Object.entries(options).map(([key, definition]) => {
    const fallback =
      definition.kind === 'value' && definition.default !== undefined ? `; default: \`${definition.default}\`` : '';
    return [`\`${flagTerm(key, definition)}\``, `${definition.summary}${fallback}`];
  });
}

function optional(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

/** A table with aligned columns, formatted as Biome does. */
export function markdownTable(head: Row, rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return [];
  const escaped = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(...escaped.map((row) => row[column]?.length ?? 0)));
  const [first = '', ...rest] = escaped.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [first, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest];
}

/** The anchor that GitHub generates for a heading. */
function anchorOf(heading: string): string {
  return heading.replaceAll(' ', '-');
}
