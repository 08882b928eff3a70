import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { cloneWith, INIT_FLAGS, runInit } from '../helpers/init.ts';

vi.mock('../../src/aws/get-json.ts', () => ({ getJson: () => Promise.reject(new Error('no network')) }));
vi.mock('../../src/aws/discover.ts', () => ({ discoverPlace: async () => ({}) }));
/** A tree with more folders than crc searches. */
vi.mock('../../src/terraform/source/walk.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/terraform/source/walk.ts')>();
  const foldersBelow: typeof original.foldersBelow = async (root, options) => {
    const { folders } = await original.foldersBelow(root, options);
    return { folders, isCutOff: options.maxFolders > 1 };
  };
  return { ...original, foldersBelow };
});

const BLOCK = 'terraform {\n  backend "s3" {\n    bucket = "ada-tfstate"\n    key = "k"\n  }\n}\n';

it('init continues in an endless tree, and reads only its own folder', async () => {
  const { cwd, env, read } = cloneWith({
    'main.tf': BLOCK,
    'far/main.tf': BLOCK.replace('ada', 'eve'),
    'far/app.py': 'def handler(event, context):\n    return event\n',
    'far/serverless.yml': 'service: eve\n',
  });
  const { code, err, out } = await runInit(cwd, [...INIT_FLAGS, '--yes'], { env });
  expect([code, err.replace(/\s+/g, ' ')]).toEqual([
    0,
    expect.stringContaining(`has more than 20000 folders. Only ${cwd} was searched for Terraform code`),
  ]);
  expect(JSON.parse(read('crc.config.json')).stateBucket.name).toBe('ada-tfstate');
  expect(existsSync(join(cwd, 'backend.tf'))).toBe(false);
  expect(out).toMatch(/kept +main\.tf/);
  expect(out).not.toMatch(/eve|far\//);
});
