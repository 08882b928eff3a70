/**
 * Tests the package as users get it: packed, checked by publint, installed in an empty folder and run on each supported
 * version of Node, together with the projects that `crc init` writes. The sandbox needs Moto; with CRC_REQUIRE=moto its
 * absence is an error.
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

/**
 * Maximum size in bytes. Most of it is the AWS SDK, the parsers and the IAM reference, which are bundled so that users
 * install one package.
 */
const MAX_BYTES = 1_500_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const workFolder = mkdtempSync(join(tmpdir(), 'crc-package-'));
const hasMoto = spawnSync('moto_server', ['--help']).error === undefined;

try {
  const tarball = await pack();
  await lint();
  const project = join(workFolder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', '--no-audit', '--no-fund', '--silent', tarball], { cwd: project });
  const tools = { tarball, workFolder, hasMoto, print };
  await runInPairs([
    // Sequential, because two npx processes would install the tarball into the same cache folder at the same time.
    async () => {
      await checkProject({ kind: 'typescript', installed: false }, tools);
      await checkProject({ kind: 'python', installed: false }, tools);
    },
    ...VERSIONS.map((version) => () => checkNode(version, project)),
    () => checkProject({ kind: 'typescript', installed: true }, tools),
    () => checkCommands(project),
  ]);
} finally {
  rmSync(workFolder, { recursive: true, force: true });
}

/**
 * Runs two checks at a time, because each one mostly waits for child processes. Waits for all of them before it throws
 * the first error, since the caller deletes the folder that they use.
 *
 * @param {readonly (() => Promise<void>)[]} checks
 */
async function runInPairs(checks) {
  const limit = pLimit(2);
  const results = await Promise.allSettled(checks.map((check) => limit(check)));
  const problems = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  for (const problem of problems.slice(1)) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) throw problems[0];
}

async function pack() {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', workFolder], { cwd: root });
  const [{ filename, size, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  const tarball = join(workFolder, filename);
  print(`${filename}: ${Math.round(size / 1000)} kB, ${files.length} files`);
  if (statSync(tarball).size > MAX_BYTES) throw new Error(`the package is over ${MAX_BYTES} bytes`);
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
    if (!paths.includes(path)) throw new Error(`the package lacks ${path}`);
  }
  const unexpected = paths.filter((/** @type {string} */ path) =>
    /(^|\/)(test|src|node_modules|__pycache__|compiled)\//.test(path),
  );
  if (unexpected.length > 0) throw new Error(`the package contains ${unexpected.join(', ')}`);
  return tarball;
}

async function lint() {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  const problems = messages
    .filter((message) => message.type !== 'suggestion' && !isTextOfTheBundle(message))
    .map((message) => formatMessage(message, pkg));
  if (problems.length > 0) throw new Error(`publint: ${problems.join('; ')}`);
  print('publint: no problems');
}

/**
 * Whether publint mistook text for code. It also finds `import` and `export` in string literals of the bundle. Node
 * would refuse to parse real ES module code in a .cjs file.
 *
 * @param {import('publint').Message} message
 */
function isTextOfTheBundle({ code, args }) {
  if (code !== 'FILE_INVALID_EXPLICIT_FORMAT') return false;
  const { actualFilePath = '' } = args;
  if (!/^\/dist\/[^/]+\.cjs$/.test(actualFilePath)) return false;
  return spawnSync(process.execPath, ['--check', join(root, actualFilePath)]).status === 0;
}

/** @param {string} project */
async function checkCommands(project) {
  await run('npx', ['crc', '--version'], { cwd: project });
  await run('npx', ['crc-bootstrap', '--version'], { cwd: project });
  if (!hasMoto) return;
  const { stdout } = await run('npx', ['crc-bootstrap', 'demo'], { cwd: project });
  print(`crc-bootstrap demo: ${stdout.trimEnd().split('\n').length} lines`);
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
  print(`Node ${version} (${stdout.trim()}): init, bootstrap, verify, deploy-function`);
}

/** The current Node executable, or another version installed from npm. @param {string} version */
async function nodeOf(version) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const cwd = join(workFolder, `node${version}`);
  mkdirSync(cwd);
  await run('npm', ['install', '--no-audit', '--no-fund', '--silent', '--prefix', cwd, `node@${version}`], { cwd });
  return join(cwd, 'node_modules/node/bin/node');
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
