import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'workflow',
  group: 'GitHub',
  summary: 'print the GitHub Actions workflow that tests, plans, applies, deploys and verifies',
  options: {
    repository: { kind: 'value', placeholder: 'owner/name', summary: "one of several; default: the config's only one" },
    key: {
      kind: 'value',
      placeholder: 'key',
      summary: "state of the Terraform code; default: the repository's only one",
    },
    directory: { kind: 'value', placeholder: 'path', summary: 'where the Terraform code is', default: '.' },
    branch: { kind: 'value', placeholder: 'name', summary: 'the branch that is applied and deployed', default: 'main' },
  },
  examples: [['crc workflow > .github/workflows/infrastructure.yml', 'as a file']],
} as const satisfies Definition;

export type WorkflowOptions = OptionsOf<typeof definition>;

export const workflowCommand = command(definition, async () => (await import('../workflow.ts')).workflow);
