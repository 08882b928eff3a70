import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'backend',
  group: 'State',
  summary: 'print the backend block of a Terraform state',
  arguments: {
    key: {
      kind: 'optional',
      placeholder: 'key',
      values: 'states',
      summary: "key of the state; default: the config's only one",
    },
  },
  options: {
    format: {
      kind: 'value',
      placeholder: 'format',
      values: ['hcl', 'args', 'json'],
      summary: 'hcl, args (flags of terraform init) or json (a .tf.json file)',
      default: 'hcl',
    },
  },
  exitCodes: { 0: 'printed', 1: 'the config has no such state, or several and none was named' },
  examples: [
    ['crc backend > backend.tf', 'write it to a file'],
    ['terraform init $(crc backend --format args)', 'pass it as flags; your code then has an empty backend block'],
    ['crc backend github-oidc/terraform.tfstate --json', 'choose one of several states, for a program'],
  ],
} as const satisfies Definition;

export type BackendOptions = OptionsOf<typeof definition>;

export const backendCommand = command(definition, async () => (await import('../backend.ts')).backend);
