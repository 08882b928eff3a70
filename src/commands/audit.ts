import { dirname, relative } from 'node:path';
import { explain } from '../aws/explain.ts';
import { choiceHint } from '../closest.ts';
import { documentationUrl } from '../documentation.ts';
import { isInterruption } from '../engine/interrupted.ts';
import { CrcError } from '../errors.ts';
import { gitRoot } from '../github/clone.ts';
import { keepMemoryLow } from '../memory.ts';
import { OWN_PACKAGE } from '../own-package.ts';
import { slashes } from '../slashes.ts';
import { accessPathsOfRole, auditProviders, auditRole } from '../trust/audit/audit.ts';
import { FINDINGS } from '../trust/audit/findings.ts';
import { isAtLeast, type Power, SEVERITIES, type Severity } from '../trust/audit/severity.ts';
import type { AuditedRole } from '../trust/audit/types.ts';
import { type AuditStatus, type AuditView, auditDocument, auditText } from '../ui/audit.ts';
import { auditMarkdown } from '../ui/audit-markdown.ts';
import type { Io } from '../ui/io.ts';
import { auditSarif } from '../ui/sarif.ts';
import { readAccount } from './audit-account.ts';
import type { OptionalConnection } from './connection.ts';
import type { AuditOptions } from './definitions/audit.ts';
import { refuseTwoFormats } from './formats.ts';
import { type Ending, withAccount } from './frame.ts';
import { withPermissions } from './missing-permissions.ts';
import { addToSummary } from './step-summary.ts';

/**
 * Audits who can assume roles from CI, and with what permissions. 0 nothing found, 2 findings, 1 something could not be
 * read.
 */
export async function audit(options: AuditOptions, io: Io): Promise<number> {
  const threshold = thresholdOf(options);
  refuseTwoFormats(options);
  await keepMemoryLow();
  return await withAccount({ command: 'audit', options, io }, async (connection) => {
    const view = await auditedAccount(connection, options);
    connection.progress.stop();
    await addToSummary(() => auditMarkdown(connection.run(), view), options, io);
    return await endingOf(view, threshold, connection, options, io);
  });
}

function thresholdOf({ failOn = 'low' }: AuditOptions): Severity {
  const known = SEVERITIES.filter((severity) => severity !== 'none');
  const threshold = known.find((severity) => severity === failOn);
  if (threshold !== undefined) return threshold;
  throw new CrcError(`--fail-on: unknown severity ${JSON.stringify(failOn)}.`, {
    hint: `It must be one of ${[...known].reverse().join(', ')}.`,
  });
}

async function auditedAccount(connection: OptionalConnection, options: AuditOptions): Promise<AuditView> {
  const { loaded } = connection;
  const { roles, providers, unread, otherRoles } = await readAccount(connection).catch((error: unknown) => {
    throw unreadableAccount(error, options);
  });
  const audited = roles.map((role) => auditRole(role, providers));
  const chosen = options.role === undefined ? audited : chosenRole(audited, options.role);
  const trusting = new Map<string, number>();
  for (const { trust } of roles) {
    const arns = new Set(accessPathsOfRole(trust, providers).map(({ provider }) => provider));
    for (const arn of arns) trusting.set(arn, (trusting.get(arn) ?? 0) + 1);
  }
  return {
    roles: [...chosen].sort(bySeverity),
    providers: options.role === undefined ? auditProviders(providers, trusting) : [],
    unread,
    otherRoles: options.role === undefined ? otherRoles : 0,
    hasConfig: loaded !== undefined,
    chosen: options.role === undefined ? undefined : chosen[0]?.name,
    page: (id) => documentationUrl(id === undefined ? 'audit.md' : `audit.md#${id}`),
  };
}

/** Why roles or providers could not be listed. If the permissions are missing, the hint shows how to print them. */
function unreadableAccount(error: unknown, { profile }: AuditOptions): unknown {
  if (isInterruption(error)) return error;
  return withPermissions(explain(error, 'the account', profile), 'audit');
}

/** Most severe first; at equal severity, the most powerful role. */
function bySeverity(role: AuditedRole, other: AuditedRole): number {
  const rank = ({ severity, power }: AuditedRole) => SEVERITIES.indexOf(severity) * 10 + POWERS.indexOf(power);
  return rank(role) - rank(other) || (role.name < other.name ? -1 : 1);
}

const POWERS: readonly Power[] = ['administrator', 'unknown', 'write', 'read'];

function chosenRole(roles: readonly AuditedRole[], given: string): readonly AuditedRole[] {
  const name = given.replace(/^role\//, '').replace(/^arn:[^:]+:iam::\d{12}:role\/(?:.*\/)?/, '');
  const chosen = roles.filter((role) => role.name === name);
  if (chosen.length > 0) return chosen;
  const names = roles.map((role) => role.name);
  throw new CrcError(`--role: the account has no role ${JSON.stringify(name)} that CI can assume.`, {
    hint: names.length === 0 ? 'No role of the account can be assumed from CI.' : choiceHint([name], names, '--role'),
  });
}

async function endingOf(
  view: AuditView,
  threshold: Severity,
  { loaded }: OptionalConnection,
  options: AuditOptions,
  io: Io,
): Promise<Ending> {
  const findings = [...view.roles, ...view.providers].flatMap((audited) => audited.findings);
  const failed = view.unread.length > 0;
  const status: AuditStatus = failed ? 'failed' : findings.length > 0 ? 'findings' : 'clean';
  const counts = findings.some(({ severity }) => isAtLeast(severity, threshold));
  const file = fileInRepository(loaded?.file ?? `${io.cwd}/crc.config.json`);
  const details = options.details || options.role !== undefined;
  return {
    exitCode: failed ? 1 : counts ? 2 : 0,
    document: (run) => auditDocument(run, status, view),
    text: (run) => {
      if (options.sarif) {
        return `${auditSarif(run, view, { version: OWN_PACKAGE.version, file, about: (id) => FINDINGS[id] })}\n`;
      }
      return options.markdown
        ? `${auditMarkdown(run, view)}\n`
        : `${auditText(run, view, { color: io.color, columns: io.outColumns, details })}\n`;
    },
    asIs: (options.sarif || options.markdown) ?? false,
    cost: !options.sarif && !options.markdown,
    next: options.sarif || options.markdown || details ? undefined : nextStep(view),
  };
}

function nextStep({ roles }: AuditView): string | undefined {
  const [worst] = roles;
  if (worst === undefined || worst.findings.length === 0) return undefined;
  return `\`crc audit --role ${worst.name}\` shows why, and a trust policy that closes it.`;
}

/** The config's path within its repository, as GitHub needs it to show annotations. */
function fileInRepository(file: string): string {
  const root = gitRoot(dirname(file)) ?? dirname(file);
  return slashes(relative(root, file));
}
