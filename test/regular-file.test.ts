import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemError } from '../src/errors.ts';
import { regularFile, regularText, regularTextSync } from '../src/regular-file.ts';
import { folderWith } from './helpers/folder.ts';

const MAX_BYTES = 4;

it.each([
  ['a file', 'file', 'abc'],
  ['a link to one', 'link', 'abc'],
  ['a larger file', 'large', '/large cannot be read: it is too large.'],
  ['a pipe without a writer', 'pipe', '/pipe cannot be read: it is a pipe, a socket or a device.'],
  ['a device without an end', 'zero', '/zero cannot be read: it is a pipe, a socket or a device.'],
  ['a socket', 'socket', '/socket cannot be read: it is a pipe, a socket or a device.'],
  ['a folder', 'folder', '/folder cannot be read: it is a folder.'],
  ['a missing file', 'none', '/none cannot be opened: no such file or folder.'],
])('reads %s, or says what it is', async (_, name, expected) => {
  const folder = folderWith({ file: 'abc', large: '' });
  truncateSync(join(folder, 'large'), 64 * 1024 * 1024 + 1);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('file', join(folder, 'link'));
  symlinkSync('/dev/zero', join(folder, 'zero'));
  mkdirSync(join(folder, 'folder'));
  const server = createServer();
  await new Promise<void>((done) => server.listen(join(folder, 'socket'), done));
  const path = join(folder, name);
  const outcome = async (read: () => unknown) => {
    try {
      return String(await read());
    } catch (error) {
      return systemError(error)?.message.replace(folder, '');
    }
  };
  expect(await outcome(() => regularFile(path, MAX_BYTES))).toBe(expected);
  expect(await outcome(() => regularText(path, MAX_BYTES))).toBe(expected);
  expect(await outcome(() => regularTextSync(path))).toBe(expected);
  await new Promise((done) => server.close(done));
});
