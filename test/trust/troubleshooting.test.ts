import { expect, it } from 'vitest';
import { CAUSES, type Cause } from '../../src/trust/causes/index.ts';
import { OTHER_MESSAGES } from '../../src/trust/other-messages.ts';

/** Replaces placeholders in braces with what they stand for. */
function words(text: string): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
  );
}

function page(): string {
  const causes = Object.entries(CAUSES) as readonly (readonly [string, Cause])[];
  const messages = [...new Set(causes.map(([, { message }]) => message))];
  const sections = messages.flatMap((message) => [
    `## ${message}`,
    '',
    ...causes
      .filter(([, cause]) => cause.message === message)
      .flatMap(([id, { cause, fix, command, source }]) => [
        `### \`${id}\``,
        '',
        words(cause),
        '',
        words(fix),
        '',
        '```sh',
        words(command),
        '```',
        '',
        `Source: <${source}>`,
        '',
      ]),
  ]);
  return [
    '# Troubleshooting',
    '',
    'Messages, causes and fixes if GitHub Actions cannot log in to AWS. `crc explain` shows which of these apply to your account: it',
    'compares what GitHub will present with what the account trusts. `crc explain --workflow FILE` checks each job of a workflow before',
    'you push, and `crc explain --token FILE` checks the token of an actual job.',
    '',
    'The headings are messages from the log of a job. Words in uppercase stand for values.',
    '',
    '<!-- Generated from src/trust/causes/: npm run docs -->',
    '',
    ...sections,
    '## Other messages',
    '',
    ...OTHER_MESSAGES.flatMap(({ message, cause, fix, source }) => [
      `### ${message}`,
      '',
      cause,
      '',
      fix,
      '',
      `Source: <${source}>`,
      '',
    ]),
  ].join('\n');
}

it('docs/troubleshooting.md is generated from the causes that crc explain reports', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/troubleshooting.md');
});
