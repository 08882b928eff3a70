import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../scripts/bundle.mjs';
import { ROOT } from '../helpers/cli.ts';

/** Within the project, so that esbuild is found. */
const FOLDER = join(ROOT, 'node_modules/.cache/crc-short-deadlines');

/**
 * A build of crc with the deadlines of `deadlines.ts`. crc has no setting for them, because users should not need one.
 */
export const SHORT_DEADLINES = join(FOLDER, 'bin/crc.js');

/** Builds crc once for all test files. Called by Vitest (globalSetup in vitest.config.ts). */
export async function setup(): Promise<void> {
  const shortDeadlines = join(ROOT, 'test/faults/deadlines.ts');
  await bundle({
    cwd: ROOT,
    input: { cli: 'src/cli.ts' },
    dir: join(FOLDER, 'dist'),
    grouped: true,
    plugins: [
      {
        name: 'short-deadlines',
        resolveId: (id) => (/(^|\/)deadlines\.ts$/.test(id) && id !== shortDeadlines ? shortDeadlines : undefined),
      },
    ],
  });
  cpSync(join(ROOT, 'bin'), join(FOLDER, 'bin'), { recursive: true });
}
