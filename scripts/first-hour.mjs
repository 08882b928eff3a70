/**
 * Times a newcomer's first hour: an empty repository, the packed package, a real 80x24 terminal, and only commands that
 * appear on the screen, from `npx crc-bootstrap init` to a verified account in the sandbox. Prints the transcript and
 * the duration of each step. Needs the npm registry, git, Moto and `script` from util-linux.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** The shell prompt in the sandbox. */
const PROMPT = /[$#] $/;

const root = fileURLToPath(new URL('..', import.meta.url));
const workFolder = mkdtempSync(join(tmpdir(), 'crc-first-hour-'));
const project = join(workFolder, 'resume');

/** @type {{ command: string, seconds: number, subcommand: boolean }[]} */
const times = [];

const registry = await startRegistry(pack());
try {
  mkdirSync(project);
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'https://github.com/me/resume.git');

  // Return accepts the suggested answer; npx asks before it downloads a package.
  const init = await runInTerminal('npx crc-bootstrap init', [[/◆|\(y\) /, '\r']]);
  const next = commandsOf(init);
  await runInTerminal(commandLike(next, /^npm install/), []);
  // The sandbox ends with its command, so bootstrap and verify run in one shell.
  const sandbox = commandLike(next, /sandbox/).replace(/ -- .*/, ' -- sh');
  const shell = await runInTerminal(sandbox, [
    [PROMPT, 'npx crc bootstrap\r'],
    [/\[y\/N\]|◆/, 'y\r'],
    [PROMPT, 'npx crc verify; echo "verify: $?"\r'],
    [PROMPT, 'exit\r'],
  ]);
  if (!/verify: 0/.test(shell)) throw new Error('crc verify did not exit with 0');
} finally {
  registry.close();
  rmSync(workFolder, { recursive: true, force: true });
}

print('');
for (const { command, seconds } of times) print(`${seconds.toFixed(1).padStart(6)} s  ${command}`);
print(
  `${times
    .reduce((sum, { seconds }) => sum + seconds, 0)
    .toFixed(1)
    .padStart(6)} s  total`,
);

/** Commands on the screen, which are the only indented lines. @param {string} screen */
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
 * Types a command line into an 80x24 terminal and answers its prompts in order; the last answer is repeated as often as
 * its prompt appears. Returns the terminal's output. Throws if the exit code is not 0.
 *
 * @param {string} line
 * @param {readonly (readonly [RegExp, string])[]} answers
 * @returns {Promise<string>}
 */
async function runInTerminal(line, answers) {
  print(`\n$ ${line}`);
  const start = performance.now();
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|CRC_|CI$|GITHUB_|npm_|NO_COLOR|FORCE_)/.test(name),
  );
  const child = spawn('script', ['-qec', `stty cols 80 rows 24; ${line}`, '/dev/null'], {
    cwd: project,
    env: {
      ...Object.fromEntries(inherited),
      SHELL: '/bin/sh',
      PS1: '$ ',
      TERM: 'xterm-256color',
      npm_config_registry: registry.url,
      npm_config_cache: join(workFolder, 'cache'),
      // A file that does not exist, as for newcomers: npx asks only if no setting provides the answer.
      npm_config_userconfig: join(workFolder, 'npmrc'),
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pending = [...answers];
  let screen = '';
  let from = 0;
  /** The command that was last typed in the sandbox's shell. @type {{ command: string, since: number } | undefined} */
  let subcommand;
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    process.stdout.write(chunk);
    screen += stripVTControlCharacters(chunk);
    const [next] = pending;
    const match = next?.[0].exec(screen.slice(from));
    if (next === undefined || match == null) return;
    from = screen.length;
    if (pending.length > 1) pending.shift();
    const [pattern, typed] = next;
    if (pattern === PROMPT && subcommand !== undefined) {
      times.push({
        command: subcommand.command,
        seconds: (performance.now() - subcommand.since) / 1000,
        subcommand: true,
      });
    }
    if (pattern === PROMPT) subcommand = { command: typed.replace(/;.*|\r/g, ''), since: performance.now() };
    child.stdin.write(typed);
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${line} ended with ${code}`);
  times.push({ command: line, seconds: (performance.now() - start) / 1000, subcommand: false });
  return screen.replaceAll('\r\n', '\n');
}

/** Packs the package as it would be published. */
function pack() {
  const { stdout, status, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', workFolder], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return join(workFolder, filename);
}

/**
 * Emulates the npm registry after the release: serves this package and redirects other requests to the real registry.
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
function print(text) {
  process.stdout.write(`${text}\n`);
}
