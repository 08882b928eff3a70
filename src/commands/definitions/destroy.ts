import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'destroy',
  group: 'Account',
  summary: 'delete what this project owns, after an inventory and a typed consent; states are kept by default',
  options: {
    dryRun: { kind: 'switch', summary: 'show what will be deleted and what is kept, and delete nothing' },
    confirm: { kind: 'value', placeholder: 'bucket', summary: "the state bucket's name: deletes without a prompt" },
    deleteState: { kind: 'switch', summary: 'delete the states too, for good, with all their versions' },
  },
  examples: [
    ['crc destroy --dry-run', 'what will be deleted, what is kept and why'],
    ['crc destroy', 'asks for the name of the bucket'],
    ['crc destroy --confirm my-states --delete-state', 'everything, in a script'],
  ],
} as const satisfies Definition;

export type DestroyOptions = OptionsOf<typeof definition>;

export const destroyCommand = command(definition, async () => (await import('../destroy.ts')).destroy);
