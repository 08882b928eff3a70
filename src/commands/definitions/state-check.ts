import type { Definition, OptionsOf } from '../command.ts';

export const STATE_CHECK = {
  name: 'state check',
  group: 'State',
  summary: 'find stuck locks, wrong digests, broken or overwritten states',
  options: {
    fix: { kind: 'switch', summary: 'set the digests that do not match, while holding the lock of Terraform' },
    yes: { kind: 'switch', summary: 'do not ask before writing', destructive: true },
  },
  listing: 'own-page',
  exitCodes: { 0: 'no problems', 1: 'an error', 2: 'a problem' },
  examples: [
    ['crc state check', 'exit code 2 if there is a problem'],
    ['crc state check --fix', 'when Terraform says that the state data in S3 does not have the expected content'],
  ],
} as const satisfies Definition;

export type StateCheckOptions = OptionsOf<typeof STATE_CHECK>;
