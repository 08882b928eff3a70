import type { Environment } from '../environment.ts';
import type { OwnCommand } from './own-command.ts';

/** Where output goes and what kind of terminal it is. Results to `out`, progress and errors to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** A workflow command of GitHub Actions (an annotation), which nothing in `out` and `err` can be. */
  command(line: string): void;
  /** stdout takes colours. */
  readonly color: boolean;
  /** stderr is a terminal, and no CI: spinners make sense. */
  readonly live: boolean;
  /** stdin and stderr are terminals: a person can be asked. */
  readonly interactive: boolean;
  /** Width of the terminal that stdout is, where a person reads results; undefined when it is none. */
  readonly outColumns: number | undefined;
  /** The same for stderr, where a person reads notes and errors. */
  readonly errColumns: number | undefined;
  /** How a person types a command of crc where this run was started. */
  readonly own: OwnCommand;
  readonly cwd: string;
  readonly env: Environment;
}

/** The width when the terminal reports none; commander uses the same. */
export const DEFAULT_COLUMNS = 80;

/** All control characters but line breaks and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;
/** The same, but for the colours that crc itself paints with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const CONTROLS_BUT_COLOURS = /\u001b(?!\[[0-9;]*m)|[^\P{Cc}\n\t\u001b]/gu;

/** What reads the output. */
export interface Reader {
  /** crc paints. Where it does not, a colour is another's. */
  readonly color: boolean;
  /** The runner of GitHub Actions, which obeys some lines. https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
  readonly actions: boolean;
  /** It knows ASCII alone: a terminal whose locale says so. */
  readonly ascii?: boolean;
}

/** What stands for the signs that crc itself writes where there is ASCII alone. */
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
 * Whether a terminal's locale has more than ASCII. One that is not set says nothing, as over ssh and in containers, where UTF-8 is
 * what terminals take. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02
 */
export function knowsUnicode({ LC_ALL, LC_CTYPE, LANG }: Io['env']): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return locale === undefined || locale === '' || /utf-?8/i.test(locale);
}

/** `CI=false` is how some switch it off. */
export function isCi({ CI }: Io['env']): boolean {
  return Boolean(CI) && CI !== 'false' && CI !== '0';
}

/**
 * The last gate of all output: what a terminal or GitHub's runner would obey becomes visible, should a text of another's making
 * have passed the renderers as it is. What they write, documents of JSON among it, it leaves alone.
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
