import { join, relative } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { foldersBelow } from '../../../src/terraform/source/walk.ts';
import { folderWith } from '../../helpers/folder.ts';

/** Errors of the file system by folder name. Mocked, because root can read every folder. */
const refused = vi.hoisted(() => new Map<string, string>());
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const readdir = async (path: string, options: { withFileTypes: true }) => {
    const code = refused.get(path.slice(path.lastIndexOf('/') + 1));
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return await original.readdir(path, options);
  };
  return { ...original, readdir };
});

beforeEach(() => refused.clear());

const FILES = { 'main.tf': '', 'a/b/c/d.tf': '', 'data/x': '', 'e/f': '', 'node_modules/g/h': '' };
const isSearched = (name: string) => name !== 'node_modules';

async function walk(root: string, maxFolders = 100) {
  const { folders, isCutOff } = await foldersBelow(root, { isSearched, maxFolders });
  return { paths: folders.map(({ path }) => relative(root, path)), isCutOff };
}

describe('a search of folders', () => {
  it('lists them with their files, and leaves out excluded ones', async () => {
    const root = folderWith(FILES);
    expect(await walk(root)).toEqual({ paths: ['', 'a', 'a/b', 'a/b/c', 'data', 'e'], isCutOff: false });
    const { folders } = await foldersBelow(root, { isSearched, maxFolders: 100 });
    expect(folders[3]).toEqual({ path: join(root, 'a/b/c'), names: ['d.tf'] });
  });

  it('leaves out a folder that may not be read, or was deleted', async () => {
    refused.set('data', 'EACCES').set('a', 'EPERM').set('e', 'ENOENT');
    expect(await walk(folderWith(FILES))).toEqual({ paths: ['', 'a', 'data', 'e'], isCutOff: false });
  });

  it('fails for a disk error, and if the first folder may not be read', async () => {
    const root = folderWith(FILES);
    refused.set('data', 'EIO');
    await expect(walk(root)).rejects.toThrow('EIO');
    refused.clear();
    refused.set(root.slice(root.lastIndexOf('/') + 1), 'EACCES');
    await expect(walk(root)).rejects.toThrow('EACCES');
  });

  it('reads the nearest folders first, and reports if there are more', async () => {
    const root = folderWith(FILES);
    expect(await walk(root, 4)).toEqual({ paths: ['', 'a', 'data', 'e'], isCutOff: true });
    expect(await walk(root, 6)).toMatchObject({ isCutOff: false });
  });
});
