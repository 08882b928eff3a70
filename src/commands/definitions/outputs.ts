import type { Definition, OptionsOf } from '../command.ts';

export const OUTPUTS = {
  name: 'outputs',
  group: 'GitHub',
  summary: 'show role ARNs, function URLs and backend blocks',
  description: 'Also prints the gh commands for the variables that the workflow reads.',
  options: {
    githubOutput: { kind: 'switch', summary: 'append them to the file in GITHUB_OUTPUT, as outputs of the step' },
  },
  exitCodes: { 0: 'shown', 1: 'something is missing or could not be read; the rest is shown' },
  examples: [
    ['crc outputs', 'everything'],
    ["crc outputs --json | jq -r '.functions.IncrementVisits.url'", 'one URL'],
    ['crc outputs --github-output', 'in a step of a workflow'],
  ],
} as const satisfies Definition;

export type OutputsOptions = OptionsOf<typeof OUTPUTS>;
