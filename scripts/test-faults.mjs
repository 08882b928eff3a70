/**
 * `npm run test:faults`: runs a sample of the fault, kill and race matrices. `-- --full` runs all of them, which takes
 * more than an hour, and writes the tables in docs/reliability.md. Other arguments are passed to vitest: `-- --full -t
 * destroy`.
 */
import { spawnSync } from 'node:child_process';

const full = process.argv.includes('--full');
const more = process.argv.slice(2).filter((word) => word !== '--full');
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'faults', ...more], {
  stdio: 'inherit',
  env: { ...process.env, ...(full ? { CRC_FAULTS: 'full' } : {}) },
});
// Formats the new tables like the rest of the page.
if (full) spawnSync('npx', ['biome', 'format', '--write', 'docs'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
