import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../environment.ts';
import { isShell, type Shell } from './shells.ts';

/** More ancestors than any shell has. */
const MAX_ANCESTORS = 100;

export interface CurrentShellInput {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** The process whose shell is needed. */
  readonly pid: number;
  /** All processes, as printed by `ps -A -o pid=,ppid=,comm=`; empty without `ps`. */
  readonly processes: string;
}

/** The shell that crc was started from. Never throws: the default is a POSIX shell, or PowerShell on Windows. */
export async function currentShell(env: Environment): Promise<Shell> {
  const { platform } = process;
  const processes =
    platform === 'win32'
      ? ''
      : await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,comm=']).then(
          ({ stdout }) => stdout,
          () => '',
        );
  return shellOf({ env, platform, pid: process.pid, processes });
}

/**
 * The closest shell above the process, skipping those that only start it: npx runs a package's program through `sh -c`.
 * SHELL is the login shell, but the user may have started a different one since.
 */
export function shellOf({ env, platform, pid, processes }: CurrentShellInput): Shell {
  if (platform === 'win32' && !env.SHELL) {
    // PowerShell prepends the user's module folder to the machine's two.
    return (env.PSModulePath ?? '').split(';').length >= 3 ? 'powershell' : 'cmd';
  }
  const above = ancestors(pid, processes).find((shell) => shell !== undefined && shell !== 'sh');
  return above ?? shellNamed(env.SHELL ?? '') ?? 'sh';
}

function ancestors(pid: number, processes: string): readonly (Shell | undefined)[] {
  const all = new Map(
    [...processes.matchAll(/^\s*(\d+)\s+(\d+)\s+(.+)$/gm)].map(([, id, parent, program = '']) => [
      Number(id),
      { parent: Number(parent), shell: shellNamed(program.trim()) },
    ]),
  );
  const shells: (Shell | undefined)[] = [];
  for (
    let ancestor = all.get(pid);
    ancestor !== undefined && shells.length < MAX_ANCESTORS;
    ancestor = all.get(ancestor.parent)
  ) {
    shells.push(ancestor.shell);
  }
  return shells;
}

/** `-zsh` is a login shell, `/usr/bin/fish` a path, `bash.exe` Git for Windows. */
function shellNamed(program: string): Shell | undefined {
  const name = basename(program.replaceAll('\\', '/'))
    .replace(/^-/, '')
    .replace(/\.exe$/i, '');
  if (name === 'pwsh') return 'powershell';
  if (name === 'dash' || name === 'ksh') return 'sh';
  return isShell(name) ? name : undefined;
}
