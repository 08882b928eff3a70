import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { EXAMPLE, SCRIPT, spawnCli } from '../helpers/cli.ts';
import { folderWith } from '../helpers/folder.ts';

it.each([[['--version']], [['--help']], [['backend', '--config', EXAMPLE]]])(
  'crc %s prints the same to a pipe and to a file',
  async (args) => {
    const piped = await spawnCli(args);
    expect([piped.code, piped.stderr]).toEqual([0, '']);
    const file = join(folderWith({}), 'out');
    const descriptor = openSync(file, 'w');
    spawnSync(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', descriptor, 'ignore'] });
    closeSync(descriptor);
    expect(readFileSync(file, 'utf8')).toBe(piped.stdout);
    expect(piped.stdout.length).toBeGreaterThanOrEqual(packageJson.version.length + 1);
  },
);

it.each([[['--help']], [['backend', '--config', EXAMPLE]]])(
  'crc %s exits cleanly when its reader closes the pipe, as with `| head`',
  async (args) => {
    const { code, stdout, stderr } = await spawnCli(args, { started: (child) => child.stdout?.destroy() });
    expect([code, stdout, stderr]).toEqual([0, '', '']);
  },
);

/** On Linux, writes to this file fail because the disk is full. macOS has no such file. */
const FULL_DISK = '/dev/full';

it
  .skipIf(!existsSync(FULL_DISK))
  .each([
    [['--version']],
    [['--help']],
    [['backend', '--config', EXAMPLE]],
    [['backend', '--config', EXAMPLE, '--json']],
    [['verify', '--config', '/none', '--json']],
  ])('crc %s on a full disk: exit 1, and a message on stderr', (args) => {
  const descriptor = openSync(FULL_DISK, 'w');
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    stdio: ['ignore', descriptor, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(descriptor);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    args.includes('/none') ? /^error: .*\/none/ : /^error: The output cannot be written: no space left on the disk/,
  );
  expect(stderr).not.toContain('    at ');
});

it('crc exits cleanly when the reader of stderr closes the pipe', async () => {
  const { code, stdout, stderr } = await spawnCli(['verify', '--config', '/none'], {
    started: (child) => child.stderr?.destroy(),
  });
  expect([code, stdout, stderr]).toEqual([1, '', '']);
});

it('a deleted working folder is reported clearly', () => {
  const script = `d=$(mktemp -d) && cd "$d" && rmdir "$d" && exec "${process.execPath}" "${SCRIPT}" verify`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, 'error: The current folder no longer exists.\nChange to another folder.\n']);
});
