import type { Json } from '../json.ts';
import { audienceRequested } from '../policies/trust.ts';
import { admissionsOf, meantBy, otherPrincipals } from './admissions.ts';
import { causeOf, type FoundCause } from './causes/index.ts';
import { diagnose } from './diagnose.ts';
import { type Evaluation, partsOf } from './evaluate.ts';
import type { LiveProvider, Presentation, Target } from './login.ts';
import { nameOf } from './results.ts';
import { claimsOfSubject } from './subject.ts';

export interface ReachInput {
  readonly accountId: string;
  readonly roleName: string;
  readonly roleArn: string;
  readonly provider: Pick<LiveProvider, 'arn' | 'url'>;
  readonly audiences: readonly string[];
  /** Whole subjects in the config, with wildcards. */
  readonly subjects: readonly string[];
  readonly live: Json;
  readonly wanted: Json;
}

/** What differs in effect between a live trust policy and the config's. */
export interface Reach {
  /** Subjects in the config that could not assume the role, or perhaps not, each with its cause. */
  readonly shutOut: readonly {
    readonly subject: string;
    readonly verdict: 'cannot' | 'unknown';
    readonly cause: FoundCause;
  }[];
  /** Who else could assume it: subjects, and principals other than identity providers. */
  readonly letIn: readonly string[];
}

/** Compares who can assume a role with who should. */
export function reachOf(input: ReachInput): Reach {
  const { accountId, roleName, roleArn, provider, audiences, subjects, live, wanted } = input;
  const target: Target = {
    accountId,
    provider: { ...provider, audiences, otherProviders: [] },
    role: { name: roleName, arn: roleArn, trust: live, maxSessionSeconds: Number.POSITIVE_INFINITY },
    wanted,
  };
  const audience = audienceRequested({ audiences });
  const shutOut = subjects.flatMap((pattern) => {
    const subject = exampleOf(pattern);
    const { verdict, causes } = diagnose(presentationOf(subject, audience), target);
    const [cause] = causes;
    return verdict === 'can' || cause === undefined ? [] : [{ subject: pattern, verdict, cause }];
  });
  return { shutOut, letIn: letInBesides(live, provider, { subjects, audiences }) };
}

/** Who could assume a role besides those intended by the config. */
export function letInBesides(
  policy: Json,
  provider: Pick<LiveProvider, 'arn' | 'url'>,
  config: { readonly subjects: readonly string[]; readonly audiences: readonly string[] },
): readonly string[] {
  const tokens = admissionsOf({ policy, provider, meant: meantBy(config) }).map(({ shown }) => shown);
  return [...new Set([...tokens, ...otherPrincipals(policy, provider.arn)])];
}

/** Sentences for display; undefined if exactly the intended jobs are accepted. */
export function reachText({ shutOut, letIn }: Reach): string | undefined {
  const of = (wanted: 'cannot' | 'unknown', what: string) => {
    const subjects = shutOut.filter(({ verdict }) => verdict === wanted);
    const [first] = subjects;
    if (first === undefined) return [];
    return [`GitHub ${what} the role as ${subjects.map(({ subject }) => subject).join(', ')}: ${first.cause.cause}`];
  };
  const sentences = [
    ...of('cannot', 'cannot assume'),
    ...of('unknown', 'may not be able to assume'),
    ...(letIn.length === 0 ? [] : [`others that are not in the config can assume the role: ${letIn.join(', ')}`]),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' And ');
}

function presentationOf(subject: string, audience: string): Presentation {
  return { audience, claims: claimsOfSubject(subject) };
}

/** An example subject that matches a pattern. */
export function exampleOf(pattern: string): string {
  return pattern
    .replace(/^(repo:[^:]+):\*$/, '$1:ref:refs/heads/main')
    .replaceAll('*', 'x')
    .replaceAll('?', 'x');
}

/** Statements whose operators do not mean what they appear to mean, although they accept the job. */
export function riskyOperators({ statements }: Evaluation, roleName: string): readonly FoundCause[] {
  return statements.flatMap((statement) =>
    statement.principal && statement.effect === 'Allow'
      ? statement.conditions
          .filter(({ operator }) => partsOf(operator).set !== undefined)
          .map(({ operator, key }) => {
            const cause = setOperatorCause(operator, key, roleName);
            return { ...cause, cause: `Statement ${nameOf(statement)}: ${cause.cause}` };
          })
      : [],
  );
}

function setOperatorCause(operator: string, key: string, role: string): FoundCause {
  if (!key.toLowerCase().endsWith(':sub')) return causeOf('set-operator', { operator, key, role });
  const right = operator.replace(/^For(AllValues|AnyValue):/i, '');
  return causeOf('set-operator-on-sub', { operator, key, role, right });
}
