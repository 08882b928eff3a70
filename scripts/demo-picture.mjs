import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { terminalLines, terminalPicture } from './terminal-picture.mjs';

const SIZE = { columns: 100, rows: 60 };
const TYPED = 'npx crc-bootstrap demo';

/**
 * The pictures of docs/, by their names: `demo.svg`, all that `crc demo` shows in a terminal, and `drift.svg`, the steps of it in
 * which drift is detected and fixed. They are of a real run of the built crc. The same output gives the same pictures:
 * durations, the one thing that differs from run to run, are left out. Throws when the demo fails, and where there is no
 * `script` of util-linux to make a terminal, or no Moto.
 *
 * @returns {Promise<Readonly<Record<string, string>>>}
 */
export async function demoPictures() {
  const lines = await terminalLines(`\u001b[2m$\u001b[22m ${TYPED}\n${withoutDurations(demo())}`, SIZE.columns);
  const start = lineOf(lines, /^4\. /);
  const end = lineOf(lines, /^6\. /);
  const { columns } = SIZE;
  return {
    'demo.svg': terminalPicture(lines, { columns, title: `A terminal: ${TYPED}` }),
    'drift.svg': terminalPicture(lines.slice(start, end - 1), {
      columns,
      title: `A terminal: steps 4 and 5 of ${TYPED}`,
    }),
  };
}

/** What `crc demo` writes to a terminal. */
function demo() {
  const crc = fileURLToPath(new URL('../bin/crc.js', import.meta.url));
  const line = `stty cols ${SIZE.columns} rows ${SIZE.rows}; exec "$CRC_NODE" "$CRC_SCRIPT" demo`;
  const { status, stdout, error } = spawnSync('script', ['-qec', line, '/dev/null'], {
    encoding: 'utf8',
    env: { ...environment(), CRC_NODE: process.execPath, CRC_SCRIPT: crc },
  });
  if (error !== undefined) {
    throw new Error(`A terminal needs script of util-linux: ${error.message}. On Debian: apt install bsdutils`);
  }
  if (status !== 0) throw new Error(`crc demo ended with ${status}:\n${stdout}`);
  return stdout;
}

/** That of a person who has just installed crc, with nothing that changes what crc shows. */
function environment() {
  const names = /^(AWS_|CRC_|CI$|NO_COLOR$|FORCE_COLOR$|GITHUB_|npm_)/;
  const rest = Object.entries(process.env).filter(([name]) => !names.test(name));
  return { ...Object.fromEntries(rest), SHELL: '/bin/sh', TERM: 'xterm-256color' };
}

/** @param {string} text */
function withoutDurations(text) {
  return text.replace(/(,| in)? \d+(\.\d+)? (s|seconds?)\b/g, '');
}

/**
 * @param {Awaited<ReturnType<typeof terminalLines>>} lines
 * @param {RegExp} words
 */
function lineOf(lines, words) {
  const index = lines.findIndex((runs) => words.test(runs.map(({ text }) => text).join(' ')));
  if (index === -1) throw new Error(`crc demo has no line that starts with ${words}: choose other steps to show.`);
  return index;
}
