/**
 * The package as its users get it: packed, linted by publint, installed in an empty folder, and run there on each version of
 * Node that crc supports, and the projects that `crc init` writes. Needs Moto for the sandbox; CRC_REQUIRE=moto makes its absence a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { checkProject } from './check-project.mjs';
import { run } from './run.mjs';

const VERSIONS = ['20', '22', '24'];

/** Bytes. Most of it is the AWS SDK, parsers, and IAM's reference, which are inside so that a user installs one package. */
const LARGEST = 1_500_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'crc-package-'));
const hasMoto = spawnSync('moto_server', ['--help']).error === undefined;

try {
  const tarball = await pack();
  await lint();
  const project = join(work, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', '--no-audit', '--no-fund', '--silent', tarball], { cwd: project });
  const tools = { tarball, work, hasMoto, say };
  await allOf([
    // One after the other: npx would install the tarball to one folder of its cache at once.
    async () => {
      await checkProject({ kind: 'typescript', installed: false }, tools);
      await checkProject({ kind: 'python', installed: false }, tools);
    },
    ...VERSIONS.map((version) => () => checkNode(version, project)),
    () => checkProject({ kind: 'typescript', installed: true }, tools),
    () => checkCommands(project),
  ]);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * Two at a time, since each waits for one program after the other. All of them end before the first problem is thrown: the folder
 * that they work in goes.
 *
 * @param {readonly (() => Promise<void>)[]} checks
 */
async function allOf(checks) {
  const two = pLimit(2);
  const results = await Promise.allSettled(checks.map((check) => two(check)));
  const problems = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  for (const problem of problems.slice(1)) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) throw problems[0];
}

async function pack() {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', work], { cwd: root });
  const [{ filename, size, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  const tarball = join(work, filename);
  say(`${filename}: ${Math.round(size / 1000)} kB, ${files.length} files`);
  if (statSync(tarball).size > LARGEST) throw new Error(`the package is over ${LARGEST} bytes`);
  const paths = files.map((/** @type {{ path: string }} */ { path }) => path);
  for (const path of [
    'dist/cli.cjs',
    'dist/THIRD-PARTY-LICENSES.txt',
    'dist/runners/guard.mjs',
    'dist/runners/run-node.mjs',
    'dist/runners/run_python.py',
    'dist/runners/probe_python.py',
    'config.schema.json',
    'LICENSE',
  ]) {
    if (!paths.includes(path)) throw new Error(`the package has no ${path}`);
  }
  const stray = paths.filter((/** @type {string} */ path) => /(^|\/)(test|src|node_modules|__pycache__)\//.test(path));
  if (stray.length > 0) throw new Error(`the package has ${stray.join(', ')}`);
  return tarball;
}

async function lint() {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  const problems = messages
    .filter((message) => message.type !== 'suggestion' && !isTextOfTheBundle(message))
    .map((message) => formatMessage(message, pkg));
  if (problems.length > 0) throw new Error(`publint: ${problems.join('; ')}`);
  say('publint: nothing to say');
}

/**
 * Whether publint took text for code: it looks for `import` and `export` in strings, too, and the bundle has them there. What
 * is real code of the other format Node refuses to parse.
 *
 * @param {import('publint').Message} message
 */
function isTextOfTheBundle({ code, args }) {
  if (code !== 'FILE_INVALID_EXPLICIT_FORMAT') return false;
  const { actualFilePath = '' } = args;
  if (!/^\/dist\/[^/]+\.cjs$/.test(actualFilePath)) return false;
  return spawnSync(process.execPath, ['--check', join(root, actualFilePath)]).status === 0;
}

/** The two names of the command, and its demo. @param {string} project */
async function checkCommands(project) {
  await run('npx', ['crc', '--version'], { cwd: project });
  await run('npx', ['crc-bootstrap', '--version'], { cwd: project });
  if (!hasMoto) return;
  const { stdout } = await run('npx', ['crc-bootstrap', 'demo'], { cwd: project });
  say(`crc-bootstrap demo: ${stdout.trimEnd().split('\n').length} lines`);
}

/** @param {string} version @param {string} project */
async function checkNode(version, project) {
  const node = await nodeOf(version);
  const script = join(project, 'node_modules/crc-bootstrap/bin/crc.js');
  const cwd = mkdtempSync(join(project, `node-${version}-`));
  const flags = ['--yes', '--repository', 'me/resume', '--region', 'eu-west-2', '--account', '123456789012'];
  await run(node, [script, 'init', ...flags], { cwd });
  if (hasMoto) {
    await run(node, [script, 'sandbox', '--', 'crc', 'bootstrap'], { cwd });
    const line = 'crc bootstrap --json && crc verify && crc deploy-function';
    await run(node, [script, 'sandbox', '--', 'sh', '-c', line], { cwd });
  } else {
    process.stderr.write("NOT RUN: the sandbox needs Moto. Get it: pip install 'moto[server]>=5,<6'\n");
    if ((process.env.CRC_REQUIRE ?? '').split(',').includes('moto')) throw new Error('Moto is missing');
  }
  const { stdout } = await run(node, ['--version'], { cwd });
  say(`Node ${version} (${stdout.trim()}): init, bootstrap, verify, deploy-function`);
}

/** The Node that runs this, or another version from npm. @param {string} version */
async function nodeOf(version) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const cwd = join(work, `node${version}`);
  mkdirSync(cwd);
  await run('npm', ['install', '--no-audit', '--no-fund', '--silent', '--prefix', cwd, `node@${version}`], { cwd });
  return join(cwd, 'node_modules/node/bin/node');
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}
