import { createInterface } from 'node:readline/promises';

/** Asks for a line on the terminal; empty when there is none. Throws an AbortError when the signal fires. */
export async function askLine(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    // Ctrl-D: no answer.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    return (await Promise.race([terminal.question(`${question} `, { signal }), closed])).trim();
  } finally {
    terminal.close();
  }
}

/**
 * Asks on the terminal; only `y` or `yes` is a yes. Ctrl-C in the question is passed on as SIGINT, as it would be
 * anywhere else. Throws an AbortError when the signal fires.
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test(await askLine(`${question} [y/N]`, signal));
}
