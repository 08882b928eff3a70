import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { CrcError } from '../../src/errors.ts';
import { auditProviders } from '../../src/trust/audit/audit.ts';
import { FINDINGS } from '../../src/trust/audit/findings.ts';
import { type AuditView, auditDocument, auditText } from '../../src/ui/audit.ts';
import { auditMarkdown } from '../../src/ui/audit-markdown.ts';
import { auditSarif } from '../../src/ui/sarif.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { auditDocumentSchema } from '../helpers/documents.ts';
import { ADMIN, audited, GITHUB, providerOf, READER, trustOf } from '../trust/audit/policies.ts';

const AUD = { aud: 'sts.amazonaws.com' };
const RUN = {
  command: 'audit',
  accountId: ACCOUNT,
  region: 'eu-west-2',
  apiCalls: { read: 9, write: 0 },
  durationMs: 700,
};
const OPEN = audited(trustOf({ StringEquals: AUD }), { policies: ADMIN });
const OWNER = audited(trustOf({ StringEquals: AUD, StringLike: { sub: 'repo:octo/*' } }), { managed: 'crc' });
const GOOD = audited(trustOf({ StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:environment:production' } }), {
  policies: READER,
  managed: 'config',
});
const VIEW: AuditView = {
  roles: [
    { ...OPEN, name: 'OpenRole' },
    { ...OWNER, name: 'Owner' },
    { ...GOOD, name: 'Good' },
  ],
  providers: auditProviders([providerOf(GITHUB), providerOf('gitlab.com')], new Map([[providerOf(GITHUB).arn, 3]])),
  unread: [{ name: 'arn:aws:iam::1:policy/P', error: new CrcError('Access denied.', { hint: 'Add iam:GetPolicy.' }) }],
  otherRoles: 4,
  hasConfig: true,
  chosen: undefined,
  page: (id) => `https://example.com/audit.md${id === undefined ? '' : `#${id}`}`,
};
/** The schema is written in draft 04, which has `id` instead of `$id`. */
const { $schema: _, id: __, ...draft } = schema;
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(draft);
const SARIF = { version: '1.2.3', file: 'infra/crc config.json', about: (id: keyof typeof FINDINGS) => FINDINGS[id] };

/** Off a terminal. */
const PLAIN = { color: false, columns: undefined };

describe('an audit as text', () => {
  it('has one line per role, the worst first', () => {
    expect(auditText(RUN, VIEW, PLAIN)).toBe(
      [
        `Account ${ACCOUNT}, eu-west-2`,
        '',
        '3 roles can be assumed from CI. Findings: 1 critical, 1 medium, 1 low. 1 item could not be read.',
        '',
        'severity  role      power  who can assume it',
        'critical  OpenRole  admin  any repository',
        'medium    Owner     write  repo:octo/* (crc, not in this config)',
        'ok        Good      read   repo:octo@1/site@2:environment:production',
        '',
        'low       gitlab.com: No role trusts this identity provider.',
        '',
        'could not be read  arn:aws:iam::1:policy/P',
        '    Access denied.',
        '    Add iam:GetPolicy.',
        '',
        '4 other roles cannot be assumed by a CI platform that crc knows.',
      ].join('\n'),
    );
  });

  it('does not mention a config for a role of crc if there is none', () => {
    for (const details of [false, true]) {
      expect(auditText(RUN, VIEW, { ...PLAIN, details })).toContain('not in this config');
      expect(auditText(RUN, { ...VIEW, hasConfig: false }, { ...PLAIN, details })).not.toContain('this config');
    }
  });

  it('covers only the requested role', () => {
    const text = auditText(RUN, { ...VIEW, roles: [OPEN], providers: [], unread: [], chosen: 'R' }, PLAIN);
    expect(text).toContain('Role R. Findings: 1 critical.');
    expect(text).not.toContain('can be assumed from CI');
  });

  it('explains only once why several items could not be read', () => {
    const error = new CrcError('Access denied.', { hint: 'Add iam:GetPolicy.' });
    const text = auditText(RUN, { ...VIEW, unread: ['a', 'b'].map((name) => ({ name, error })) }, PLAIN);
    expect(text).toContain('could not be read  a\ncould not be read  b\n    Access denied.\n    Add iam:GetPolicy.');
  });

  it('keeps its columns, however long a role name is', () => {
    const long = { ...GOOD, name: 'x'.repeat(64) };
    const roles = [{ ...OWNER, name: 'Owner' }, long];
    const text = (columns: number | undefined) => auditText(RUN, { ...VIEW, roles }, { color: false, columns });
    const gap = ' '.repeat(59);
    expect(text(undefined)).toContain(
      [
        `severity  role${' '.repeat(60)}  power  who can assume it`,
        `medium    Owner${gap}  write  repo:octo/* (crc, not in this config)`,
        `ok        ${long.name}  read   repo:octo@1/site@2:environment:production`,
      ].join('\n'),
    );
    expect(text(100)).toContain(
      [
        `severity  role${' '.repeat(60)}  power`,
        '          who can assume it',
        `medium    Owner${gap}  write`,
        '          repo:octo/* (crc, not in this config)',
        `ok        ${long.name}  read`,
        '          repo:octo@1/site@2:environment:production',
      ].join('\n'),
    );
  });

  it('counts the roles without findings if there are many', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...GOOD, name: `Good${index}` }));
    const text = auditText(RUN, { ...VIEW, roles: [...VIEW.roles, ...many] }, PLAIN);
    expect(text).toContain('21 more roles without findings');
    expect(text).not.toContain('Good3');
  });

  it('shows everything with details: the reason, the fix, and what could not be determined', () => {
    const text = auditText(RUN, VIEW, { ...PLAIN, details: true });
    expect(text).toContain('critical  no-subject\n    Any repository on GitHub can assume it');
    expect(text).toContain('https://example.com/audit.md#owner-wildcard');
    expect(text).toContain('"token.actions.githubusercontent.com:sub": "repo:octo/REPOSITORY:ref:refs/heads/BRANCH"');
    expect(text).toContain('note: Any branch can assume it through the environment production of octo/site, unless');
  });

  it('reports if there are no roles', () => {
    const text = auditText(RUN, { ...VIEW, roles: [], providers: [], unread: [], otherRoles: 0 }, PLAIN);
    expect(text).toBe(`Account ${ACCOUNT}, eu-west-2\n\nNo role can be assumed from CI. No findings.`);
  });

  it('shows foreign text on one line, and without its colours', () => {
    const evil = { ...OPEN, name: 'a\u001b[31m\n::error::x' };
    const text = auditText(RUN, { ...VIEW, roles: [evil] }, { ...PLAIN, details: true });
    expect(text).toContain(String.raw`a\x1b[31m\n::error::x`);
  });
});

