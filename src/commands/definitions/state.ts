import type { Definition } from '../command.ts';

export const STATE = {
  name: 'state',
  group: 'State',
  isGroup: true,
  summary: 'list, compare, restore and check Terraform states',
  description: 'The state bucket is versioned: every state ever written is still in it.',
  exitCodes: { 0: 'shown', 1: 'unknown command' },
  examples: [
    ['crc state list', 'all states in the bucket'],
    ['crc state history resume/terraform.tfstate', 'all versions of one'],
    ["crc state restore resume/terraform.tfstate '~1'", 'go back to the version before the newest'],
  ],
} as const satisfies Definition;
