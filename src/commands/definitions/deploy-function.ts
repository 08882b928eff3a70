import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'deploy-function',
  group: 'Function',
  summary: 'deploy functions (all, without names) and what they need, and prove that they answer',
  arguments: { names: { kind: 'list', placeholder: 'name', summary: 'functions of the config' } },
  options: {
    dryRun: { kind: 'switch', summary: 'show the plan and write nothing; exit code 2 if there is anything to do' },
    smokeTest: { kind: 'negated', summary: 'do not call the function afterwards; a test of the visit counter counts' },
    rollback: {
      kind: 'optional-value',
      placeholder: 'version',
      summary: 'serve an earlier version again; without one, the last that had other code',
    },
  },
  examples: [
    ['crc deploy-function', 'all functions, from source to a tested URL'],
    ['crc deploy-function IncrementVisits --dry-run', 'what would be done for one'],
    ['crc deploy-function IncrementVisits --rollback', 'the version before'],
    ['crc deploy-function --no-smoke-test --json', 'in a script, leaving the counter alone'],
  ],
} as const satisfies Definition;

export type DeployFunctionOptions = OptionsOf<typeof definition>;

export const deployFunctionCommand = command(
  definition,
  async () => async (options, io) =>
    options.rollback === undefined
      ? await (await import('../deploy-function.ts')).deployFunction(options, io)
      : await (await import('../rollback-function.ts')).rollbackFunction(options, io),
);
