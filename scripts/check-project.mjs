/**
 * A project as `crc init` writes it, from the packed tarball: what "Next" says is pasted line by line, and the function's tests
 * and its type check are run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * @typedef {object} Project
 * @property {'typescript' | 'python'} kind
 * @property {boolean} installed Whether crc is installed in the folder first, or only run through npx.
 *
 * @typedef {object} Tools
 * @property {string} tarball
 * @property {string} work A folder for temporary files.
 * @property {boolean} hasMoto
 * @property {(text: string) => void} say
 */

/** @param {Project} project @param {Tools} tools */
export async function checkProject({ kind, installed }, { tarball, work, hasMoto, say }) {
  const folder = mkdtempSync(join(work, `${kind}-`));
  const origin = mkdtempSync(join(work, 'origin-'));
  await paste('git init --quiet --bare .', origin);
  const crc = installed ? 'npx crc-bootstrap' : `npx --yes --package '${tarball}' crc-bootstrap`;
  if (installed) await paste(`npm install --no-audit --no-fund --silent '${tarball}'`, folder);
  const { stdout } = await paste(
    `${crc} init --yes --repository me/resume --region eu-west-2 --function ${kind}`,
    folder,
  );
  useTarball(folder, tarball);

  const lines = [...stdout.matchAll(/^ {5}(\S.*)$/gm)].map(([, line = '']) => line);
  const skipped = lines.filter((line) => /\b(gh|aws) /.test(line) || (!hasMoto && line.startsWith('npx crc')));
  for (const line of lines.filter((name) => !skipped.includes(name))) {
    const inSandbox = line === 'npx crc bootstrap' ? `npx crc sandbox -- ${line}` : line;
    await paste(inSandbox.replace('https://github.com/me/resume.git', origin), folder);
  }
  const files = (await paste('git ls-files', folder)).stdout.split('\n');
  const stray = files.filter((file) => /node_modules|\.tfstate|\.env/.test(file));
  if (stray.length > 0) throw new Error(`committed: ${stray.join(', ')}`);
  if ((await paste('git ls-remote --heads origin', folder)).stdout === '') throw new Error('nothing was pushed');

  const { $schema } = JSON.parse(readFileSync(join(folder, 'crc.config.json'), 'utf8'));
  if (!existsSync(join(folder, $schema))) throw new Error(`$schema is not there: ${$schema}`);
  if (kind === 'typescript') await paste('npx tsc --noEmit && npm run typecheck && npm test', folder);
  else if (hasPythonModules()) await paste('npm test', folder);
  else say("NOT RUN: the counter's tests in Python need boto3 and moto");
  say(
    `a project in ${kind}${installed ? ', crc installed first' : ''}: ${lines.length - skipped.length} of ${lines.length} lines of Next`,
  );
}

/** The version in package.json is not published yet. @param {string} folder @param {string} tarball */
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

/** Nobody's settings of git, and no question to GitHub: a repository me/resume may exist. */
const ENVIRONMENT = {
  ...process.env,
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'http://127.0.0.1:1',
  GIT_AUTHOR_NAME: 'crc',
  GIT_AUTHOR_EMAIL: 'crc@example.com',
  GIT_COMMITTER_NAME: 'crc',
  GIT_COMMITTER_EMAIL: 'crc@example.com',
};

/** Runs a line as a shell does. @param {string} line @param {string} folder */
async function paste(line, folder) {
  return await run('sh', ['-c', line], { cwd: folder, env: ENVIRONMENT });
}
