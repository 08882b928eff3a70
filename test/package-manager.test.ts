import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageManagerOf } from '../src/package-manager.ts';
import { folderWith } from './helpers/folder.ts';

it.each<readonly [string, Readonly<Record<string, string>>, string]>([
  ['pnpm-lock.yaml', { 'pnpm-lock.yaml': '' }, 'pnpm'],
  ['yarn.lock', { 'yarn.lock': '' }, 'yarn'],
  ['bun.lock', { 'bun.lock': '' }, 'bun'],
  ['bun.lockb', { 'bun.lockb': '' }, 'bun'],
  ['package-lock.json', { 'package-lock.json': '' }, 'npm'],
  ['a name in package.json', { 'package.json': '{ "packageManager": "yarn@4.6.0+sha512.a" }' }, 'yarn'],
  [
    'a name among the requirements of development',
    { 'package.json': '{ "devEngines": { "packageManager": { "name": "pnpm" } } }' },
    'pnpm',
  ],
  [
    'several names among them',
    { 'package.json': '{ "devEngines": { "packageManager": [{ "name": "bun" }, { "name": "npm" }] } }' },
    'bun',
  ],
  [
    'a name and the lock file of another',
    { 'package.json': '{ "packageManager": "bun@1.2.0" }', 'yarn.lock': '' },
    'bun',
  ],
  ['a name after a byte order mark', { 'package.json': '\uFEFF{ "packageManager": "pnpm@10.4.1" }' }, 'pnpm'],
  ['an unknown name', { 'package.json': '{ "packageManager": "constructor@1" }' }, 'npm'],
  ['an unreadable package.json', { 'package.json': '{', 'yarn.lock': '' }, 'yarn'],
  ['nothing', {}, 'npm'],
])('the package manager is found by %s, here and in the folders below', (_, files, manager) => {
  const folder = folderWith({ '.git/HEAD': '', 'site/fn/index.ts': '', ...files });
  expect([packageManagerOf(folder), packageManagerOf(join(folder, 'site/fn'))]).toEqual([manager, manager]);
});

it('a package.json that is a pipe shows nothing, and is not waited for', () => {
  const folder = folderWith({ 'yarn.lock': '' });
  execFileSync('mkfifo', [join(folder, 'package.json')]);
  expect(packageManagerOf(folder)).toBe('yarn');
});

it('the closest package manager counts, and none outside the clone', () => {
  const folder = folderWith({
    'yarn.lock': '',
    'clone/.git/HEAD': '',
    'clone/fn/index.ts': '',
    'clone/site/package-lock.json': '',
  });
  expect(packageManagerOf(join(folder, 'clone/fn'))).toBe('npm');
  expect(packageManagerOf(join(folder, 'clone/site'))).toBe('npm');
  expect(packageManagerOf(folder)).toBe('yarn');
});
