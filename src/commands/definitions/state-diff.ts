import type { Definition, OptionsOf } from '../command.ts';
import { WORKSPACE } from '../options.ts';

export const STATE_DIFF = {
  name: 'state diff',
  group: 'State',
  summary: 'compare two versions of a state, without showing values',
  description: 'Shows addresses and attribute names. States hold secrets, so values are never shown.',
  arguments: {
    key: {
      kind: 'optional',
      placeholder: 'key',
      values: 'states',
      summary: "the key of the state; default: the config's only one",
    },
    from: {
      kind: 'optional',
      placeholder: 'from',
      summary: 'a version id, a serial, or ~1 for the one before the newest (default: ~1)',
    },
    to: { kind: 'optional', placeholder: 'to', summary: 'likewise (default: ~0, the newest)' },
  },
  options: {
    workspace: WORKSPACE,
  },
  listing: 'own-page',
  exitCodes: { 0: 'shown', 1: 'no such state or version, or an error' },
  examples: [
    ['crc state diff resume/terraform.tfstate', 'what the last apply changed'],
    ["crc state diff resume/terraform.tfstate '~5' '~0'", 'what the last five applies changed'],
  ],
} as const satisfies Definition;

export type StateDiffOptions = OptionsOf<typeof STATE_DIFF>;
