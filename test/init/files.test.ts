import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as fileSystem from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { CrcError } from '../../src/errors.ts';
import { planFiles } from '../../src/init/files.ts';
import { type Writer, writeFiles } from '../../src/init/write-files.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const FILES = [
  { path: 'a.json', content: 'first' },
  { path: 'deep/er/b.tf', content: 'second' },
];

function systemProblem(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, path: '/x' });
}

/** A file system that is full after the first file. Like a real one, it writes part of the second file. */
function fullDisk(): Writer {
  let files = 0;
  return {
    ...fileSystem,
    writeFile: async (path, content, options) => {
      files += 1;
      await fileSystem.writeFile(path, files === 2 ? String(content).slice(0, 2) : content, options);
      if (files === 2) throw systemProblem('ENOSPC', 'write');
    },
  };
}

const at = (folder: string) => ({ folder, boundary: folder });

async function write(root: string, force = false, writer?: Writer): Promise<CrcError | undefined> {
  const plan = await planFiles(at(root), FILES, force);
  const error: unknown = await writeFiles(plan, writer).catch((reason: unknown) => reason);
  if (error === undefined || error instanceof CrcError) return error;
  throw error;
}

const tree = (root: string) => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
const text = (root: string, path: string) => readFileSync(join(root, path), 'utf8');

