import type { Environment } from '../environment.ts';
import type { OwnCommand } from './own-command.ts';

/** Where output goes and what the terminal supports. Results go to `out`, progress and errors to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** A workflow command of GitHub Actions (an annotation), which `out` and `err` would escape. */
  command(line: string): void;
  /** stdout supports colours. */
  readonly color: boolean;
  /** stderr is a terminal, and not CI: spinners are useful. */
  readonly live: boolean;
  /** stdin and stderr are terminals, so crc can prompt. */
  readonly interactive: boolean;
  /** Width of the terminal on stdout, where results are read; undefined if it is not a terminal. */
  readonly outColumns: number | undefined;
  /** Width of the terminal on stderr, where notes and errors are read; undefined if it is not a terminal. */
  readonly errColumns: number | undefined;
  /** How the user types a crc command where this run was started. */
  readonly own: OwnCommand;
  readonly cwd: string;
  readonly env: Environment;
}

/** The width when the terminal reports none; commander uses the same. */
export const DEFAULT_COLUMNS = 80;

/** All control characters but line breaks and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;
/** All of `CONTROLS` but the colours that crc itself uses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the subject.
const CONTROLS_BUT_COLOURS = /\u001b(?!\[[0-9;]*m)|[^\P{Cc}\n\t\u001b]/gu;

/** What reads the output. */
export interface Reader {
  /** crc uses colours. If not, any colour comes from elsewhere. */
  readonly color: boolean;
  /**
   * The runner of GitHub Actions, which executes some lines.
   * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
   */
  readonly actions: boolean;
  /** It supports only ASCII, according to the terminal's locale. */
  readonly ascii?: boolean;
}

/** ASCII replacements for the symbols that crc itself writes. */
const IN_ASCII: Readonly<Record<string, string>> = {
  '✓': 'v',
  '✗': 'x',
  '•': '*',
  '·': '.',
  '→': '->',
  '…': '...',
  '’': "'",
};
const BEYOND_ASCII = new RegExp(`[${Object.keys(IN_ASCII).join('')}]`, 'g');

/**
 * Whether a terminal's locale supports more than ASCII. An unset locale, as over ssh and in containers, counts as
 * UTF-8, which terminals use. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02
 */
export function knowsUnicode({ LC_ALL, LC_CTYPE, LANG }: Io['env']): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return locale === undefined || locale === '' || /utf-?8/i.test(locale);
}

/** `CI=false` is a common way to switch it off. */
export function isCi({ CI }: Io['env']): boolean {
  return Boolean(CI) && CI !== 'false' && CI !== '0';
}

/**
 * The last gate of all output: makes visible anything that a terminal or GitHub's runner would interpret, should
 * foreign text have passed the renderers unescaped. Leaves crc's own output, including JSON documents, unchanged.
 */
export function harmless(given: string, { color, actions, ascii = false }: Reader): string {
  const text = ascii ? given.replace(BEYOND_ASCII, (sign) => IN_ASCII[sign] ?? sign) : given;
  const visible = text
    .replace(/\r\n?/g, '\n')
    .replace(
      color ? CONTROLS_BUT_COLOURS : CONTROLS,
      (sign) => `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
    );
  if (!actions) return visible;
  return visible.replace(/^([^\S\n]*)::/gm, String.raw`$1\x3a:`).replaceAll('##[', String.raw`##\x5b`);
}

/** A workflow command as it may be written: one line. */
export function commandLine(line: string): string {
  return harmless(line, { color: false, actions: false }).replaceAll('\n', ' ');
}
