import pc from 'picocolors';
import { counted } from '../counted.ts';
import type { CrcError } from '../errors.ts';
import { groupBy } from '../group-by.ts';
import { jsonText } from '../json.ts';
import type { Severity } from '../trust/audit/severity.ts';
import type { AuditedProvider, AuditedRole, AuditFinding } from '../trust/audit/types.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
import { blocksText } from './rows.ts';
import type { TextStyle } from './state-common.ts';
import { tableLines } from './table.ts';
import { errorLines, headText } from './text.ts';
import type { RunView } from './view.ts';

/** The result of an audit. */
export interface AuditView {
  /** Most severe first. */
  readonly roles: readonly AuditedRole[];
  readonly providers: readonly AuditedProvider[];
  /** Roles and providers that could not be read, and why. */
  readonly unread: readonly { readonly name: string; readonly error: CrcError }[];
  /** The number of roles in the account that CI cannot assume. */
  readonly otherRoles: number;
  /** Whether there is a config to compare with. */
  readonly hasConfig: boolean;
  /** The role selected with --role. */
  readonly chosen: string | undefined;
  /** The address of the page about a finding or a note. */
  readonly page: (id?: string) => string;
}

type Colors = ReturnType<typeof pc.createColors>;

/** Up to this many roles, those without findings are listed too. */
const MAX_LISTED = 15;

/** One line per role, most severe first; with `details`, everything known about each. */
export function auditText(
  run: RunView,
  { page, ...given }: AuditView,
  { color, columns, details = false }: TextStyle & { readonly details?: boolean | undefined },
): string {
  const view = shown(given);
  const colors = pc.createColors(color);
  const { roles, providers, unread, otherRoles, hasConfig } = view;
  const alarming = roles.filter(({ findings }) => findings.length > 0);
  const listed = details || roles.length <= MAX_LISTED ? roles : alarming;
  const hidden = roles.length - listed.length;
  const blocks = [
    [headText(run, color)],
    [colors.bold(summary(view))],
    ...(details
      ? listed.map((role) => roleLines(role, hasConfig, page, colors))
      : [
          [
            ...table(listed, hasConfig, colors, columns),
            ...(hidden > 0 ? [colors.dim(`${counted(hidden, 'more role')} without findings`)] : []),
          ],
        ]),
    providers.flatMap((provider) => providerLines(provider, details, page, colors)),
    unreadLines(unread, colors),
    otherRoles === 0
      ? []
      : [colors.dim(`${counted(otherRoles, 'other role')} cannot be assumed by a CI platform that crc knows.`)],
  ];
  return blocksText(blocks);
}

/** `4 roles can be assumed from CI. Findings: 1 critical, 2 low.` For a selected role: `OpenRole: 1 critical.` */
export function summary({ roles, providers, unread, chosen }: AuditSum): string {
  const severities = [...roles, ...providers].flatMap(({ findings }) => findings.map(({ severity }) => severity));
  const counts = (['critical', 'high', 'medium', 'low'] as const).flatMap((severity) => {
    const many = severities.filter((candidate) => candidate === severity).length;
    return many === 0 ? [] : [`${many} ${severity}`];
  });
  const missing = unread.length === 0 ? '' : ` ${counted(unread.length, 'item')} could not be read.`;
  const total = counts.length === 0 ? 'No findings' : `Findings: ${counts.join(', ')}`;
  if (chosen !== undefined) return `Role ${chosen}. ${total}.${missing}`;
  const who = roles.length === 0 ? 'No role' : counted(roles.length, 'role');
  return `${who} can be assumed from CI. ${total}.${missing}`;
}

export type AuditSum = Pick<AuditView, 'roles' | 'providers' | 'unread' | 'chosen'>;

function table(
  roles: readonly AuditedRole[],
  hasConfig: boolean,
  colors: Colors,
  columns: number | undefined,
): readonly string[] {
  if (roles.length === 0) return [];
  const rows = roles.map(({ severity, name, power, admits, managed }) => {
    const [first] = admits;
    const more = admits.length > 1 ? ` and ${admits.length - 1} more` : '';
    const whose = managed === 'crc' ? colors.dim(` (crc${hasConfig ? ', not in this config' : ''})`) : '';
    const who = `${first?.pattern ?? 'nobody'}${more}${whose}`;
    return [paint(severity, colors)(word(severity)), name, POWERS[power], who];
  });
  const [head = '', ...lines] = tableLines(
    { head: ['severity', 'role', 'power', 'who can assume it'], rows, right: [], wide: 3 },
    columns,
  );
  return [colors.dim(head), ...lines];
}

