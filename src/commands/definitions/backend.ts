import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'backend',
  group: 'State',
  summary: "print the backend block of a state for Terraform; without a key, the config's only one",
  arguments: { key: { kind: 'optional', placeholder: 'key', summary: 'key of the state' } },
  options: {
    format: {
      kind: 'value',
      placeholder: 'format',
      summary: 'hcl, args (lines for terraform init) or json (a .tf.json file)',
      default: 'hcl',
    },
  },
  examples: [
    ['crc backend > backend.tf', 'as a file'],
    ['terraform init $(crc backend --format args)', 'as flags, with an empty backend block'],
    ['crc backend github-oidc/terraform.tfstate --json', 'one of several, for a program'],
  ],
} as const satisfies Definition;

export type BackendOptions = OptionsOf<typeof definition>;

export const backendCommand = command(definition, async () => (await import('../backend.ts')).backend);
