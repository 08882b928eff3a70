import type { Definition, OptionsOf } from '../command.ts';
import { WORKSPACE } from '../options.ts';

export const STATE_HISTORY = {
  name: 'state history',
  group: 'State',
  summary: 'list all versions of a state, the newest first',
  arguments: {
    key: {
      kind: 'optional',
      placeholder: 'key',
      values: 'states',
      summary: "the key of the state; default: the config's only one",
    },
  },
  options: {
    workspace: WORKSPACE,
    limit: { kind: 'value', placeholder: 'count', summary: 'show at most this many versions' },
  },
  listing: 'own-page',
  exitCodes: { 0: 'shown', 1: 'no such state, or an error' },
  examples: [
    ['crc state history resume/terraform.tfstate', 'all versions'],
    ['crc state history --workspace dev --limit 10', 'the last ten of a workspace'],
  ],
} as const satisfies Definition;

export type StateHistoryOptions = OptionsOf<typeof STATE_HISTORY>;
