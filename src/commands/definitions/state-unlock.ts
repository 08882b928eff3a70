import type { Definition, OptionsOf } from '../command.ts';
import { WORKSPACE } from '../options.ts';

export const STATE_UNLOCK = {
  name: 'state unlock',
  group: 'State',
  destructive: true,
  summary: 'show who holds the lock of a state, and release it',
  description: 'A lock less than an hour old may be in use, and is released only by its ID.',
  arguments: {
    key: { kind: 'required', placeholder: 'key', values: 'states', summary: 'the key of the state' },
  },
  options: {
    workspace: WORKSPACE,
    force: {
      kind: 'value',
      placeholder: 'lock-id',
      summary: 'release this lock without a prompt, no matter how recent it is',
      destructive: true,
    },
  },
  listing: 'own-page',
  exitCodes: {
    0: 'released, or not locked',
    1: 'too recent, taken by another process meanwhile, declined, or an error',
  },
  examples: [
    ['crc state unlock resume/terraform.tfstate', 'a lock more than an hour old'],
    ['crc state unlock resume/terraform.tfstate --force 5a3c…', 'in a script, or for a more recent lock'],
  ],
} as const satisfies Definition;

export type StateUnlockOptions = OptionsOf<typeof STATE_UNLOCK>;
