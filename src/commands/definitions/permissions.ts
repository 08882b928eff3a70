import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'permissions',
  group: 'Account',
  summary: 'print the least IAM policy with which a command of crc runs on this config',
  arguments: {
    command: { kind: 'required', placeholder: 'command', summary: 'bootstrap, verify, deploy-function or destroy' },
  },
  examples: [
    ['crc permissions verify', 'for a nightly check'],
    ['crc permissions bootstrap > policy.json', 'for the person who sets the account up'],
  ],
} as const satisfies Definition;

export type PermissionsOptions = OptionsOf<typeof definition>;

export const permissionsCommand = command(definition, async () => (await import('../permissions.ts')).permissions);
