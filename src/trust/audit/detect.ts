import type { AccessPath } from './access-paths.ts';
import { exampleFor } from './closed.ts';
import { plainValue } from './constraints.ts';
import { FINDINGS, type FindingId, filled, NOTES, type NoteId, type Shape } from './findings.ts';
import { audienceFor, type Issuer } from './issuers.ts';
import type { Scope } from './scope.ts';
import { type Power, type Severity, severityOfJobs, severityOfScope } from './severity.ts';
import type { AuditedProviderInput, AuditFinding, AuditNote, Managed } from './types.ts';
import { POWER_WORDS, patternOf, whoBegins } from './words.ts';

/** The context that findings about an access path depend on. */
export interface RoleContext {
  readonly managed: Managed;
  readonly drifted: boolean;
  readonly foreign?: boolean;
  readonly power: Power;
  readonly providers: readonly AuditedProviderInput[];
  readonly paths: readonly AccessPath[];
}

const BY_SCOPE: Readonly<Record<Exclude<Scope, 'project' | 'nobody'>, FindingId>> = {
  anyone: 'any-repository',
  named: 'short-prefix',
  workflow: 'workflow-only',
  owner: 'owner-wildcard',
};

/** The problems with one way into a role. */
export function findingsOfPath(path: AccessPath, context: RoleContext): readonly AuditFinding[] {
  const { scope, issuer, constraints, jobs, subject } = path;
  const { power, providers } = context;
  if (scope === 'nobody') return [];
  const { platform, prefix } = issuer;
  const words = {
    Who: whoBegins(path),
    key: `${prefix}:sub`,
    project: platform.project,
    owner: platform.owner,
    subject: patternOf({ ...path, scope: scope === 'anyone' ? 'named' : scope }) || `no ${prefix}:sub`,
    name: path.project === undefined ? `the ${platform.project}` : plainValue(path.project),
    power: POWER_WORDS[power],
    example: exampleFor(path),
    statement: String(path.statement),
  };
  const report = (id: FindingId, severity: Severity, more: Readonly<Record<string, string>> = {}) =>
    severity === 'none' ? [] : [finding(id, severity, { ...words, ...more }, context)];
  const isBound = subject !== undefined || [...constraints.claims.keys()].some((claim) => claim !== 'aud');
  const ofScope =
    scope === 'project' ? [] : report(isBound ? BY_SCOPE[scope] : 'no-subject', severityOfScope(scope, power));
  const ofJobs =
    scope !== 'project'
      ? []
      : jobs.pullRequests
        ? report('pull-request-write', severityOfJobs('pullRequests', power))
        : jobs.anyBranch
          ? report('any-branch', severityOfJobs('anyBranch', power))
          : [];
  return [
    ...ofPrincipal(path, power, report),
    ...ofScope,
    ...ofJobs,
    ...ofSets(path).flatMap((claims) => report('set-operator', power === 'read' ? 'low' : 'medium', { claims })),
    ...ofAudience(path, providers, power, report),
    ...(isMutable(path, context.paths) ? report('mutable-name', mutableSeverity(path, power), idWords(path)) : []),
  ];
}

type Reporter = (id: FindingId, severity: Severity, more?: Readonly<Record<string, string>>) => readonly AuditFinding[];

/** A claim required by a condition belongs to one provider, so it excludes all other providers and everyone else. */
function ofPrincipal({ anyPrincipal }: AccessPath, power: Power, report: Reporter): readonly AuditFinding[] {
  if (anyPrincipal === undefined) return [];
  return anyPrincipal === 'open'
    ? report('any-principal', severityOfScope('anyone', power), { limit: 'no condition keeps others out' })
    : report('any-principal', 'low', { limit: 'only its conditions keep others out' });
}

/** Claims that only a set operator checks, if they are what limits access. */
function ofSets({ constraints, issuer }: AccessPath): readonly string[] {
  const decisive = constraints.sets.filter((claim) => claim === 'sub' || claim === 'aud' || isId(claim, issuer));
  return decisive.length === 0 ? [] : [decisive.map((claim) => `${issuer.prefix}:${claim}`).join(' and ')];
}

function isId(claim: string, { platform: { ids } }: Issuer): boolean {
  return ids?.owner === claim || ids?.project === claim;
}

