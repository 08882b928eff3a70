import type * as FileSystem from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CrcError } from '../../src/errors.ts';
import { functionPackage } from '../../src/package/package.ts';
import { folderWith } from '../helpers/folder.ts';

const { system, reads } = vi.hoisted(() => ({
  system: { denied: '', code: 'EACCES', esbuild: undefined as Error | undefined },
  reads: { open: 0, most: 0, all: 0 },
}));

/** Replaces what a test cannot rely on, for example as root: unreadable files, and the number of open files. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  const refuse = (path: string, syscall: string) => {
    if (system.denied === '' || !`${path}/`.includes(`${system.denied}/`)) return;
    const { code } = system;
    throw Object.assign(new Error(`${code}: refused, ${syscall} '${path}'`), { code, syscall, path });
  };
  const readdir = async (path: string, ...options: []) => {
    refuse(path, 'scandir');
    return await real.readdir(path, ...options);
  };
  const open = async (path: string, ...options: []) => {
    refuse(path, 'open');
    return await real.open(path, ...options);
  };
  const readFile = async (path: string, ...options: []) => {
    refuse(path, 'open');
    reads.open += 1;
    reads.all += 1;
    reads.most = Math.max(reads.most, reads.open);
    await setImmediate();
    return await real.readFile(path, ...options).finally(() => {
      reads.open -= 1;
    });
  };
  return { ...real, open, readdir, readFile };
});

vi.mock('esbuild', async (original) => {
  const real = await original<{ readonly build: (options: object) => Promise<unknown> }>();
  return {
    build: async (options: object) => {
      if (system.esbuild !== undefined) throw system.esbuild;
      return await real.build(options);
    },
  };
});

beforeEach(() => Object.assign(reads, { open: 0, most: 0, all: 0 }));
afterEach(() => Object.assign(system, { denied: '', code: 'EACCES', esbuild: undefined }));

const HANDLER = { 'fn/index.js': 'export const handler = () => 1;' };

function packageOf(files: Readonly<Record<string, string>>) {
  const root = folderWith({ ...HANDLER, ...files });
  return functionPackage({ root, source: 'fn', runtime: 'nodejs24.x', handler: 'index.handler' });
}

async function crcErrorOf(promise: Promise<unknown>): Promise<CrcError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof CrcError) return error;
  throw new Error('expected a CrcError', { cause: error });
}

it('a folder is read once for all who ask at the same time, and again for those who ask later', async () => {
  const pkg = packageOf(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`fn/data/${index}.txt`, 'x'])));
  await Promise.all([pkg.hash(), pkg.build(), pkg.hash()]);
  expect(reads.all).toBeLessThan(200);
  await pkg.hash();
  expect(reads.all).toBeGreaterThan(200);
});

describe('limits of a system', () => {
  it('open files: a folder of thousands opens few at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`fn/data/${index}.txt`, 'x']));
    await packageOf(many).hash();
    expect(reads.most).toBeGreaterThan(1);
    expect(reads.most).toBeLessThanOrEqual(64);
  });

  it.each([
    ['a file of the source', 'data.bin', /The source folder .*fn cannot be read: .*data\.bin: permission denied\./],
    ['the lock file', 'package-lock.json', /The lock file .*package-lock\.json cannot be read: permission denied\./],
  ])('permission to read %s', async (_, name, message) => {
    const pkg = packageOf({ 'fn/data.bin': 'x', 'package-lock.json': '{}' });
    system.denied = name;
    expect((await crcErrorOf(pkg.hash())).message).toMatch(message);
  });

  const IMPORTED = {
    'fn/index.js': "import { x } from 'lib';\nexport const handler = () => x;",
    'package.json': '{"workspaces":["packages/*"]}',
    'packages/lib/package.json': '{"name":"lib","type":"module","main":"src/x.js"}',
    'packages/lib/src/x.js': 'export const x = 1;',
    'packages/data/x.bin': 'x',
  };

  it('permission to list a folder of a workspace that the function imports: the hash covers all of it', async () => {
    const pkg = packageOf(IMPORTED);
    system.denied = 'packages/lib/src';
    await expect(pkg.hash()).rejects.toThrow(/lib\/src/);
  });

  it('permission to list a folder that may be a workspace: nothing imports it', async () => {
    const pkg = packageOf(IMPORTED);
    const hash = await pkg.hash();
    system.denied = 'packages/data';
    expect(await pkg.hash()).toBe(hash);
  });

  it('open files, while folders that may be a workspace are listed: the hash would not cover what is in them', async () => {
    const pkg = packageOf(IMPORTED);
    Object.assign(system, { denied: 'packages', code: 'EMFILE' });
    await expect(pkg.hash()).rejects.toThrow('EMFILE');
  });

  it('running esbuild', async () => {
    system.esbuild = new Error(
      'The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.\n\nlong',
    );
    const { message, hint } = await crcErrorOf(packageOf({}).build());
    expect(message).toBe(
      'esbuild, which bundles functions, cannot be started: The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.',
    );
    expect(hint).toContain('npm install --include=optional');
  });
});
