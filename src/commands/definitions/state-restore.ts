import type { Definition, OptionsOf } from '../command.ts';
import { WORKSPACE } from '../options.ts';

export const STATE_RESTORE = {
  name: 'state restore',
  group: 'State',
  destructive: true,
  summary: 'go back to an older version of a state',
  description:
    "Takes Terraform's lock, writes the old content as a new version with a higher serial, and fixes the digest. All other versions are kept.",
  arguments: {
    key: { kind: 'required', placeholder: 'key', values: 'states', summary: 'the key of the state' },
    version: {
      kind: 'required',
      placeholder: 'version',
      summary: 'a version id, a serial, or ~1 for the one before the newest',
    },
  },
  options: {
    workspace: WORKSPACE,
    yes: { kind: 'switch', summary: 'do not ask before writing', destructive: true },
    otherLineage: {
      kind: 'switch',
      summary: 'restore a version whose lineage differs from the newest',
      destructive: true,
    },
  },
  listing: 'own-page',
  exitCodes: { 0: 'restored, or nothing to do', 1: 'locked, declined, or an error: the message says what was written' },
  examples: [
    ["crc state restore resume/terraform.tfstate '~1'", 'undo the last write'],
    ["crc state restore resume/terraform.tfstate '~0'", 'bring a deleted state back'],
  ],
} as const satisfies Definition;

export type StateRestoreOptions = OptionsOf<typeof STATE_RESTORE>;
