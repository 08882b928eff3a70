import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
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

export type StateListOptions = OptionsOf<typeof definition>;

export const stateListCommand = command(definition, async () => (await import('../state/list.ts')).stateList);
