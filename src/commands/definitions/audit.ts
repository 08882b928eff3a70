import type { Definition, OptionsOf } from '../command.ts';

export const AUDIT = {
  name: 'audit',
  group: 'Account',
  summary: 'find roles that too many CI jobs can assume',
  description:
    'Looks at every role of the account that a CI platform can assume (GitHub, GitLab, Bitbucket, CircleCI, HCP Terraform, ' +
    'Buildkite): who gets in, with what power, and how to close it. Writes nothing, and needs no config.',
  options: {
    details: { kind: 'switch', summary: 'show all of each role, and a trust policy without the findings' },
    role: { kind: 'value', placeholder: 'name', values: 'roles', summary: 'only this role, with details' },
    failOn: {
      kind: 'value',
      placeholder: 'severity',
      values: ['low', 'medium', 'high', 'critical'],
      default: 'low',
      summary: 'exit with 2 only for findings of this severity or worse',
    },
    markdown: { kind: 'switch', summary: 'print a report in Markdown' },
    sarif: { kind: 'switch', summary: "print SARIF, for GitHub's code scanning" },
  },
  exitCodes: { 0: 'nothing found', 1: 'an error, or something could not be read', 2: 'findings' },
  examples: [
    ['crc audit', 'every role that CI can assume'],
    ['crc audit --role DeployRole', 'one role, with the trust policy that would close it'],
    ['crc audit --fail-on high --markdown >> "$GITHUB_STEP_SUMMARY"', 'as a report in a workflow'],
    ['crc audit --sarif > audit.sarif', 'for github/codeql-action/upload-sarif'],
  ],
} as const satisfies Definition;

export type AuditOptions = OptionsOf<typeof AUDIT>;
