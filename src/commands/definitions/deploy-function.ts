import type { Definition, OptionsOf } from '../command.ts';
import { DETAILS, ONLY } from '../options.ts';

export const DEPLOY_FUNCTION = {
  name: 'deploy-function',
  group: 'Function',
  summary: 'build, deploy and smoke-test the functions',
  description:
    'Builds each function, uploads the code if it changed, publishes a version, points the alias live to it and calls it. ' +
    'If that call fails, live points to the previous version again. It never prompts.',
  arguments: {
    names: { kind: 'list', placeholder: 'name', values: 'functions', summary: 'functions in the config; default: all' },
  },
  options: {
    dryRun: { kind: 'switch', summary: 'show the plan and write nothing' },
    details: DETAILS,
    smokeTest: { kind: 'negated', summary: 'do not call the function afterwards' },
    rollback: {
      kind: 'optional-value',
      placeholder: 'version',
      summary: 'point live to an earlier version; default: the last one with other code',
    },
    only: ONLY,
  },
  exitCodes: {
    0: 'deployed and tested; with --dry-run: no changes',
    1: 'something failed; live still points to the last working version',
    2: 'with --dry-run: there are changes',
  },
  examples: [
    ['crc deploy-function', 'all functions, from source to a tested URL'],
    ['crc deploy-function IncrementVisits --dry-run', 'show what would change'],
    ['crc deploy-function IncrementVisits --rollback', 'go back to the previous version'],
    ['crc deploy-function --no-smoke-test --json', 'in a script, without calling the function'],
  ],
} as const satisfies Definition;

export type DeployFunctionOptions = OptionsOf<typeof DEPLOY_FUNCTION>;
