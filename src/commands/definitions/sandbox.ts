import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'sandbox',
  group: 'Start',
  summary: 'run a command against a local AWS emulator (Moto) and stop it; without one, stay until Ctrl-C',
  arguments: { command: { kind: 'list', placeholder: 'command', summary: 'what to run, after --' } },
  examples: [
    ['crc sandbox -- crc bootstrap', 'bootstrap nothing but this machine'],
    ["crc sandbox -- sh -c 'crc bootstrap && crc verify'", 'several commands on one emulator'],
    ['crc sandbox', 'print the environment to export, and stay'],
  ],
} as const satisfies Definition;

export type SandboxOptions = OptionsOf<typeof definition>;

export const sandboxCommand = command(definition, async () => (await import('../sandbox.ts')).sandbox);
