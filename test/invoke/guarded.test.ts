import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { Interrupted } from '../../src/engine/interrupted.ts';
import { runGuarded } from '../../src/invoke/guarded.ts';

it.each([
  ['fails because its folder was deleted', { recursive: false }, true],
  ['creates its folder again', { recursive: true }, true],
  ['creates its folder again and writes everything', { recursive: true }, false],
])(
  'a run that is stopped while it writes its files is interrupted, and leaves no files: %s',
  async (_, options, fails) => {
    const controller = new AbortController();
    let folder = '';
    const running = runGuarded(
      async (path) => {
        folder = path;
        controller.abort();
        await vi.waitFor(() => expect(existsSync(path)).toBe(false), { timeout: 20_000 });
        await mkdir(join(path, 'package'), options);
        if (fails) throw new Error('the next file could not be written');
        const task = { program: process.execPath, args: [], cwd: path, env: {}, input: '', mark: 'stopped' };
        return { ...task, startSeconds: 1, timeoutSeconds: 1 };
      },
      { PATH: process.env.PATH },
      controller.signal,
    );
    await expect(running).rejects.toThrow(Interrupted);
    expect(readdirSync(dirname(folder))).not.toContain(folder.slice(dirname(folder).length + 1));
  },
);
