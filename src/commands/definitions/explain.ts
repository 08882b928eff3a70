import type { Definition, OptionsOf } from '../command.ts';
import { ONLY } from '../options.ts';

export const EXPLAIN = {
  name: 'explain',
  group: 'GitHub',
  summary: 'explain why GitHub can or cannot assume a role',
  description:
    'Compares what the jobs of a repository present to AWS with what the roles trust, as they are now in the account, ' +
    'and says what to change. In a clone it reads the workflows in .github/workflows; elsewhere it tries every subject that the ' +
    'repositories in the config can present.',
  options: {
    role: {
      kind: 'value',
      placeholder: 'name',
      values: 'roles',
      summary: 'one role; default: all in the config; with --subject or --token those meant for it, if any',
    },
    subject: { kind: 'value', placeholder: 'sub', summary: "the token's sub, or the part after the repository" },
    token: {
      kind: 'value',
      placeholder: 'file',
      values: 'files',
      summary: 'a token from GitHub, which is never shown; - reads stdin',
    },
    workflow: {
      kind: 'repeatable',
      placeholder: 'path',
      values: 'files',
      summary: 'the jobs of a workflow, or of all workflows in a folder (repeatable)',
    },
    denied: {
      kind: 'value',
      placeholder: 'file',
      values: 'files',
      summary: 'explain an AccessDenied in a log: what denied it, and which statement is missing; - reads stdin',
    },
    only: ONLY,
  },
  exitCodes: {
    0: 'GitHub can assume every role that was checked; with --denied: no denied call in the log',
    1: 'an error, or something could not be read',
    2: 'GitHub cannot assume a role, or crc cannot be sure; with --denied: a denied call',
  },
  examples: [
    ['crc explain', 'every job of this clone that logs in to AWS'],
    ['crc explain --role Deploy --subject environment:production', 'one job and its role, before you push'],
    ['crc explain --workflow .github/workflows/infrastructure.yml', 'all jobs of a workflow'],
    ['crc explain --role Deploy --token token.json --json', 'the token of a job, for a program'],
    ['gh run view --log-failed | crc explain --denied -', 'why a job got AccessDenied'],
  ],
} as const satisfies Definition;

export type ExplainOptions = OptionsOf<typeof EXPLAIN>;
