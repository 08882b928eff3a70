import type { Json } from '../policies/canonical.ts';
import { type FoundCause, found } from './causes/index.ts';
import { diagnose } from './diagnose.ts';
import { type Evaluation, evaluate, partsOf } from './evaluate.ts';
import { type LiveProvider, type Presentation, type Target, trusts } from './login.ts';
import { nameOf } from './results.ts';
import { claimsOfSubject } from './subject.ts';

export interface ReachInput {
  readonly accountId: string;
  readonly roleName: string;
  readonly roleArn: string;
  readonly provider: Pick<LiveProvider, 'arn' | 'url'>;
  readonly audiences: readonly string[];
  /** Whole subjects of the config, with wildcards. */
  readonly subjects: readonly string[];
  readonly live: Json;
  readonly wanted: Json;
}

/** What a live trust policy means, beside being another text than the config's. */
export interface Reach {
  /** Subjects of the config that could not assume the role, each with its cause. */
  readonly shutOut: readonly { readonly subject: string; readonly cause: FoundCause }[];
  /** Who could assume it besides: subjects, and principals that are no identity provider. */
  readonly letIn: readonly string[];
}

/** Compares who can assume a role with who should, by trying subjects on both policies. */
export function reachOf(input: ReachInput): Reach {
  const { accountId, roleName, roleArn, provider, audiences, subjects, live, wanted } = input;
  const target: Target = {
    accountId,
    provider: { ...provider, audiences, others: [] },
    role: { name: roleName, arn: roleArn, trust: live, maxSessionSeconds: Number.POSITIVE_INFINITY },
    wanted,
  };
  const audience = audiences[0] ?? 'sts.amazonaws.com';
  const shutOut = subjects.flatMap((pattern) => {
    const subject = exampleOf(pattern);
    const { verdict, causes } = diagnose(presentationOf(subject, audience), target);
    const [cause] = causes;
    return verdict === 'can' || cause === undefined ? [] : [{ subject: pattern, cause }];
  });
  return { shutOut, letIn: [...new Set([...strangers(input, audience), ...otherPrincipals(live, provider.arn)])] };
}

/** One or two sentences for a person; undefined when the same jobs get in as the config means. */
export function reachText({ shutOut, letIn }: Reach): string | undefined {
  const sentences = [
    ...(shutOut.length === 0
      ? []
      : [
          `GitHub cannot assume the role as ${shutOut.map(({ subject }) => subject).join(', ')}: ${shutOut[0]?.cause.cause}`,
        ]),
    ...(letIn.length === 0 ? [] : [`subjects that are not in the config can assume the role: ${letIn.join(', ')}`]),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' And ');
}

function presentationOf(subject: string, audience: string): Presentation {
  return { audience, claims: claimsOfSubject(subject) };
}

/** A subject that fits a pattern. */
export function exampleOf(pattern: string): string {
  return pattern
    .replace(/^(repo:[^:]+):\*$/, '$1:ref:refs/heads/main')
    .replaceAll('*', 'x')
    .replaceAll('?', 'x');
}

/** Subjects that the live policy takes in and the wanted one does not. */
function strangers({ live, wanted, provider, subjects }: ReachInput, audience: string): readonly string[] {
  const request = { provider: provider.arn, valueOf: () => undefined };
  const patterns = evaluate(live, request)
    .statements.filter(({ effect, principal, action }) => effect === 'Allow' && principal && action)
    .flatMap((statement) => {
      const onSubject = statement.conditions.filter(({ key }) => key.toLowerCase().endsWith(':sub'));
      const values = onSubject.flatMap((one) => one.wanted);
      return values.length > 0 ? values : ['repo:*/*:*'];
    });
  const own = subjects.flatMap((subject) => /^repo:[^:]+/.exec(subject)?.[0] ?? []);
  const probes = [
    ...patterns.flatMap((pattern) => [pattern, exampleOf(pattern)]),
    ...own.flatMap((repository) => CONTEXTS.map((context) => `${repository}:${context}`)),
    ...CONTEXTS.map((context) => `repo:somebody/else:${context}`),
  ];
  const getsIn = (policy: Json, subject: string) => trusts(policy, presentationOf(subject, audience), provider);
  const inside = probes.filter((subject) => getsIn(live, subject) && !getsIn(wanted, subject));
  // A pattern says it better than its examples.
  return inside.filter(
    (subject) => !inside.some((one) => one !== subject && patterns.includes(one) && exampleOf(one) === subject),
  );
}

const CONTEXTS = ['ref:refs/heads/any', 'ref:refs/tags/any', 'pull_request', 'environment:any'];

/** Users, roles, services and other identity providers, as statements name them. */
function otherPrincipals(policy: Json, provider: string): readonly string[] {
  const statements = (policy as { readonly Statement?: Json }).Statement ?? [];
  return (Array.isArray(statements) ? statements : [statements]).flatMap((statement) => {
    const { Effect, Principal } = (statement ?? {}) as { readonly Effect?: string; readonly Principal?: Json };
    if (Effect !== 'Allow' || Principal === undefined || Principal === null) return [];
    const named = typeof Principal === 'object' ? Object.values(Principal).flat() : [Principal];
    return named.map(String).filter((one) => one !== provider);
  });
}

/** Statements whose operators say something else than they seem to, although they let the job in. */
export function riskyOperators({ statements }: Evaluation, roleName: string): readonly FoundCause[] {
  return statements.flatMap((statement) =>
    statement.principal && statement.effect === 'Allow'
      ? statement.conditions
          .filter(({ operator }) => partsOf(operator).set !== undefined)
          .map(({ operator, key }) => {
            const cause = found('set-operator', { operator, key, role: roleName });
            return { ...cause, cause: `Statement ${nameOf(statement)}: ${cause.cause}` };
          })
      : [],
  );
}
