import type { Definition, OptionsOf } from '../command.ts';
import { ONLY } from '../options.ts';

export const DESTROY = {
  name: 'destroy',
  group: 'Account',
  summary: 'delete what crc created; Terraform states are kept',
  description:
    'Shows what will be deleted and what is kept, then asks you to type the name of the state bucket. Resources that ' +
    'are shared, belong to another project or are under retention are kept.',
  destructive: true,
  options: {
    dryRun: { kind: 'switch', summary: 'show what will be deleted and what is kept, and delete nothing' },
    confirm: {
      kind: 'value',
      placeholder: 'bucket',
      summary: "the state bucket's name: deletes without a prompt",
      destructive: true,
    },
    deleteState: {
      kind: 'switch',
      summary: 'delete the Terraform states too, permanently, with all versions',
      destructive: true,
    },
    orphans: {
      kind: 'switch',
      summary: 'delete only resources of this project that are no longer in the config',
      destructive: true,
    },
    only: ONLY,
  },
  exitCodes: {
    0: 'everything is deleted except what is meant to be kept',
    1: 'something is blocked, failed or could not be read, or nobody could be asked',
  },
  examples: [
    ['crc destroy --dry-run', 'show what will be deleted, what is kept, and why'],
    ['crc destroy', 'ask for the name of the bucket, then delete'],
    ['crc destroy --confirm my-states --delete-state', 'everything, in a script'],
    ['crc destroy --orphans', 'what is no longer in the config: roles, functions with their logs, and tables'],
  ],
} as const satisfies Definition;

export type DestroyOptions = OptionsOf<typeof DESTROY>;
