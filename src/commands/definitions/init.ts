import type { Definition, OptionsOf } from '../command.ts';

export const INIT = {
  name: 'init',
  group: 'Start',
  summary: 'write the config, the function and the workflow',
  options: {
    repository: { kind: 'value', placeholder: 'owner/name', summary: 'GitHub repository; default: the origin remote' },
    account: { kind: 'value', placeholder: 'id', summary: 'AWS account; default: the account of your credentials' },
    bucket: { kind: 'value', placeholder: 'name', summary: 'name of the state bucket' },
    branch: { kind: 'value', placeholder: 'name', summary: 'branch to apply; default: the default branch' },
    directory: {
      kind: 'value',
      placeholder: 'path',
      values: 'files',
      summary: 'folder that the workflow runs Terraform in; default: where the code is',
    },
    githubIds: {
      kind: 'value',
      placeholder: 'owner/repository',
      summary: "GitHub's IDs of both, like 583231/1296269; default: GitHub's answer",
    },
    function: {
      kind: 'value',
      placeholder: 'kind',
      values: ['typescript', 'python', 'none'],
      summary: 'language of the visit counter: typescript, python or none',
    },
    fromAccount: { kind: 'switch', summary: 'write the config of what the account has; only reads in AWS' },
    lockTable: {
      kind: 'value',
      placeholder: 'name',
      summary: 'with --from-account: the table with the locks, or none',
    },
    oidc: { kind: 'switch', summary: 'let workflows with access keys log in through OIDC instead' },
    dryRun: { kind: 'switch', summary: 'show what was found and would be written, and write nothing' },
    yes: { kind: 'switch', summary: 'do not ask', destructive: true },
    force: { kind: 'switch', summary: 'replace files that already exist', destructive: true },
  },
  exitCodes: { 0: 'written; with --dry-run: shown', 1: 'something is missing or wrong; nothing was written' },
  examples: [
    ['crc init', 'detect what it can, and ask for the rest'],
    ['crc init --yes --repository me/resume --region eu-west-2', 'in a script'],
    ['crc init --yes --function none', 'without the visit counter'],
    ['crc init --from-account', 'with the bucket, the table and the roles that exist'],
    ['crc init --dry-run', 'look at what is in the repository, and write nothing'],
  ],
} as const satisfies Definition;

export type InitOptions = OptionsOf<typeof INIT>;
