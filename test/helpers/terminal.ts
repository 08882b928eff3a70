import { spawn } from 'node:child_process';
import { SCRIPT } from './cli.ts';

/** What a person at a terminal types once a text is shown, and what happens before it is typed. */
export type Typed = readonly (readonly [shown: RegExp, typed: string | (() => Promise<string>)])[];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const SEQUENCES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** A word of a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Runs a line of the shell in a real terminal (a pty), with `crc` for the built crc, and types the answers in turn. Returns what
 * the terminal showed, without colours and movements of the cursor, and the exit code.
 */
export async function inTerminal(
  line: string,
  {
    cwd,
    env,
    typed = [],
  }: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly typed?: Typed },
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const crc = `crc() { ${quoted(process.execPath)} ${quoted(SCRIPT)} "$@"; }`;
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|CRC_|CI$|NO_COLOR|FORCE_COLOR|GITHUB_)/.test(name)),
  );
  return await new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', `stty cols 100 rows 40; ${crc}; ${line}`, '/dev/null'], {
      cwd,
      env: { ...clean, SHELL: '/bin/sh', TERM: 'xterm', AWS_EC2_METADATA_DISABLED: 'true', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    let from = 0;
    const left = [...typed];
    child.stdout.on('data', (chunk) => {
      shown += String(chunk);
      const [next] = left;
      const match = next?.[0].exec(shown.slice(from));
      if (next === undefined || match == null) return;
      from += match.index + match[0].length;
      left.shift();
      const [, answer] = next;
      if (typeof answer === 'string') child.stdin.write(answer);
      else answer().then((text) => child.stdin.write(text), reject);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, shown: shown.replaceAll('\r\n', '\n').replace(SEQUENCES, '') }));
  });
}
