import type { Definition, OptionsOf } from '../command.ts';

export const STATE_LIST = {
  name: 'state list',
  group: 'State',
  summary: 'list all states in the bucket, and who holds their locks',
  listing: 'own-page',
  exitCodes: { 0: 'shown', 1: 'an error' },
  examples: [
    ['crc state list', 'declared in the config or not'],
    ['crc state list --json', 'for a script'],
  ],
} as const satisfies Definition;

export type StateListOptions = OptionsOf<typeof STATE_LIST>;
