import type { Definition, OptionsOf } from '../command.ts';

export const PERMISSIONS = {
  name: 'permissions',
  group: 'Account',
  summary: 'print the least IAM policy that a crc command needs',
  arguments: {
    command: {
      kind: 'required',
      placeholder: 'command',
      values: ['bootstrap', 'verify', 'deploy-function', 'destroy', 'state', 'state-check', 'audit', 'init'],
      summary: 'bootstrap, verify, deploy-function, destroy, state, state-check, audit or init (--from-account)',
    },
  },
  exitCodes: { 0: 'printed', 1: 'an error' },
  examples: [
    ['crc permissions verify', 'for a nightly drift check'],
    ['crc permissions bootstrap > policy.json', 'for the person who sets up the account'],
    ['crc permissions terraform', 'what your own Terraform code needs, recorded in an emulator'],
  ],
} as const satisfies Definition;

export type PermissionsOptions = OptionsOf<typeof PERMISSIONS>;
