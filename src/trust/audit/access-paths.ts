import type { Json } from '../../json.ts';
import { statementsOf } from '../../policies/strangers.ts';
import { isOfRequest, type KeyValue } from '../condition-keys.ts';
import { evaluate } from '../evaluate.ts';
import { type Constraints, constraintsOf, hasLiteralSign } from './constraints.ts';
import { type Issuer, widest } from './issuers.ts';
import { isExact, type Jobs, narrower, type Reading, type Scope, type SubjectReader, wider } from './scope.ts';

/** One way into a role: what one statement accepts from one identity provider, for one subject pattern. */
export interface AccessPath {
  /** Counted from 1. */
  readonly statement: number;
  readonly provider: string;
  readonly issuer: Issuer;
  readonly scope: Scope;
  /** The subject pattern; undefined if the statement does not check subjects. */
  readonly subject: string | undefined;
  /** `owner/name`, if it is a single project identified by name. */
  readonly project: string | undefined;
  readonly jobs: Jobs;
  /** Whether the project, or its owner, is identified by an id. */
  readonly byId: boolean;
  readonly constraints: Constraints;
  /**
   * Set if the statement's principal is everyone. `limited`: it requires a claim that only one provider's tokens have.
   */
  readonly anyPrincipal: 'open' | 'limited' | undefined;
}

/** The ways in which a trust policy accepts CI. Providers are ARNs; a statement for everyone applies to all of them. */
export function accessPathsOf(
  policy: Json,
  providers: readonly { readonly arn: string; readonly issuer: Issuer }[],
): readonly AccessPath[] {
  const written = statementsOf(policy);
  return providers.flatMap(({ arn, issuer }) => {
    const { statements, variables } = evaluate(policy, { provider: arn, valueOf: () => undefined });
    const { statements: tokenless } = evaluate(policy, { provider: arn, valueOf: withoutToken });
    const applying = statements.filter(({ principal, action }) => principal && action);
    const denials = applying.filter(({ effect }) => effect === 'Deny');
    if (denials.some(({ conditions }) => conditions.length === 0)) return [];
    return applying
      .filter(({ effect }) => effect === 'Allow')
      .flatMap((allow) => {
        const constraints = constraintsOf(allow, denials, issuer, variables);
        const isNamed = namesProvider(written[allow.number - 1]?.Principal, arn);
        const anyPrincipal = isNamed ? undefined : tokenless[allow.number - 1]?.matches === false ? 'limited' : 'open';
        const subjects = constraints.claims.get('sub') ?? [undefined];
        return subjects.map((subject) =>
          accessPath(subject, { statement: allow.number, provider: arn, issuer, constraints, anyPrincipal }),
        );
      });
  });
}

/** The end of a subject that identifies the jobs, for subjects whose project part has a custom form. */
const CONTEXT = /:((?:environment:|ref:refs\/)[^:]+|pull_request)$/;

type Through = Pick<AccessPath, 'statement' | 'provider' | 'issuer' | 'constraints' | 'anyPrincipal'>;

function accessPath(subject: string | undefined, through: Through): AccessPath {
  const { issuer, constraints } = through;
  const { read, ids } = issuer.platform;
  // No platform uses uppercase letters in the keywords of its subjects.
  const text = constraints.ignoringCase.includes('sub') ? subject?.toLowerCase() : subject;
  const ofSubject: Reading = text === undefined ? { scope: 'anyone' } : readSubject(text, read);
  const ofClaims = [...constraints.claims].flatMap(([claim, values]) => {
    const readings = values.map((value) => read.claim(claim, value));
    const [first, ...rest] = readings.flatMap((reading) => reading ?? []);
    // If one value limits nothing, neither does the claim.
    if (first === undefined || rest.length + 1 < readings.length) return [];
    return [rest.reduce(either, first)];
  });
  const all = [ofSubject, ...ofClaims];
  const scope =
    constraints.never === undefined ? all.map((reading) => reading.scope).reduce(narrower, widest(issuer)) : 'nobody';
  const context = ofSubject.context ?? CONTEXT.exec(text ?? '')?.[1] ?? '*';
  return {
    ...through,
    scope,
    subject,
    project: all.flatMap((reading) => reading.project ?? [])[0],
    jobs: limitedJobs(read.jobs(context), constraints),
    byId:
      ids === undefined || issuer.tenant !== undefined || all.some((reading) => reading.ownerId || reading.projectId),
  };
}

function readSubject(subject: string, read: SubjectReader): Reading {
  return hasLiteralSign(subject) ? { scope: 'nobody' } : read.subject(subject);
}

function either(reading: Reading, other: Reading): Reading {
  return {
    scope: wider(reading.scope, other.scope),
    ownerId: (reading.ownerId ?? false) && (other.ownerId ?? false),
    projectId: (reading.projectId ?? false) && (other.projectId ?? false),
  };
}

/** The jobs of a project that remain after other claims are checked. */
function limitedJobs({ pullRequests, anyBranch, environments }: Jobs, { claims }: Constraints): Jobs {
  const named = claims.get('environment');
  const refs = claims.get('ref');
  const isWide = (refs ?? ['*']).some((ref) => !isExact(ref) && /^(\*|refs\/\*|refs\/(?:heads|tags)\/\*)$/.test(ref));
  const isPull = (refs ?? ['*']).some((ref) => /^(\*|refs\/\*|refs\/pull\/.*)$/.test(ref));
  const isProtected = claims.get('ref_protected')?.every((value) => value === 'true') ?? false;
  return {
    pullRequests: pullRequests && named === undefined && isPull,
    // A workflow can create an environment by naming it, so a pattern of environment names excludes no branch.
    anyBranch: anyBranch && (named ?? ['*']).some((name) => !isExact(name)) && isWide && !isProtected,
    environments: refs === undefined ? [...new Set([...environments, ...(named ?? []).filter(isExact)])] : [],
  };
}

/** Keys of a request without a token: all that is known is that it has no claims. */
function withoutToken(key: string): KeyValue {
  return isOfRequest(key) ? undefined : null;
}

function namesProvider(principal: Json | undefined, arn: string): boolean {
  if (typeof principal !== 'object' || principal === null || !('Federated' in principal)) return false;
  return [principal.Federated].flat().includes(arn);
}
