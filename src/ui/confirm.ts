import { createInterface } from 'node:readline/promises';
import { wrapped } from './print.ts';

/** Asks for a line on the terminal; empty when there is none. Throws an AbortError when the signal fires. */
export async function askLine(question: string, signal: AbortSignal): Promise<string> {
  const asked = await wrapped(question, process.stderr.columns);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  let ended = false;
  try {
    // Ctrl-D: no answer, and the cursor is still behind the question.
    const closed = new Promise<string>((resolve) =>
      terminal.once('close', () => {
        if (!ended) process.stderr.write('\n');
        resolve('');
      }),
    );
    return (await Promise.race([terminal.question(`${asked} `, { signal }), closed])).trim();
  } finally {
    ended = true;
    terminal.close();
  }
}

/**
 * Asks on the terminal until the answer is a yes or a no; no answer is a no. Ctrl-C in the question is passed on as SIGINT, as
 * it would be anywhere else. Throws an AbortError when the signal fires.
 */
export async function confirm(question: string, signal: AbortSignal, ask: typeof askLine = askLine): Promise<boolean> {
  for (let asked = question; ; asked = `Please answer yes or no. ${question}`) {
    const answer = await ask(`${asked} [y/N]`, signal);
    if (/^y(es)?$/i.test(answer)) return true;
    if (/^(no?)?$/i.test(answer)) return false;
  }
}
