import type { Io } from './io.ts';
import { asTyped } from './own-command.ts';

/**
 * Prints a result for a person, wrapped at the width of the terminal that reads it, with commands of
 * crc as they work there. Elsewhere (a file, a pipe) nothing is
 * wrapped, so that each line can be searched for, and nothing that wraps is loaded. Text for pasting or parsing (JSON, YAML,
 * HCL, lines for a shell) goes to `io.out` as it is.
 */
export async function printOut(io: Io, text: string): Promise<void> {
  io.out(await wrapped(asTyped(text, io), io.outColumns));
}

/** The same on stderr: errors, notes, hints. */
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

/** Colours matter here, and so do characters that are two columns wide. */
function mayBeLonger(line: string, columns: number): boolean {
  return line.length > columns || /[\u1100-\u1fff\u2e80-\uffff]/.test(line);
}