/** What could not be read, grouped by reason. */
function unreadLines(unread: AuditView['unread'], colors: Colors): readonly string[] {
  const byReason = groupBy(unread, ({ error }) => errorLines(error).join('\n'));
  return [...byReason].flatMap(([reason, group]) => [
    ...group.map(({ name }) => colors.red(`could not be read  ${name}`)),
    reason,
  ]);
}

/** Short enough that a role fits a table line of 80 columns. */
const POWERS = { administrator: 'admin', write: 'write', read: 'read', unknown: '?' } as const;

function word(severity: Severity): string {
  return severity === 'none' ? 'ok' : severity;
}

function paint(severity: Severity, { red, yellow, green }: Colors): (text: string) => string {
  if (severity === 'critical' || severity === 'high') return red;
  return severity === 'none' ? green : yellow;
}

function whoseText(managed: AuditedRole['managed'], hasConfig: boolean): string {
  if (managed === 'config') return 'in crc.config.json';
  if (managed === 'other') return 'not managed by crc';
  return hasConfig ? 'created by crc, not in this config' : 'created by crc';
}

function roleLines(role: AuditedRole, hasConfig: boolean, page: AuditView['page'], colors: Colors): readonly string[] {
  const { bold, dim } = colors;
  const { name, arn, severity, admits, power, abilities, findings, notes, managed, closed } = role;
  const can = abilities.length === 0 ? 'nothing by its own policies' : abilities.join(', ');
  return [
    `${paint(severity, colors)(word(severity))}  ${bold(name)}  ${dim(arn)}`,
    `  whose   ${whoseText(managed, hasConfig)}`,
    `  power   ${power}${power === abilities[0] ? '' : `: ${can}`}`,
    ...(admits.length === 0
      ? ['  admits  nobody']
      : admits.map(({ pattern, words }) => `  admits  ${pattern === words ? pattern : `${pattern}: ${words}`}`)),
    ...findings.flatMap((finding) => findingLines(finding, page, colors)),
    ...notes.map(({ message }) => dim(`  note: ${message}`)),
    ...(closed === undefined
      ? []
      : [
          dim('  A trust policy without these findings; replace the words in capitals:'),
          ...JSON.stringify(closed, null, 2)
            .split('\n')
            .map((line) => `    ${line}`),
        ]),
  ];
}

function findingLines(
  { id, severity, message, fix }: AuditFinding,
  page: AuditView['page'],
  colors: Colors,
): readonly string[] {
  return [
    `  ${paint(severity, colors)(severity)}  ${colors.bold(id)}`,
    `    ${message}`,
    `    ${fix}`,
    `    ${colors.dim(page(id))}`,
  ];
}

function providerLines(
  { arn, severity, platform, audiences, roles, findings, notes }: AuditedProvider,
  details: boolean,
  page: AuditView['page'],
  colors: Colors,
): readonly string[] {
  const { bold, dim } = colors;
  if (!details) {
    const issuer = arn.replace(/^.*oidc-provider\//, '');
    return findings.map(
      ({ message }) => `${paint(severity, colors)(severity.padEnd('critical'.length))}  ${issuer}: ${message}`,
    );
  }
  const has = audiences === undefined ? 'could not be read' : audiences.join(', ') || 'no audience';
  return [
    `${paint(severity, colors)(word(severity))}  ${bold(platform)}  ${dim(arn)}`,
    `  audiences  ${has}`,
    `  roles      ${roles}`,
    ...findings.flatMap((finding) => findingLines(finding, page, colors)),
    ...notes.map(({ message }) => dim(`  note: ${message}`)),
  ];
}

export type AuditStatus = 'clean' | 'findings' | 'failed';

/** The document of `audit`. */
export function auditDocument(
  run: RunView,
  status: AuditStatus,
  { roles, providers, unread, page }: AuditView,
): string {
  const withPage = (findings: readonly AuditFinding[]) =>
    findings.map(({ id, severity, message, fix }) => ({ id, severity, message, fix, page: page(id) }));
  return jsonText({
    ...headOf(run),
    status,
    roles: roles.map(({ name, arn, managed, severity, admits, power, abilities, findings, notes, closed }) => ({
      name,
      arn,
      managed,
      severity,
      admits: admits.map(({ pattern }) => pattern),
      power,
      abilities,
      findings: withPage(findings),
      notes,
      suggestedTrust: closed ?? null,
    })),
    providers: providers.map((provider) => ({
      arn: provider.arn,
      platform: provider.platform,
      audiences: provider.audiences ?? [],
      roles: provider.roles,
      severity: provider.severity,
      findings: withPage(provider.findings),
      notes: provider.notes,
    })),
    unread: unread.map(({ name, error: { message, hint } }) => ({ name, error: { message, hint } })),
    ...costOf(run),
  });
}
