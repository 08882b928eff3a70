import { createInterface } from 'node:readline/promises';

/**
 * Asks on the terminal; only `y` or `yes` is a yes. Ctrl-C in the question is passed on as SIGINT, as it would be
 * anywhere else. Throws an AbortError when the signal fires.
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    // Ctrl-D: no answer is no.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), closed]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}
