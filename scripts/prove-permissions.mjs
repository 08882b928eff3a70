/**
 * Tests the output of `crc permissions terraform` for the configurations in test/e2e/terraform-permissions, or only for
 * those that are passed: `npm run test:permissions -- ecr vpc`. Writes the results to
 * docs/terraform-permissions-proof.md. Takes several minutes for each configuration.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STEPS = ['plan', 'apply', 'change', 'destroy'];
const page = new URL('../docs/terraform-permissions-proof.md', import.meta.url);
const configurations = readdirSync(new URL('../test/e2e/terraform-permissions/', import.meta.url), {
  withFileTypes: true,
})
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const chosen = process.argv.length > 2 ? process.argv.slice(2) : configurations;
const unknown = chosen.filter((name) => !configurations.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. Choose from ${configurations.join(', ')}.\n`);
  process.exit(1);
}
const results = mkdtempSync(join(tmpdir(), 'crc-proof-'));
const rows = rowsOf(existsSync(page) ? readFileSync(page, 'utf8') : '');
let failed = false;

for (const name of chosen) {
  const start = performance.now();
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'e2e', 'test/e2e/terraform-permissions.test.ts'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, CRC_PROOF: name, CRC_PROOF_RESULTS: results },
    stdio: 'inherit',
  });
  failed ||= status !== 0;
  const minutes = Math.ceil((performance.now() - start) / 60_000);
  const file = join(results, `${name}.json`);
  if (existsSync(file)) rows.set(name, row(name, JSON.parse(readFileSync(file, 'utf8')), minutes));
  else rows.delete(name);
  write();
}
rmSync(results, { recursive: true });
process.exitCode = failed ? 1 : 0;

/**
 * @param {string} name
 * @param {Record<string, { needed: string[], misled: string[], tolerated: string[], unused: string[] }>} result
 * @param {number} minutes
 */
function row(name, result, minutes) {
  const counts = STEPS.map((step) => String((result[step]?.needed.length ?? 0) + (result[step]?.misled.length ?? 0)));
  const tolerated = STEPS.flatMap((step) => result[step]?.tolerated ?? []);
  const unused = ['plan', 'change', 'destroy'].flatMap((step) => result[step]?.unused ?? []);
  const code = (/** @type {string[]} */ actions) =>
    [...new Set(actions)].map((action) => `\`${action}\``).join(', ') || 'none';
  return [name, ...counts, code(tolerated), code(unused), String(minutes)];
}

/** @param {string} text */
function rowsOf(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (configuration|---)/.test(line));
  return new Map(
    lines
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map((cells) => [cells[0], cells]),
  );
}

function write() {
  const head = ['configuration', ...STEPS, 'went on without', 'not asked for', 'minutes'];
  const all = [head, ...[...rows.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1))];
  const widths = head.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)));
  const lines = all.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  writeFileSync(
    page,
    `# The permissions of Terraform, proven

\`npm run test:permissions\` writes this page. Real Terraform planned, applied, changed and destroyed each configuration with exactly
the statements that \`crc permissions terraform\` printed, and no request was denied. Then each action was removed in the first step
that may need it. The numbers count the actions without which the step failed with an error that names the action. In a few cases
the plan did not fail but showed changes that do not exist, because Terraform treated resources that it could not read as deleted.
These count too.

"Went on without" lists actions that were denied without making the step fail. "Not asked for" lists actions that only other changes
of the configuration need, such as the deletion of the oldest version of a policy when AWS's limit is reached.

${[lines[0], rule, ...lines.slice(1)].join('\n')}
`,
  );
}
