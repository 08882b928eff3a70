import type { Definition, OptionsOf } from '../command.ts';
import { DETAILS, ONLY } from '../options.ts';

export const VERIFY = {
  name: 'verify',
  group: 'Account',
  summary: 'detect drift between the account and the config',
  description:
    'Reads everything in the config from AWS, compares it, and writes nothing. Roles, functions and tables of this project that ' +
    'are no longer in the config are reported as warnings, except with --only.',
  options: {
    markdown: { kind: 'switch', summary: 'print a report in Markdown' },
    details: DETAILS,
    strict: { kind: 'switch', summary: 'exit with 2 for warnings too' },
    build: { kind: 'switch', summary: 'build the functions, and compare them with the code that AWS serves' },
    only: ONLY,
  },
  exitCodes: {
    0: 'in sync',
    1: 'something could not be read',
    2: 'drift, something missing or a conflict; with --strict: or a warning',
  },
  examples: [
    ['crc verify', 'everything'],
    ['crc verify --only state-bucket --json', 'one resource, for a program'],
    ['crc verify --strict', 'warnings count too, such as resources no longer in the config'],
    ['crc verify --build', 'whether AWS serves what your source builds'],
    ['crc verify --markdown >> "$GITHUB_STEP_SUMMARY"', 'as a report in a workflow'],
  ],
} as const satisfies Definition;

export type VerifyOptions = OptionsOf<typeof VERIFY>;
