/**
 * Tests a project that `crc init` of the packed tarball writes: runs each command line under "Next", then the
 * function's tests and type check.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * @typedef {object} Project
 * @property {'typescript' | 'python'} kind
 * @property {boolean} installed Whether crc is installed in the folder first, instead of run through npx.
 *
 * @typedef {object} Tools
 * @property {string} tarball
 * @property {string} workFolder A folder for temporary files.
 * @property {boolean} hasMoto
 * @property {(text: string) => void} print
 */

/** @param {Project} project @param {Tools} tools */
export async function checkProject({ kind, installed }, { tarball, workFolder, hasMoto, print }) {
  const folder = mkdtempSync(join(workFolder, `${kind}-`));
  const origin = mkdtempSync(join(workFolder, 'origin-'));
  await runLine('git init --quiet --bare .', origin);
  const crc = installed ? 'npx crc-bootstrap' : `npx --yes --package '${tarball}' crc-bootstrap`;
  if (installed) await runLine(`npm install --no-audit --no-fund --silent '${tarball}'`, folder);
  const { stdout } = await runLine(
    `${crc} init --yes --repository me/resume --region eu-west-2 --function ${kind}`,
    folder,
  );
  useTarball(folder, tarball);

  const lines = [...stdout.matchAll(/^ {5}(\S.*)$/gm)].map(([, line = '']) => line);
  const skipped = lines.filter((line) => /\b(gh|aws) /.test(line) || (!hasMoto && line.startsWith('npx crc')));
  for (const line of lines.filter((name) => !skipped.includes(name))) {
    const inSandbox = line === 'npx crc bootstrap' ? `npx crc sandbox -- ${line}` : line;
    await runLine(inSandbox.replace('https://github.com/me/resume.git', origin), folder);
  }
  const files = (await runLine('git ls-files', folder)).stdout.split('\n');
  const unexpected = files.filter((file) => /node_modules|\.tfstate|\.env/.test(file));
  if (unexpected.length > 0) throw new Error(`committed: ${unexpected.join(', ')}`);
  if ((await runLine('git ls-remote --heads origin', folder)).stdout === '') throw new Error('nothing was pushed');

  const { $schema } = JSON.parse(readFileSync(join(folder, 'crc.config.json'), 'utf8'));
  if (!existsSync(join(folder, $schema))) throw new Error(`$schema does not exist: ${$schema}`);
  if (kind === 'typescript') await runLine('npx tsc --noEmit && npm run typecheck && npm test', folder);
  else if (hasPythonModules()) await runLine('npm test', folder);
  else print("NOT RUN: the counter's tests in Python need boto3 and moto");
  print(
    `a project in ${kind}${installed ? ', crc installed first' : ''}: ${lines.length - skipped.length} of ${lines.length} lines of Next`,
  );
}

/** Replaces crc's version, which is not published yet, with the tarball. @param {string} folder @param {string} tarball */
function useTarball(folder, tarball) {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest.dependencies?.['crc-bootstrap'] !== undefined) return;
  manifest.devDependencies['crc-bootstrap'] = `file:${tarball}`;
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

function hasPythonModules() {
  return spawnSync('python3', ['-c', 'import boto3, moto']).status === 0;
}

/** Fixed git settings and an unreachable GitHub API, because a repository me/resume may really exist. */
const ENVIRONMENT = {
  ...process.env,
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'http://127.0.0.1:1',
  GIT_AUTHOR_NAME: 'crc',
  GIT_AUTHOR_EMAIL: 'crc@example.com',
  GIT_COMMITTER_NAME: 'crc',
  GIT_COMMITTER_EMAIL: 'crc@example.com',
};

/** Runs a command line in a shell. @param {string} line @param {string} folder */
async function runLine(line, folder) {
  return await run('sh', ['-c', line], { cwd: folder, env: ENVIRONMENT });
}
