import { describe, expect, it } from 'vitest';
import { shellOf } from '../../src/sandbox/current-shell.ts';

const linux = { platform: 'linux', pid: 30, processes: '' } as const;

describe('the shell in use', () => {
  it.each([
    ['its parent', '   20  10 fish\n   30  20 node\n', 'fish'],
    ['the parent of npx, which starts crc by sh', '10 1 zsh\n15 10 npm exec crc\n20 15 sh\n30 20 node\n', 'zsh'],
    ['a login shell of macOS', '20 10 -zsh\n30 20 node\n', 'zsh'],
    ['a path with a space', '20 10 /opt/my shells/fish\n30 20 node\n', 'fish'],
    ['PowerShell on Linux', '20 10 pwsh\n30 20 node\n', 'powershell'],
    ['the nearest shell', '5 1 zsh\n10 5 bash\n20 10 fish\n30 20 node\n', 'fish'],
    ['the login shell if there is no parent shell', '20 10 sshd\n30 20 node\n', 'bash'],
    ['the login shell, without a list of processes', '', 'bash'],
    ['the login shell if the list of parents is circular', '20 30 node\n30 20 node\n', 'bash'],
  ])('is %s', (_, processes, expected) => {
    expect(shellOf({ ...linux, processes, env: { SHELL: '/bin/bash' } })).toBe(expected);
  });

  it('is a POSIX shell by default', () => {
    expect(shellOf({ ...linux, env: {} })).toBe('sh');
    expect(shellOf({ ...linux, env: { SHELL: '/bin/tcsh' } })).toBe('sh');
  });

  it.each([
    [
      'PowerShell',
      { PSModulePath: 'C:\\Users\\me\\Documents\\Modules;C:\\Program Files\\Modules;C:\\Windows\\Modules' },
      'powershell',
    ],
    ['cmd', { PSModulePath: 'C:\\Program Files\\Modules;C:\\Windows\\Modules' }, 'cmd'],
    ['Git Bash', { SHELL: 'C:\\Program Files\\Git\\usr\\bin\\bash.exe' }, 'bash'],
  ])('on Windows is %s', (_, env, expected) => {
    expect(shellOf({ platform: 'win32', pid: 1, processes: '', env })).toBe(expected);
  });
});
