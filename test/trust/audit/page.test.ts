import { expect, it } from 'vitest';
import { FINDINGS, NOTES, type Shape } from '../../../src/trust/audit/findings.ts';
import { PLATFORMS } from '../../../src/trust/audit/issuers.ts';
import { markdownTable } from '../../helpers/commands-page.ts';

/** Words in braces are filled in when it happens; here they name what will stand there. */
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
    '`crc audit` looks at every role of the account that a CI platform can assume: who gets in, with what power, and how to close it.',
    'It needs no config and writes nothing. `crc permissions audit` prints the rights that it needs.',
    '',
    '```sh',
    'npx crc-bootstrap audit                  # every role, the worst first',
    'npx crc-bootstrap audit --role NAME      # one role, with the trust policy that would close it',
    'npx crc-bootstrap audit --sarif          # for code scanning on GitHub',
    '```',
    '',
    'It lists roles with `iam:GetAccountAuthorizationDetails`, 200 at a time, which answers with trust policies, tags and inline policies',
    'at once. `iam:ListRoles` would take four more calls for each role, and rights to read the same. Then it reads the managed policies of',
    'the roles that CI can assume, each once, and the identity providers.',
    '',
    '## Severity',
    '',
    'Who gets in, times what the role may do. What crc cannot judge (a condition on an address, a variable) counts as met, and a policy',
    'that could not be read counts as write access, so that nothing is reported as narrower than it is.',
    '',
    ...markdownTable(
      ['who gets in', 'administrator', 'writes', 'only reads'],
      [
        ['everyone on the platform', 'critical', 'critical', 'high'],
        ['any repository of one owner', 'high', 'medium', 'low'],
        ['pull requests of one repository', 'high', 'medium', 'none'],
        ['any branch of one repository', 'medium', 'low', 'none'],
        ['one repository, by branch, tag or environment', 'none', 'none', 'none'],
      ],
    ),
    '',
    'A role that may change IAM (`iam:PutRolePolicy`, `iam:AttachRolePolicy`, …) can give itself everything, and counts as administrator.',
    'A permissions boundary counts: no role may do more than its boundary.',
    '',
    '`--fail-on medium` exits with 2 only for findings of that severity or worse.',
    '',
    '## Platforms',
    '',
    ...markdownTable(
      ['platform', 'a subject of one project', 'source'],
      PLATFORMS.map(({ name, example, source }) => [name, `\`${example}\``, `<${source}>`]),
    ),
    '',
    'GitHub Enterprise is GitHub with an issuer of its own: `token.actions.githubusercontent.com/SLUG`, `token.actions.NAME.ghe.com`, or a',
    'server. There, and at Bitbucket and CircleCI, the issuer already names the customer. Roles of clusters, user pools and other',
    'identity providers are counted, and not audited.',
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
    'What a reader should know, and what is no finding: it is right, or cannot be known from the account.',
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
