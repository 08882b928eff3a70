import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const FOLDERS_OF_THEIR_OWN = [
  'test/integration/**',
  'test/e2e/**',
  'test/faults/**',
  'test/libraries/**',
  '**/node_modules/**',
];

/** Loading the SDK and crc takes longer than most files' tests, so a worker keeps them for the next file. */
const SHARED = { isolate: false };

/**
 * Much of the time of these tests is waiting: Terraform waits for what others hold or AWS may not have yet. So there is one worker more
 * than cores. They come after the other projects where all are run.
 */
const WAITING = { maxWorkers: Math.max(3, availableParallelism()), sequence: { groupOrder: 1 } };

/** Files that replace modules, load them again, or replace the SDK's classes would do so to the next file too. */
const MOCKED = filesWith(/\bvi\.(mock|doMock|resetModules)\(|\bmockClient\([A-Z]/);

/** Removes what the tests write to the temporary folder. */
const CLEANED = { globalSetup: 'test/helpers/temporary-folders.ts' };

export default defineConfig({
  test: {
    // The SDK's warning about later versions is not about this one.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Most of a test's time is that of other processes, so two files at once are no load even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'unit',
          ...CLEANED,
          // Its files import JSON as bundlers do.
          server: { deps: { inline: ['@actions/workflow-parser'] } },
          include: ['test/**/*.test.ts', 'functions/**/*.test.ts'],
          exclude: [...FOLDERS_OF_THEIR_OWN, ...MOCKED],
          ...SHARED,
          testTimeout: 30_000,
          // A hook may be the first to load a command with all that it imports.
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'mocked',
          ...CLEANED,
          include: MOCKED,
          exclude: FOLDERS_OF_THEIR_OWN,
          testTimeout: 30_000,
          // A hook may be the first to load a command with all that it imports.
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          ...CLEANED,
          include: ['test/integration/**/*.test.ts'],
          ...SHARED,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: [CLEANED.globalSetup, 'test/faults/build.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'libraries',
          ...CLEANED,
          include: ['test/libraries/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'e2e',
          ...CLEANED,
          include: ['test/e2e/**/*.test.ts'],
          ...SHARED,
          ...WAITING,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});

/** Test files with that in their text, as paths from the project's root. */
function filesWith(text: RegExp): string[] {
  return ['test', 'functions']
    .flatMap((folder) =>
      readdirSync(new URL(folder, import.meta.url), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path.replaceAll('\\', '/')}`,
      ),
    )
    .filter((path) => path.endsWith('.test.ts') && text.test(readFileSync(new URL(path, import.meta.url), 'utf8')));
}
