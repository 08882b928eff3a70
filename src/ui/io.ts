/** Where output goes and what kind of terminal it is. Results to `out`, progress and errors to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** stdout takes colours. */
  readonly color: boolean;
  /** stderr is a terminal, and no CI: spinners make sense. */
  readonly live: boolean;
  /** stdin and stderr are terminals: a person can be asked. */
  readonly interactive: boolean;
  /** Width of the terminal that stdout is, where a person reads results; undefined when it is none. */
  readonly outColumns: number | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Width that is assumed where nothing tells it, as commander has it. */
export const DEFAULT_COLUMNS = 80;

/** All control characters but line breaks, tabs, and the colours that crc itself paints with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const HARMFUL = /\u001b(?!\[[0-9;]*m)|[^\P{Cc}\n\t\u001b]/gu;

/**
 * What may be written to a terminal: what AWS, a token or a function says may have been written by anyone, and a terminal
 * obeys control sequences (https://cwe.mitre.org/data/definitions/150.html). Lambda's logs have `\r` for line breaks.
 */
export function harmless(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(HARMFUL, (sign) => `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}
