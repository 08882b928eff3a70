import type { Definition } from '../command.ts';

export const CHECK_FOR_UPDATE = {
  name: 'check-for-update',
  group: 'More',
  listing: 'none',
  summary: 'look up the latest version on npm, for the notice in the next run',
  exitCodes: { 0: 'noted', 1: 'npm could not be reached' },
  examples: [['crc check-for-update', 'how crc starts it in the background']],
} as const satisfies Definition;