describe('the files of a project', () => {
  it('keep their modes when they are replaced', async () => {
    const root = folderWith({ 'deep/er/b.tf': 'mine' });
    chmodSync(join(root, 'deep/er/b.tf'), 0o640);
    expect(await write(root, true)).toBeUndefined();
    expect(text(root, 'deep/er/b.tf')).toBe('second');
    expect(statSync(join(root, 'deep/er/b.tf')).mode & 0o777).toBe(0o640);
  });

  it.each([false, true])(
    'on a full disk are all written or none, and written by the next run (--force: %s)',
    async (force) => {
      const root = folderWith(force ? { 'deep/er/b.tf': 'mine' } : {});
      const before = tree(root);
      const error = await write(root, force, fullDisk());
      expect([error?.message, error?.hint]).toEqual([
        'deep/er/b.tf cannot be written: no space left on the disk.',
        'Nothing was written. Free some disk space, then run the command again.',
      ]);
      expect(tree(root)).toEqual(before);
      if (force) expect(text(root, 'deep/er/b.tf')).toBe('mine');
      expect(await write(root, force)).toBeUndefined();
      expect(text(root, 'deep/er/b.tf')).toBe('second');
    },
  );

  it('that were already created are removed when a later one fails', async () => {
    const root = folderWith({ 'a.json': 'mine' });
    let renamed = 0;
    const rename: Writer['rename'] = async (from, to) => {
      renamed += 1;
      if (renamed === 2) throw systemProblem('EBUSY', 'rename');
      await fileSystem.rename(from, to);
    };
    const drafts = [...FILES, { path: 'c.md', content: 'third' }];
    writeFileSync(join(root, 'c.md'), 'mine, too');
    const plan = await planFiles(at(root), drafts, true);
    await expect(writeFiles(plan, { ...fileSystem, rename })).rejects.toMatchObject({
      message: 'c.md cannot be written: it is in use.',
      hint: expect.stringMatching(/^Nothing was written\. /),
    });
    expect([text(root, 'a.json'), text(root, 'c.md'), tree(root)]).toEqual(['mine', 'mine, too', ['a.json', 'c.md']]);
  });

  it('are listed if they could not be removed', async () => {
    const root = folderWith({});
    let linked = 0;
    const link: Writer['link'] = async (from, to) => {
      linked += 1;
      if (linked === 2) throw systemProblem('EIO', 'link');
      await fileSystem.link(from, to);
    };
    const rm: Writer['rm'] = async (path, options) => {
      if (String(path).endsWith('a.json')) throw systemProblem('EIO', 'rm');
      await fileSystem.rm(path, options);
    };
    const plan = await planFiles(at(root), FILES, false);
    await expect(writeFiles(plan, { ...fileSystem, link, rm })).rejects.toMatchObject({
      hint: expect.stringMatching(/^Already written: a\.json\. /),
    });
  });

  it('are never written through a symlink out of the project', async () => {
    const outside = folderWith({});
    const root = folderWith({});
    symlinkSync(outside, join(root, 'deep'));
    for (const force of [false, true]) {
      await expect(planFiles(at(root), FILES, force)).rejects.toThrow(
        /^deep\/er\/b\.tf .* a link leads out of the project/,
      );
    }
    // The user may have linked folders within the repository deliberately.
    const repository = folderWith({ 'project/x': '', 'shared/x': '' });
    symlinkSync('../shared', join(repository, 'project/deep'));
    const plan = await planFiles({ folder: join(repository, 'project'), boundary: repository }, FILES, false);
    await writeFiles(plan);
    expect(text(repository, 'shared/er/b.tf')).toBe('second');
  });

  it.each([
    ['mkdir', 'EROFS', 'a.json cannot be written: the file system is read-only.'],
    ['writeFile', 'EACCES', 'a.json cannot be written: permission denied.'],
    ['link', 'EBUSY', 'a.json cannot be written: it is in use.'],
  ] as const)('are a clear error if the system rejects %s with %s', async (call, code, message) => {
    const root = folderWith({});
    const refuse = async () => {
      throw systemProblem(code, 'open');
    };
    const error = await write(root, true, { ...fileSystem, [call]: refuse });
    expect([error?.message, error?.hint]).toEqual([message, expect.stringMatching(/^Nothing was written\. /)]);
    expect(tree(root)).toEqual([]);
  });

  it('are also written on a file system without links', async () => {
    const root = folderWith({});
    const link = async () => {
      throw systemProblem('EPERM', 'link');
    };
    expect(await write(root, false, { ...fileSystem, link })).toBeUndefined();
    expect([text(root, 'a.json'), tree(root)]).toEqual(['first', ['a.json', 'deep', 'deep/er', 'deep/er/b.tf']]);
  });

  it.each([true, false])('are kept if they appeared in the meantime (links: %s)', async (links) => {
    const root = folderWith({});
    const link: Writer['link'] = async (from, to) => {
      if (!links) throw systemProblem('ENOTSUP', 'link');
      await fileSystem.link(from, to);
    };
    const plan = await planFiles(at(root), FILES, false);
    writeFileSync(join(root, 'a.json'), 'mine');
    await expect(writeFiles(plan, { ...fileSystem, link })).rejects.toThrow(
      'a.json cannot be written: it already exists.',
    );
    expect([text(root, 'a.json'), tree(root)]).toEqual(['mine', ['a.json']]);
  });

  it.each([
    ['edited', (path: string) => writeFileSync(path, 'mine, edited'), 'mine, edited'],
    ['deleted', (path: string) => rmSync(path), undefined],
  ])('that were %s since they were read are kept, and the others are not written', async (_, change, left) => {
    const root = folderWith({ 'a.json': 'mine' });
    const plan = await planFiles(at(root), [...FILES].reverse(), true);
    change(join(root, 'a.json'));
    await expect(writeFiles(plan)).rejects.toMatchObject({
      message: 'a.json has changed since crc read it.',
      hint: 'Nothing was written. Run the command again.',
    });
    expect(tree(root)).toEqual(left === undefined ? [] : ['a.json']);
    if (left !== undefined) expect(text(root, 'a.json')).toBe(left);
  });

  it.each([
    [
      'a dangling link',
      (root: string) => symlinkSync('nowhere', join(root, 'a.json')),
      'a.json cannot be written: it is a link to a file that does not exist.',
    ],
    [
      'a link to itself',
      (root: string) => symlinkSync('a.json', join(root, 'a.json')),
      'a.json cannot be written: its symbolic links form a loop.',
    ],
    ['a folder', (root: string) => mkdirSync(join(root, 'a.json')), 'a.json cannot be written: it is a folder.'],
    [
      'a file in place of a folder',
      (root: string) => writeFileSync(join(root, 'deep'), 'x'),
      'deep/er/b.tf cannot be written: part of its path is not a folder.',
    ],
  ])('are a clear error before anything is written if %s is in the way', async (_, change, message) => {
    const root = folderWith({});
    change(root);
    const before = tree(root);
    for (const force of [false, true]) {
      await expect(planFiles(at(root), FILES, force)).rejects.toThrow(message);
    }
    expect(tree(root)).toEqual(before);
  });
});

describe('crc init', () => {
  const FLAGS = ['--yes', '--repository', 'me/resume', '--region', 'eu-west-2', '--account', '123456789012'];

  async function init(cwd: string) {
    const { io, out, err } = captureIo({ cwd, env: { PATH: '/nowhere', AWS_ACCESS_KEY_ID: 'x' } });
    const code = await run(['node', 'crc', 'init', ...FLAGS, '--endpoint-url', 'http://127.0.0.1:1'], io);
    return { code, out: out(), err: err() };
  }

  it.each([
    ['.github is a file', { '.github': 'x' }, '.github/workflows/infrastructure.yml cannot be written'],
    ['functions is a file', { functions: 'x' }, 'functions/increment-visits/'],
    ['a package.json is not JSON', { 'package.json': '{ "token": hunter2' }, 'package.json is not valid JSON'],
  ])('reports that %s, and writes nothing', async (_, files, message) => {
    const cwd = folderWith({
      ...files,
      ...('package.json' in files ? { 'functions/increment-visits/package.json': '{}' } : {}),
    });
    const { code, err } = await init(cwd);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    expect(err).not.toMatch(/Unexpected|fault in crc|hunter2/);
    expect(existsSync(join(cwd, 'crc.config.json'))).toBe(false);
  });
});
