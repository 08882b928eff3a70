import type { Definition, OptionsOf } from '../command.ts';
import { DETAILS, ONLY } from '../options.ts';

export const BOOTSTRAP = {
  name: 'bootstrap',
  group: 'Account',
  summary: 'create what is in the config, or fix what drifted',
  description:
    'Shows the plan, asks, then creates what is missing and changes what differs. Running it again is always safe. ' +
    'Where nobody can be asked (a pipe, CI, --json) it writes only with --yes. It deletes nothing that holds data.',
  options: {
    dryRun: { kind: 'switch', summary: 'show the plan and write nothing, as crc plan does' },
    details: DETAILS,
    yes: { kind: 'switch', summary: 'do not ask before writing', destructive: true },
    adopt: {
      kind: 'switch',
      summary: 'manage resources that already exist and belong to no project or to another one',
    },
    prune: {
      kind: 'switch',
      summary: 'remove policies of roles and public URLs of functions that are not in the config',
      destructive: true,
    },
    only: ONLY,
  },
  exitCodes: {
    0: 'done; with --dry-run: no changes',
    1: 'something failed, is blocked, is in conflict or could not be read, or nobody could be asked',
    2: 'with --dry-run: there are changes',
  },
  examples: [
    ['crc bootstrap', 'show the plan, ask, apply it'],
    ['crc bootstrap --yes --json', 'in a script'],
    ['crc bootstrap --only lock-table', 'one resource, and nothing else'],
    ['crc bootstrap --adopt', 'manage a bucket that already exists'],
  ],
} as const satisfies Definition;

export type BootstrapOptions = OptionsOf<typeof BOOTSTRAP>;
