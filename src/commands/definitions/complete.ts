import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'complete',
  group: 'More',
  listing: 'none',
  summary: 'print what a word can be completed to; called by the scripts of crc completion',
  arguments: { words: { kind: 'list', placeholder: 'word', summary: 'the command line up to the cursor, after --' } },
  exitCodes: { 0: 'printed', 1: 'an error' },
  examples: [['crc complete -- verify --on', 'print --only']],
} as const satisfies Definition;

export type CompleteOptions = OptionsOf<typeof definition>;

export const completeCommand = command(definition, async () => (await import('../complete.ts')).complete);
