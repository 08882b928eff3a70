import type { Definition, OptionsOf } from '../command.ts';

export const HELP = {
  name: 'help',
  group: 'More',
  listing: 'own-page',
  summary: 'list all commands, or show the options of one or of all',
  arguments: {
    topic: { kind: 'list', placeholder: 'command', summary: 'a command, such as verify or state list, or options' },
  },
  exitCodes: { 0: 'shown', 1: 'unknown command' },
  examples: [
    ['crc help', 'all commands'],
    ['crc help bootstrap', 'options, exit codes and examples of one command'],
    ['crc help options', 'the options of every command'],
  ],
} as const satisfies Definition;

export type HelpOptions = OptionsOf<typeof HELP>;
