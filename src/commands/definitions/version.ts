import type { Definition, OptionsOf } from '../command.ts';

export const VERSION = {
  name: 'version',
  group: 'More',
  listing: 'own-page',
  summary: 'print the version of crc',
  exitCodes: { 0: 'printed', 1: 'an error' },
  examples: [['crc version', 'the same as crc --version']],
} as const satisfies Definition;

export type VersionOptions = OptionsOf<typeof VERSION>;
