import type { Definition, OptionsOf } from '../../src/commands/command.ts';

export const IDS = {
  name: 'ids',
  group: 'Account',
  summary: 'print the id of each resource in the config',
  options: {
    kind: {
      kind: 'value',
      placeholder: 'kind',
      values: ['role', 'function'],
      summary: 'only ids that begin with KIND/',
    },
  },
  exitCodes: { 0: 'printed', 1: 'an error' },
  examples: [['crc ids --kind role', 'the roles']],
} as const satisfies Definition;

export type IdsOptions = OptionsOf<typeof IDS>;
