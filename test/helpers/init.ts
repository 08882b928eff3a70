import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/cli.ts';
import type { Io } from '../../src/ui/io.ts';
import { folderWith } from './folder.ts';
import { captureIo } from './io.ts';

/** Flags that answer all questions of `crc init`. */
export const INIT_FLAGS = ['--repository', 'me/resume', '--region', 'eu-west-2', '--account', '123456789012'];

/** Runs `crc init` without git and gh, unless the overrides provide them. */
export async function runInit(cwd: string, args: readonly string[], overrides: Partial<Io> = {}) {
  const { io, out, err } = captureIo({ cwd, env: { PATH: '/nowhere' }, ...overrides });
  const code = await run(['node', 'crc', 'init', ...args], io);
  return { code, out: out(), err: err() };
}

/** A git repository without commits, on this branch. Its HOME contains none of the developer's git settings. */
export function cloneWith(files: Readonly<Record<string, string>>, branch = 'main') {
  const cwd = folderWith(files);
  const home = folderWith({});
  const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: readonly string[]) => spawnSync('git', args, { cwd, env, encoding: 'utf8' });
  git('init', '-q', '-b', branch);
  return { cwd, env, git, read: (path: string) => readFileSync(join(cwd, path), 'utf8') };
}

/** A folder for PATH with a `gh` that runs this shell script. */
export function ghScript(script: string): string {
  const bin = folderWith({ gh: `#!/bin/sh\n${script}\n` });
  chmodSync(join(bin, 'gh'), 0o755);
  return bin;
}
