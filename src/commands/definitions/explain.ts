import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'explain',
  group: 'GitHub',
  summary: 'say whether GitHub can assume a role, and if not why; exit code 2 if it cannot',
  options: {
    role: { kind: 'value', placeholder: 'name', summary: "one role; default: all of the config's" },
    subject: { kind: 'value', placeholder: 'sub', summary: "the token's sub, or what follows the repository in it" },
    token: { kind: 'value', placeholder: 'file', summary: 'a token of GitHub, which is never shown; - reads stdin' },
    workflow: { kind: 'value', placeholder: 'file', summary: 'a workflow: every job in it that logs in' },
  },
  examples: [
    ['crc explain', "every subject that the config's repositories can mint"],
    ['crc explain --subject environment:production', 'one job, before the push'],
    ['crc explain --workflow .github/workflows/infrastructure.yml', 'all jobs of a workflow'],
    ['crc explain --role Deploy --token token.json --json', 'what a job really had, for a program'],
  ],
} as const satisfies Definition;

export type ExplainOptions = OptionsOf<typeof definition>;

export const explainCommand = command(definition, async () => (await import('../explain.ts')).explain);
