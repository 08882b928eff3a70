import type { Definition, OptionsOf } from '../command.ts';

export const STATE_UNLOCK = {
  name: 'state unlock',
  group: 'State',
  destructive: true,
  summary: 'show who holds the lock of a state, and release it',
  description: 'A lock younger than an hour may be in use, and is released only by its id.',
  arguments: {
    key: { kind: 'required', placeholder: 'key', summary: 'the key of the state' },
  },
  options: {
    workspace: { kind: 'value', placeholder: 'name', summary: 'a workspace of Terraform other than default' },
    force: {
      kind: 'value',
      placeholder: 'lock-id',
      summary: 'release this lock without a question, however young it is',
      destructive: true,
    },
  },
  listing: 'own-page',
  exitCodes: { 0: 'released, or not locked', 1: 'too young, held by another by now, declined, or an error' },
  examples: [
    ['crc state unlock resume/terraform.tfstate', 'a lock that is older than an hour'],
    ['crc state unlock resume/terraform.tfstate --force 5a3c…', 'in a script, or for a younger one'],
  ],
} as const satisfies Definition;

export type StateUnlockOptions = OptionsOf<typeof STATE_UNLOCK>;