function ofAudience(
  { constraints, issuer, provider }: AccessPath,
  providers: readonly AuditedProviderInput[],
  power: Power,
  report: Reporter,
): readonly AuditFinding[] {
  const has = providers.find(({ arn }) => arn === provider)?.audiences;
  const wanted = constraints.claims.get('aud');
  const audiences = has === undefined ? 'not known' : has.join(', ') || 'none';
  const key = `${issuer.prefix}:aud`;
  if (wanted === undefined || wanted.every((value) => /^\*+$/.test(value))) {
    if (issuer.tenant !== undefined) return [];
    const isOpen = (has?.length ?? 0) > 1 && power !== 'read';
    return report('missing-audience', isOpen ? 'medium' : 'low', {
      key,
      audiences,
      audience: audienceFor(issuer, has),
    });
  }
  const isKnown = has === undefined || has.some((present) => wanted.some((value) => isSame(value, present)));
  return isKnown ? [] : report('wrong-audience', 'low', { wanted: wanted.map(plainValue).join(' or '), audiences });
}

function isSame(wanted: string, audience: string): boolean {
  return /[*?]/.test(wanted) || plainValue(wanted).toLowerCase() === audience.toLowerCase();
}

/** A project trusted by its name alone, without its form with ids. */
function isMutable(path: AccessPath, paths: readonly AccessPath[]): boolean {
  if (path.scope !== 'project' || path.byId || path.project === undefined) return false;
  return !hasTwin(path, paths);
}

/** Whether the project of a path is also trusted by its ids: the form without ids is what GitHub still sends for it. */
function hasTwin(path: AccessPath, paths: readonly AccessPath[]): boolean {
  return paths.some((other) => other.byId && other.project === path.project && other.statement === path.statement);
}

function mutableSeverity({ issuer: { platform } }: AccessPath, power: Power): Severity {
  return platform.id === 'gitlab' && power !== 'read' ? 'medium' : 'low';
}

function idWords({ issuer: { platform, prefix } }: AccessPath): Readonly<Record<string, string>> {
  const { owner, project } = platform.ids ?? { owner: '', project: '' };
  return { ids: `${prefix}:${owner} and ${prefix}:${project}`, jq: "'{ownerId: .owner.id, repositoryId: .id}'" };
}

/** Notes about one way into a role. */
export function notesOfPath(
  path: AccessPath,
  providers: readonly AuditedProviderInput[],
  paths: readonly AccessPath[],
): readonly AuditNote[] {
  const { scope, constraints, jobs, provider, statement, subject } = path;
  const name = path.project === undefined ? `the ${path.issuer.platform.project}` : plainValue(path.project);
  const exists = providers.some(({ arn }) => arn === provider);
  const keys = [...new Set(constraints.otherKeys)].join(', ');
  // A statement for everyone applies to each provider, but its conditions are about one of them.
  const isClosed = paths.every((other) => other.statement !== statement || other.scope === 'nobody');
  const never = constraints.never ?? (subject === undefined ? '' : plainValue(subject));
  return [
    ...(scope === 'project'
      ? jobs.environments.map((environment) =>
          note('environment-rules', { environment: plainValue(environment), name }),
        )
      : []),
    ...(scope === 'project' && !path.byId && path.project !== undefined && hasTwin(path, paths)
      ? [note('legacy-subject', { name })]
      : []),
    ...(exists ? [] : [note('missing-provider', { provider })]),
    ...(scope === 'nobody' && isClosed ? [note('nobody', { statement: String(statement), condition: never })] : []),
    ...(keys === '' || scope === 'nobody' ? [] : [note('other-conditions', { statement: String(statement), keys })]),
  ];
}

/** @throws if a word that the note needs is missing. */
export function note(id: NoteId, words: Readonly<Record<string, string>>): AuditNote {
  return { id, message: filled(NOTES[id].message, words) };
}

/** @throws if a word that the finding needs is missing. */
export function finding(
  id: FindingId,
  severity: Severity,
  words: Readonly<Record<string, string>>,
  role: Pick<RoleContext, 'managed' | 'drifted' | 'foreign'>,
): AuditFinding {
  const shape: Shape = FINDINGS[id];
  return { id, severity, message: filled(shape.message, words), fix: filled(fixOf(shape, role), words) };
}

function fixOf(
  { fix, inConfig = fix }: Shape,
  { managed, drifted, foreign }: Pick<RoleContext, 'managed' | 'drifted' | 'foreign'>,
): string {
  if (managed !== 'config') return fix;
  if (!drifted) return inConfig;
  return foreign ? TAKE_OVER : RESTORE;
}

const TAKE_OVER =
  'The trust policy is not that of the config, and crc did not create the role for this project: `crc plan` shows what managing it takes.';
const RESTORE = 'The trust policy is not that of the config; `crc bootstrap` restores it.';