describe('an audit as a document', () => {
  it('is one document', () => {
    const document = auditDocumentSchema.parse(JSON.parse(auditDocument(RUN, 'findings', VIEW)));
    expect(document.roles.map(({ severity, admits, power }) => [severity, admits, power])).toEqual([
      ['critical', ['any repository'], 'administrator'],
      ['medium', ['repo:octo/*'], 'write'],
      ['none', ['repo:octo@1/site@2:environment:production'], 'read'],
    ]);
    expect(document.roles[2]?.findings).toEqual([]);
  });

  it('is valid SARIF, with everything that code scanning needs', () => {
    const sarif = JSON.parse(auditSarif(RUN, VIEW, SARIF));
    isSarif(sarif);
    expect(isSarif.errors).toBeNull();
    const [run] = sarif.runs;
    expect(run.results.map((result: Record<string, unknown>) => [result.ruleId, result.level])).toEqual([
      ['no-subject', 'error'],
      ['owner-wildcard', 'warning'],
      ['unused-provider', 'note'],
    ]);
    const rules = run.tool.driver.rules as { id: string; properties: Record<string, string>; helpUri: string }[];
    expect(rules.map(({ id, properties, helpUri }) => [id, properties['security-severity'], helpUri])).toEqual([
      ['no-subject', '9.5', 'https://example.com/audit.md#no-subject'],
      ['owner-wildcard', '5.5', 'https://example.com/audit.md#owner-wildcard'],
      ['unused-provider', '3.0', 'https://example.com/audit.md#unused-provider'],
    ]);
    expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('infra/crc%20config.json');
    expect(run.results[0].partialFingerprints).toEqual({ 'crcAudit/v1': `no-subject:${OPEN.arn}` });
    expect(run.invocations[0].executionSuccessful).toBe(false);
    expect(isSarif({ version: '2.1.0' })).toBe(false);
  });

  it('is a Markdown report in which names are plain text', () => {
    const text = auditMarkdown(RUN, { ...VIEW, roles: [{ ...OPEN, name: 'a|b`<img>' }] });
    expect(text).toContain('| critical | a\\|b\\`\\<img> | administrator | `any repository` | other |');
    expect(text).toContain('- **critical** [no-subject](https://example.com/audit.md#no-subject): Any repository');
    expect(text).toContain('**Could not be read**');
  });
});
