import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { ifOpen, ifPresent, systemError, systemReason } from '../src/errors.ts';
import { folderWith } from './helpers/folder.ts';
import { captureIo } from './helpers/io.ts';

async function failure(operation: (folder: string) => Promise<unknown>): Promise<{ error: unknown; folder: string }> {
  const folder = folderWith({ file: 'x' });
  const error = await operation(folder).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, folder };
}

describe('an error of the file system', () => {
  it.each<[string, (folder: string) => Promise<unknown>, string]>([
    ['a missing file', (folder) => readFile(join(folder, 'none')), '/none cannot be opened: no such file'],
    ['a folder in place of a file', (folder) => readFile(folder), 'A file cannot be read: it is a folder.'],
    ['a file in place of a folder', (folder) => mkdir(join(folder, 'file/x')), '/file/x cannot be created: part of'],
    ['a file where a folder is wanted', (folder) => readdir(join(folder, 'file')), '/file cannot be read: part of'],
    ['an existing file', (folder) => writeFile(join(folder, 'file'), '', { flag: 'wx' }), 'it already exists.'],
    ['a long name', (folder) => readFile(join(folder, 'x'.repeat(300))), 'its name is too long.'],
    [
      'a link to itself',
      async (folder) => {
        await symlink('loop', join(folder, 'loop'));
        await readFile(join(folder, 'loop'));
      },
      '/loop cannot be opened: its symbolic links form a loop.',
    ],
    ['a missing TMPDIR', (folder) => mkdtemp(join(folder, 'none/x-')), '/none: no such file or folder.'],
  ])('%s has a readable message', async (_, operation, message) => {
    const { error } = await failure(operation);
    expect(systemError(error)?.message).toContain(message);
    expect(systemError(error)?.hint).toMatch(/Check the path|TMPDIR/);
  });

  it.each([
    ['ENOSPC', 'write', 'A file cannot be written: no space left on the disk.', /Free some disk space/],
    ['EMFILE', 'open', 'A file cannot be opened: too many files are open.', /ulimit/],
    ['EROFS', 'mkdir', 'A file cannot be created: the file system is read-only.', /Check the path/],
    ['EACCES', 'spawn x', 'A file cannot be started: permission denied.', /Check the path/],
    ['ENOENT', 'uv_cwd', 'The current folder no longer exists.', /Change to another folder/],
  ])('%s of %s', (code, syscall, message, hint) => {
    const error = systemError(Object.assign(new Error(code), { code, syscall }));
    expect([error?.message, error?.hint]).toEqual([message, expect.stringMatching(hint)]);
  });

  it('names the failed operation if the caller knows it', async () => {
    const { error } = await failure((folder) => readFile(join(folder, 'none')));
    expect(systemError(error, 'The token cannot be read')?.message).toBe(
      'The token cannot be read: no such file or folder.',
    );
    expect(systemReason(Object.assign(new Error('x'), { code: 'EWEIRD' }))).toBe('EWEIRD');
  });

  it.each([
    ['of the network', { code: 'ECONNREFUSED', syscall: 'connect' }],
    ['of a full pool of sockets', { code: 'EMFILE', syscall: 'connect' }],
    ['of AWS', { code: 'ENOENT' }],
    ['of crc itself', {}],
  ])('does not include errors %s', (_, properties) => {
    expect(systemError(Object.assign(new Error('x'), properties))).toBeUndefined();
    expect(systemError('x')).toBeUndefined();
  });
});

describe('what may not exist', () => {
  it.each([
    ['nothing has that name', 'none'],
    ['a file is in place of its folder', 'file/x'],
  ])('is undefined if %s', async (_, name) => {
    expect(await ifPresent(readFile(join(folderWith({ file: 'x' }), name)))).toBeUndefined();
  });

  it('is read, or the error is thrown', async () => {
    const folder = folderWith({ file: 'x' });
    expect(await ifPresent(readFile(join(folder, 'file'), 'utf8'))).toBe('x');
    await symlink('loop', join(folder, 'loop'));
    await expect(ifPresent(readFile(join(folder, 'loop')))).rejects.toThrow('ELOOP');
  });

  it.each(['EACCES', 'EPERM', 'ENOENT'])('is undefined where it must be open to the user, after %s', async (code) => {
    expect(await ifOpen(Promise.reject(Object.assign(new Error(), { code })))).toBeUndefined();
  });

  it('and all other errors are thrown there too', async () => {
    const error = Object.assign(new Error(), { code: 'EMFILE' });
    await expect(ifOpen(Promise.reject(error))).rejects.toBe(error);
  });
});

describe('the top-level catch', () => {
  it('does not report a file system error as a bug in crc', async () => {
    const { io, err } = captureIo({
      get cwd(): string {
        throw Object.assign(new Error('uv_cwd'), { code: 'ENOENT', syscall: 'uv_cwd' });
      },
    });
    expect(await run(['node', 'crc', 'verify'], io)).toBe(1);
    expect(err()).toBe('error: The current folder no longer exists.\nChange to another folder.\n');
  });
});
