import type { Definition, OptionsOf } from '../command.ts';
import { DETAILS, ONLY } from '../options.ts';

export const PLAN = {
  name: 'plan',
  group: 'Account',
  summary: 'show what bootstrap would create or change',
  description: 'The same as crc bootstrap --dry-run: reads the account, shows the plan and writes nothing.',
  options: {
    adopt: { kind: 'switch', summary: 'show what bootstrap --adopt would change' },
    prune: { kind: 'switch', summary: 'show what bootstrap --prune would change' },
    details: DETAILS,
    only: ONLY,
  },
  exitCodes: { 0: 'no changes', 1: 'something could not be read', 2: 'there are changes' },
  examples: [
    ['crc plan', 'everything'],
    ['crc plan --only lock-table', 'one resource'],
    ['crc plan --json', 'for a program: the document of bootstrap --dry-run, with "command": "plan"'],
  ],
} as const satisfies Definition;

export type PlanOptions = OptionsOf<typeof PLAN>;
