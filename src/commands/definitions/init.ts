import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'init',
  group: 'Start',
  summary: 'write the config, the function, the backend block and the workflow of a project',
  options: {
    repository: { kind: 'value', placeholder: 'owner/name', summary: 'GitHub repository; default: the remote origin' },
    account: { kind: 'value', placeholder: 'id', summary: 'AWS account; default: that of the credentials' },
    bucket: { kind: 'value', placeholder: 'name', summary: 'name of the state bucket' },
    function: { kind: 'value', placeholder: 'kind', summary: 'visit counter: typescript, python or none' },
    yes: { kind: 'switch', summary: 'do not ask' },
    force: { kind: 'switch', summary: 'overwrite files that are there already' },
  },
  examples: [
    ['crc init', 'asks for what it cannot find out'],
    ['crc init --yes --repository me/resume --region eu-west-2', 'in a script'],
    ['crc init --yes --function none', 'without the visit counter'],
  ],
} as const satisfies Definition;

export type InitOptions = OptionsOf<typeof definition>;

export const initCommand = command(definition, async () => (await import('../init.ts')).init);
