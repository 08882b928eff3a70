import type { Definition, OptionsOf } from '../command.ts';

export const WORKFLOW = {
  name: 'workflow',
  group: 'GitHub',
  summary: 'print the GitHub Actions workflow',
  description: 'The workflow tests, plans, applies, deploys and verifies.',
  options: {
    repository: {
      kind: 'value',
      placeholder: 'owner/name',
      values: 'repositories',
      summary: "repository; default: the config's only one",
    },
    key: {
      kind: 'value',
      placeholder: 'key',
      values: 'states',
      summary: "Terraform state; default: the repository's only one",
    },
    directory: {
      kind: 'value',
      placeholder: 'path',
      values: 'files',
      summary: 'folder of the Terraform code; default: next to the config',
    },
    branch: {
      kind: 'value',
      placeholder: 'name',
      summary: 'branch to apply and deploy; default: the one that the roles trust',
    },
  },
  exitCodes: { 0: 'printed', 1: 'a role does not trust its job, or the config lacks something the workflow needs' },
  examples: [['crc workflow > .github/workflows/infrastructure.yml', 'write it to a file']],
} as const satisfies Definition;

export type WorkflowOptions = OptionsOf<typeof WORKFLOW>;
