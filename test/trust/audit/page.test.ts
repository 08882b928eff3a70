import { expect, it } from 'vitest';
import { FINDINGS, NOTES, type Shape } from '../../../src/trust/audit/findings.ts';
import { PLATFORMS } from '../../../src/trust/audit/issuers.ts';
import { markdownTable } from '../../helpers/commands-page.ts';

/** Replaces placeholders in braces with what they stand for. */
function words(text: string): string {
  return text
    .replaceAll('{jq}', "'{ownerId: .owner.id, repositoryId: .id}'")
    .replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
}

function page(): string {
  const findings = Object.entries(FINDINGS) as readonly (readonly [string, Shape])[];
  return [
    '# Findings of `crc audit`',
    '',
    '`crc audit` inspects every role in the account that CI can assume: who can assume it, what it may do, and how to restrict it. It',
    'needs no config and writes nothing. `crc permissions audit` prints the permissions that it needs.',
    '',
    '```sh',
    'npx crc-bootstrap audit                  # every role, most severe first',
    'npx crc-bootstrap audit --role NAME      # one role, with a trust policy that resolves its findings',
    'npx crc-bootstrap audit --sarif          # for GitHub code scanning',
    '```',
    '',
    'It lists roles with `iam:GetAccountAuthorizationDetails`, 200 per call, which also returns their trust policies, tags and inline',
    'policies. `iam:ListRoles` would require four more calls for each role, and permissions for them. Then it reads the managed policies',
    'of the roles that CI can assume, each once, and the identity providers.',
    '',
    '## Severity',
    '',
    'The severity depends on who can assume the role and on what the role may do. Conditions that crc cannot evaluate (on an IP address,',
    'with a variable) count as met, and policies that could not be read count as write access, so nothing is reported as narrower than it',
    'is.',
    '',
    ...markdownTable(
      ['who can assume it', 'administrator', 'writes', 'only reads'],
      [
        ['everyone on the platform', 'critical', 'critical', 'high'],
        ['any repository of one owner', 'high', 'medium', 'low'],
        ['pull requests of one repository', 'high', 'medium', 'none'],
        ['any branch of one repository', 'medium', 'low', 'none'],
        ['one repository, by branch, tag or environment', 'none', 'none', 'none'],
      ],
    ),
    '',
    'A role that may change IAM (`iam:PutRolePolicy`, `iam:AttachRolePolicy`, …) can grant itself everything, so it counts as an',
    'administrator. Permissions boundaries are taken into account: no role may do more than its boundary.',
    '',
    'With `--fail-on medium`, the exit code is 2 only for findings of that severity or above.',
    '',
    '## Platforms',
    '',
    ...markdownTable(
      ['platform', 'subject of one project', 'source'],
      PLATFORMS.map(({ name, example, source }) => [name, `\`${example}\``, `<${source}>`]),
    ),
    '',
    'GitHub Enterprise has its own issuers: `token.actions.githubusercontent.com/SLUG`, `token.actions.NAME.ghe.com`, or that of a server.',
    'These issuers, and those of Bitbucket and CircleCI, already identify the customer. Roles for clusters, user pools and other identity',
    'providers are counted but not audited.',
    '',
    '<!-- Generated from src/trust/audit/findings.ts: npm run docs -->',
    '',
    '## Findings',
    '',
    ...findings.flatMap(([id, { title, message, fix, inConfig, why, severity, example, source }]) => [
      `### \`${id}\``,
      '',
      `**${title}.** ${words(message)}`,
      '',
      why,
      '',
      `- Severity: ${severity}`,
      `- Example: ${example}`,
      `- Fix: ${words(fix)}`,
      ...(inConfig === undefined ? [] : [`- Fix in the config: ${words(inConfig)}`]),
      `- Source: <${source}>`,
      '',
    ]),
    '## Notes',
    '',
    'Notes are not findings: what they report is not a problem, or cannot be determined from the account.',
    '',
    ...Object.entries(NOTES).flatMap(([id, { title, message, why, source }]) => [
      `### \`${id}\``,
      '',
      `**${title}.** ${words(message)}`,
      '',
      why,
      '',
      `Source: <${source}>`,
      '',
    ]),
  ].join('\n');
}

it('docs/audit.md is generated from the table of findings, with a section for each id', async () => {
  await expect(page()).toMatchFileSnapshot('../../../docs/audit.md');
});
