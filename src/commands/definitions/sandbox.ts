import type { Definition, OptionsOf } from '../command.ts';

export const SANDBOX = {
  name: 'sandbox',
  group: 'Start',
  summary: 'run a command against a local AWS emulator (Moto)',
  description: 'Starts Moto, runs the command and stops Moto. Without a command it runs until Ctrl-C.',
  arguments: {
    command: {
      kind: 'list',
      placeholder: 'command',
      values: 'files',
      summary: 'what to run, after --',
      isProgram: true,
    },
  },
  options: {
    terraform: {
      kind: 'switch',
      summary: 'let Terraform use the state bucket, whose policy Moto cannot evaluate',
    },
    shell: {
      kind: 'value',
      placeholder: 'shell',
      values: ['bash', 'zsh', 'sh', 'fish', 'powershell', 'cmd'],
      summary: 'print the environment for bash, zsh, sh, fish, powershell or cmd (default: the shell in use)',
    },
  },
  exitCodes: {
    0: 'stopped with Ctrl-C',
    1: 'the emulator could not be started',
    other: 'the exit code of the command',
  },
  examples: [
    ['crc sandbox -- crc bootstrap', 'try it without an AWS account'],
    ["crc sandbox -- sh -c 'crc bootstrap && crc verify'", 'several commands against one emulator'],
    ['crc sandbox --terraform -- bash', 'a shell in the sandbox, where Terraform works too'],
    ['crc sandbox', 'print the environment variables for a second terminal, and keep running'],
  ],
} as const satisfies Definition;

export type SandboxOptions = OptionsOf<typeof SANDBOX>;
