import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'bootstrap',
  group: 'Account',
  summary: 'make everything in the config, or bring it back to what the config says',
  options: {
    dryRun: { kind: 'switch', summary: 'show the plan and write nothing; exit code 2 if there is anything to do' },
    yes: { kind: 'switch', summary: 'do not ask before writing' },
    adopt: {
      kind: 'switch',
      summary: 'take over resources that this project does not own, with the changes in the plan',
    },
    prune: { kind: 'switch', summary: "remove policies that the config does not name from crc's own roles" },
  },
  examples: [
    ['crc bootstrap --dry-run', 'what would be done'],
    ['crc bootstrap --yes --json', 'in a script'],
    ['crc bootstrap --only lock-table', 'one resource'],
    ['crc bootstrap --adopt', 'take over a bucket that Terraform made'],
  ],
} as const satisfies Definition;

export type BootstrapOptions = OptionsOf<typeof definition>;

export const bootstrapCommand = command(definition, async () => (await import('../bootstrap.ts')).bootstrap);
