/**
 * A newcomer's first hour, timed: an empty repository, the packed package, a real terminal of 80x24, and only the commands that
 * the screen shows, from `npx crc-bootstrap init` to an account in the sandbox that is verified. Prints the transcript and the time
 * of each step. Needs npm's registry, git, Moto and `script` of util-linux.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** The prompt of a shell in the sandbox. */
const SHELL = /[$#] $/;

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'crc-first-hour-'));
const project = join(work, 'resume');

/** @type {{ what: string, seconds: number, inner: boolean }[]} */
const times = [];

const registry = await startRegistry(pack());
try {
  mkdirSync(project);
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'https://github.com/me/resume.git');

  // Return takes what is suggested; npx asks before it downloads.
  const init = await type('npx crc-bootstrap init', [[/◆|\(y\) /, '\r']]);
  const next = commandsOf(init);
  await type(commandLike(next, /^npm install/), []);
  // The sandbox is gone when its command ends, so that both commands run in one shell.
  const sandbox = commandLike(next, /sandbox/).replace(/ -- .*/, ' -- sh');
  const shell = await type(sandbox, [
    [SHELL, 'npx crc bootstrap\r'],
    [/\[y\/N\]|◆/, 'y\r'],
    [SHELL, 'npx crc verify; echo "verify: $?"\r'],
    [SHELL, 'exit\r'],
  ]);
  if (!/verify: 0/.test(shell)) throw new Error('crc verify did not exit with 0');
} finally {
  registry.close();
  rmSync(work, { recursive: true, force: true });
}

say('');
for (const { what, seconds } of times) say(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
say(
  `${times
    .reduce((sum, { seconds }) => sum + seconds, 0)
    .toFixed(1)
    .padStart(6)} s  in all`,
);

/** The lines of the screen that are commands: they are indented, and nothing else is. @param {string} screen */
function commandsOf(screen) {
  return [...screen.matchAll(/^ +((?:npx|npm|git|gh|crc) .+)$/gm)].map(([, command = '']) => command.trim());
}

/** @param {readonly string[]} commands @param {RegExp} pattern */
function commandLike(commands, pattern) {
  const match = commands.find((command) => pattern.test(command));
  if (match === undefined) throw new Error(`the screen shows no command like ${pattern}: ${commands.join('; ')}`);
  return match;
}

/**
 * Types a command line into a terminal of 80x24, and answers in turn what it asks; the last answer is given as often as its
 * question comes. Returns what the terminal showed. Throws when it does not end with 0.
 *
 * @param {string} line
 * @param {readonly (readonly [RegExp, string])[]} answers
 * @returns {Promise<string>}
 */
async function type(line, answers) {
  say(`\n$ ${line}`);
  const start = performance.now();
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|CRC_|CI$|GITHUB_|npm_|NO_COLOR|FORCE_)/.test(name),
  );
  const child = spawn('script', ['-qec', `stty cols 80 rows 24; ${line}`, '/dev/null'], {
    cwd: project,
    env: {
      ...Object.fromEntries(kept),
      SHELL: '/bin/sh',
      PS1: '$ ',
      TERM: 'xterm-256color',
      npm_config_registry: registry.url,
      npm_config_cache: join(work, 'cache'),
      // A newcomer has none, and npx asks only where no setting has answered.
      npm_config_userconfig: join(work, 'npmrc'),
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...answers];
  let screen = '';
  let from = 0;
  /** What was typed last, if it is a command of its own. @type {{ what: string, since: number } | undefined} */
  let inner;
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    process.stdout.write(chunk);
    screen += stripVTControlCharacters(chunk);
    const [next] = left;
    const match = next?.[0].exec(screen.slice(from));
    if (next === undefined || match == null) return;
    from = screen.length;
    if (left.length > 1) left.shift();
    const [pattern, typed] = next;
    if (pattern === SHELL && inner !== undefined) {
      times.push({ what: inner.what, seconds: (performance.now() - inner.since) / 1000, inner: true });
    }
    if (pattern === SHELL) inner = { what: typed.replace(/;.*|\r/g, ''), since: performance.now() };
    child.stdin.write(typed);
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${line} ended with ${code}`);
  times.push({ what: line, seconds: (performance.now() - start) / 1000, inner: false });
  return screen.replaceAll('\r\n', '\n');
}

/** The package as it would be published. */
function pack() {
  const { stdout, status, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', work], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return join(work, filename);
}

/**
 * npm's registry as it will be once the package is published: this package, and the real registry for all others.
 *
 * @param {string} tarball
 */
async function startRegistry(tarball) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], { cwd: root, encoding: 'utf8' });
  const real = stdout.trim().replace(/\/$/, '');
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/crc-bootstrap.tgz') {
      response.end(readFileSync(tarball));
      return;
    }
    if (url !== '/crc-bootstrap') {
      response.writeHead(307, { location: `${real}${url}` }).end();
      return;
    }
    const version = { ...manifest, dist: { tarball: `${address}/crc-bootstrap.tgz` } };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name: manifest.name,
        'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: version },
      }),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  return { url: `${address}/`, close: () => server.close() };
}

/** @param {string[]} args */
function git(...args) {
  const { status, stderr } = spawnSync('git', args, { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}
