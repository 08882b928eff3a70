import type { AuditedProvider, AuditedRole } from '../trust/audit/types.ts';
import { type AuditView, summary } from './audit.ts';
import { shown } from './foreign.ts';
import { code, details, literal, row } from './markdown-text.ts';
import type { RunView } from './view.ts';

/** The result of an audit as GitHub Markdown: the roles with findings, what each finding means, and all roles. */
export function auditMarkdown(run: RunView, { page, ...given }: AuditView): string {
  const view = shown(given);
  const { accountId, region } = shown(run);
  const { roles, providers, unread } = view;
  const alarming = roles.filter(({ findings }) => findings.length > 0);
  const withFindings = [...alarming, ...providers.filter(({ findings }) => findings.length > 0)];
  return [
    `### crc audit: account ${literal(accountId)}, ${literal(region)}`,
    '',
    `**${literal(summary(view))}**`,
    ...(alarming.length === 0 ? [] : ['', ...table(alarming)]),
    ...withFindings.flatMap((audited) => findingLines(audited, page)),
    ...(unread.length === 0
      ? []
      : [
          '',
          '**Could not be read**',
          '',
          ...unread.map(({ name, error }) => `- ${code(name)}: ${literal(error.message)}`),
        ]),
    ...(roles.length === 0 ? [] : details('All roles that CI can assume', table(roles))),
    '',
  ].join('\n');
}

function table(roles: readonly AuditedRole[]): readonly string[] {
  return [
    row(['severity', 'role', 'power', 'who can assume it', 'whose']),
    row(Array(5).fill('---')),
    ...roles.map(({ severity, name, power, admits, managed }) =>
      row([severity, code(name), power, admits.map(({ pattern }) => code(pattern)).join('<br>') || 'nobody', managed]),
    ),
  ];
}

function findingLines(audited: AuditedRole | AuditedProvider, page: AuditView['page']): readonly string[] {
  const name = 'name' in audited ? audited.name : audited.arn;
  return [
    '',
    `**${code(name)}**`,
    '',
    ...audited.findings.map(
      ({ id, severity, message, fix }) => `- **${severity}** [${id}](${page(id)}): ${literal(message)} ${literal(fix)}`,
    ),
  ];
}
