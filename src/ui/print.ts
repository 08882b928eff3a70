import type { Io } from './io.ts';
import { asTyped } from './own-command.ts';

/**
 * Prints a result for a person: wrapped to the width of the terminal, and with crc commands as they work where this run
 * was started. In a file or a pipe, nothing is wrapped, so that `grep` works, and the wrapping code is not loaded. For
 * text to paste or parse (JSON, YAML, HCL, shell lines), call `io.out` instead.
 */
export async function printOut(io: Io, text: string): Promise<void> {
  io.out(await wrapped(asTyped(text, io), io.outColumns));
}

/** Like `printOut`, on stderr: errors, notes, hints. */
export async function printErr(io: Io, text: string): Promise<void> {
  io.err(await forStderr(io, text));
}

/** A text as `printErr` prints it. */
export async function forStderr(io: Io, text: string): Promise<string> {
  return await wrapped(asTyped(text, io), io.errColumns);
}

/** A text wrapped for a terminal of this many columns; unchanged without a terminal. */
export async function wrapped(text: string, columns: number | undefined): Promise<string> {
  if (columns === undefined || !text.split('\n').some((line) => mayBeLonger(line, columns))) return text;
  const { wrap } = await import('./wrap.ts');
  return wrap(text, columns);
}

/** Shell lines: comments wrapped for the terminal, commands unchanged for pasting. */
export async function shellLines(lines: readonly string[], columns: number | undefined): Promise<readonly string[]> {
  return await Promise.all(
    lines.map(async (line) => {
      if (columns === undefined || !line.startsWith('# ')) return line;
      const text = await wrapped(line.slice(2), columns - 2);
      return text.replace(/^ */gm, '# ');
    }),
  );
}

/** Whether a line may be wider than the terminal. Colours add characters, and some characters are two columns wide. */
function mayBeLonger(line: string, columns: number): boolean {
  return line.length > columns || /[\u1100-\u1fff\u2e80-\uffff]/.test(line);
}
