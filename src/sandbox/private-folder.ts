import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that only this user can read, and that is removed after the run, however that ends. */
export interface PrivateFolder {
  /** An absolute path without links. */
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Removes the folder when descriptor 3 closes, which happens when crc has ended. Twice, because programs that crc
 * started end at the same time and may still be writing.
 */
const REMOVER = 'cat <&3 >/dev/null; rm -rf -- "$1"; sleep 1; rm -rf -- "$1"';

/** Creates a folder for temporary files (mode 0700), with a background process that removes it if crc is killed. */
export async function privateFolder(prefix: string): Promise<PrivateFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  const remover = process.platform === 'win32' ? undefined : startRemover(path);
  return {
    path,
    async remove() {
      // Programs that were just stopped may still have files open in it.
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      if (remover !== undefined) await dismiss(remover);
    },
  };
}

function startRemover(path: string): ChildProcess {
  const remover = spawn('sh', ['-c', REMOVER, 'sh', path], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  // If it cannot be started, the run removes the folder itself, as on Windows.
  remover.on('error', () => undefined);
  remover.stdio[3]?.on('error', () => undefined);
  return remover;
}

async function dismiss(remover: ChildProcess): Promise<void> {
  if (remover.pid === undefined || remover.exitCode !== null || remover.signalCode !== null) return;
  const ended = once(remover, 'exit');
  process.kill(-remover.pid, 'SIGKILL');
  await ended;
}
