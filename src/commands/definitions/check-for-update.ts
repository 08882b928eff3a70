import type { Definition } from '../command.ts';

export const CHECK_FOR_UPDATE = {
  name: 'check-for-update',
  group: 'More',
  listing: 'none',
  summary: 'ask npm for the latest version, for the notice of the next run',
  exitCodes: { 0: 'noted', 1: 'npm could not be asked' },
  examples: [['crc check-for-update', 'as crc starts it in the background']],
} as const satisfies Definition;
