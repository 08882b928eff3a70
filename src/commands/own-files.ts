import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A file of the package: `bin/crc.js`. The bundle is one folder below the package root. */
export function ownFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** `bin/crc.js`, which started this process. */
export function ownScript(): string {
  return ownFile('bin/crc.js');
}

/** Starts a crc command in the background that outlives this process. It prints nothing. */
export function startInBackground(command: string): void {
  const child = spawn(process.execPath, [ownScript(), command], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    // https://nodejs.org/api/cli.html#node_use_env_proxy1
    env: { ...process.env, NODE_USE_ENV_PROXY: '1' },
  });
  // A failure to start it does not matter.
  child.on('error', () => undefined);
  child.unref();
}
