import { spawn } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../../src/cli.ts';
import { exampleConfig } from '../../helpers/configs.ts';
import { folderWith } from '../../helpers/folder.ts';
import { captureIo } from '../../helpers/io.ts';

/** Terraform, which on SIGINT releases its lock; it ends with the script that started it. */
const TERRAFORM = `#!/bin/bash
trap 'rm lock; exit 1' INT
trap '' TERM
touch lock
while [ -f step.sh ]; do read -rt 0.1 <> <(:); done
`;

it.each(['plan', 'apply'])('releases the lock of a cancelled %s', async (job) => {
  const folder = folderWith({ 'crc.config.json': JSON.stringify(exampleConfig()), terraform: TERRAFORM });
  chmodSync(join(folder, 'terraform'), 0o755);
  const { io, out } = captureIo({ cwd: folder });
  expect(await run(['node', 'crc', 'workflow'], io)).toBe(0);
  const { jobs } = parse(out()) as { jobs: Record<string, { steps: readonly { run?: string }[] }> };
  const script = join(folder, 'step.sh');
  writeFileSync(script, jobs[job]?.steps.at(-1)?.run ?? '');
  // As GitHub's runner starts a step and stops it: with signals to this one process.
  const shell = spawn('/bin/bash', ['-e', script], { cwd: folder, env: { PATH: `${folder}:/usr/bin:/bin` } });
  const ended = new Promise((resolve) => shell.on('exit', resolve));
  await vi.waitFor(() => expect(existsSync(join(folder, 'lock'))).toBe(true), 10_000);
  shell.kill('SIGINT');
  shell.kill('SIGTERM');
  await ended;
  rmSync(script);
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});
