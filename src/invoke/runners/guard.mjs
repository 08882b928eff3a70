/**
 * Runs between crc and a function on this machine, so that nothing of the function outlives crc, however crc ends: it
 * owns the temporary folder, ends the function and everything that the function started, and removes the folder.
 * Argument: the start of the folder's path.
 *
 * Writes one JSON document per line to stdout: `{ folder }` or `{ error }`, then `{ log, code, ended, message }`. Reads
 * one line from stdin, the Task in ../guarded.ts. The end of stdin means that crc has ended or wants to stop.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The number of characters to keep from a log, as in Lambda's log tail. */
const LOG_TAIL = 4_096;

/**
 * In milliseconds, to read what is left in the pipes after a process has ended. A process that left its group could
 * keep them open forever.
 */
const DRAIN = 500;

/** @type {string | undefined} */
let folder;
/** @type {import('node:child_process').ChildProcess | undefined} */
let child;
/** A value in the environment of the function and of everything that it starts. */
let mark = '';

function killFunction() {
  if (child?.pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  kill(-child.pid);
  for (const pid of processesWith(mark)) kill(pid);
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has already ended.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * Processes that left the function's group (setsid). They can only be found on Linux, which shows their environment.
 */
function processesWith(/** @type {string} */ value) {
  if (process.platform !== 'linux' || value === '') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').includes(value);
      } catch {
        // It belongs to another user, or has ended.
        return false;
      }
    })
    .map(Number);
}

/** @param {number} code */
function end(code) {
  killFunction();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

/** @param {object} document @param {() => void} [then] */
function say(document, then) {
  process.stdout.write(`${JSON.stringify(document)}\n`, then);
}

/** @param {import('../guarded.ts').Task} task */
function start({ program, args, cwd, env, input, startSeconds, timeoutSeconds, mark: given }) {
  mark = given;
  // A separate process group, which can be ended as a whole.
  const detached = process.platform !== 'win32';
  const stdio = /** @type {('ignore' | 'pipe')[]} */ (['ignore', 'pipe', 'pipe', 'pipe', 'pipe']);
  const running = spawn(program, args, { cwd, env, stdio, detached, windowsHide: true });
  child = running;
  let log = '';
  let messages = '';
  /** @type {'itself' | 'start' | 'timeout'} */
  let ended = 'itself';
  let timer = setTimeout(() => stop('start'), startSeconds * 1_000);

  /** @param {'start' | 'timeout'} why */
  function stop(why) {
    ended = why;
    killFunction();
  }
  const [, out, err, event, answers] = running.stdio;
  for (const stream of [out, err]) {
    /** @type {import('node:stream').Readable} */ (stream).setEncoding('utf8').on('data', (chunk) => {
      log = `${log}${chunk}`.slice(-LOG_TAIL);
    });
  }
  let isStarted = false;
  /** @type {import('node:stream').Readable} */ (answers).setEncoding('utf8').on('data', (chunk) => {
    messages += chunk;
    if (isStarted || !messages.includes('\n')) return;
    isStarted = true;
    clearTimeout(timer);
    timer = setTimeout(() => stop('timeout'), timeoutSeconds * 1_000);
  });
  // The program may end without reading its input.
  for (const stream of [event, answers]) stream?.on('error', () => undefined);
  /** @type {import('node:stream').Writable} */ (event).end(input);

  const report = (/** @type {number | null | undefined} */ code) => {
    clearTimeout(timer);
    const [, message = ''] = messages.split('\n');
    killFunction();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    say({ log, code, ended, message }, () => process.exit(0));
  };
  running.once('error', () => report(undefined));
  running.once('exit', (code) => {
    killFunction();
    const late = setTimeout(() => report(code), DRAIN);
    running.once('close', () => {
      clearTimeout(late);
      report(code);
    });
  });
}

for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => end(1));
// crc no longer reads the output.
process.stdout.on('error', () => end(1));
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => start(JSON.parse(line)));
lines.on('close', () => end(1));

try {
  folder = mkdtempSync(process.argv[2] ?? '');
  say({ folder });
} catch (error) {
  const { code, syscall, path, message } = /** @type {NodeJS.ErrnoException} */ (error);
  say({ error: { code, syscall, path, message } }, () => process.exit(1));
}
