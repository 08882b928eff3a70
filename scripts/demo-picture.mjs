import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { terminalLines, terminalPicture } from './terminal-picture.mjs';

const SIZE = { columns: 100, rows: 60 };
const TYPED = 'npx crc-bootstrap demo';

/**
 * The pictures in docs/ by file name: `demo.svg`, the entire terminal output of `crc demo`, and `drift.svg`, its steps
 * that detect and fix drift. They show a real run of the built crc, without durations, so that the same output yields
 * the same pictures. Throws if the demo fails, or if Moto or `script` from util-linux, which provides the terminal, is
 * missing.
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

/** The output of `crc demo` in a terminal. */
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

/** The environment of a user who has just installed crc, without variables that affect its output. */
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
