import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'outputs',
  group: 'GitHub',
  summary: 'show role ARNs, function URLs, backends, and the lines that make them variables of the repository',
  options: {
    githubOutput: { kind: 'switch', summary: 'append them to the file that GITHUB_OUTPUT names' },
  },
  examples: [
    ['crc outputs', 'for people'],
    ["crc outputs --json | jq -r '.functions.IncrementVisits.url'", 'one address'],
    ['crc outputs --github-output', 'as outputs of a step'],
  ],
} as const satisfies Definition;

export type OutputsOptions = OptionsOf<typeof definition>;

export const outputsCommand = command(definition, async () => (await import('../outputs.ts')).outputs);
