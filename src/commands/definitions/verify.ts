import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'verify',
  group: 'Account',
  summary: 'compare everything with the config and write nothing; exit code 2 on drift, 1 if anything is unread',
  options: {
    markdown: { kind: 'switch', summary: 'print a table in Markdown' },
    strict: { kind: 'switch', summary: 'exit code 2 when everything is in sync but there are warnings, too' },
  },
  examples: [
    ['crc verify', 'everything'],
    ['crc verify --only state-bucket --json', 'one resource, for a program'],
    ['crc verify --markdown >> "$GITHUB_STEP_SUMMARY"', 'as a report'],
  ],
} as const satisfies Definition;

export type VerifyOptions = OptionsOf<typeof definition>;

export const verifyCommand = command(definition, async () => (await import('../verify.ts')).verify);
