import type { Definition, OptionsOf } from '../command.ts';

export const COMPLETE = {
  name: 'complete',
  group: 'More',
  listing: 'none',
  summary: 'print completions for a word; called by the scripts of crc completion',
  arguments: { words: { kind: 'list', placeholder: 'word', summary: 'the command line up to the cursor, after --' } },
  exitCodes: { 0: 'printed', 1: 'an error' },
  examples: [['crc complete -- verify --on', 'print --only']],
} as const satisfies Definition;

export type CompleteOptions = OptionsOf<typeof COMPLETE>;
