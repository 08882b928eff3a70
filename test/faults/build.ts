import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../scripts/bundle.mjs';
import { ROOT } from '../helpers/cli.ts';

/** In the project, where esbuild is found. */
const FOLDER = join(ROOT, 'node_modules/.cache/crc-short-deadlines');

/** crc with the deadlines of `deadlines.ts`. crc itself has no setting for them: a user who found it would be worse off. */
export const SHORT_DEADLINES = join(FOLDER, 'bin/crc.js');

/** Builds it, once for all files of the matrix. Vitest calls this (globalSetup in vitest.config.ts). */
export async function setup(): Promise<void> {
  const ours = join(ROOT, 'test/faults/deadlines.ts');
  await bundle({
    cwd: ROOT,
    input: { cli: 'src/cli.ts' },
    dir: join(FOLDER, 'dist'),
    grouped: true,
    plugins: [
      {
        name: 'short-deadlines',
        resolveId: (id) => (/(^|\/)deadlines\.ts$/.test(id) && id !== ours ? ours : undefined),
      },
    ],
  });
  cpSync(join(ROOT, 'bin'), join(FOLDER, 'bin'), { recursive: true });
}
