import { groupBy } from '../../group-by.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { toList } from '../../policies/canonical.ts';
import { oneOrMany } from '../../policies/document.ts';
import { statementsOf } from '../../policies/strangers.ts';
import { isOfRequest } from '../condition-keys.ts';
import { partsOf } from '../evaluate.ts';
import { textOperator } from '../text-operators.ts';
import type { AccessPath } from './access-paths.ts';
import { type Constraints, claimOf, plainValue } from './constraints.ts';
import { audienceFor, type Issuer } from './issuers.ts';
import { isExact } from './scope.ts';
import { type Power, severityOfJobs } from './severity.ts';
import type { AuditedProviderInput } from './types.ts';

/** Where the owner's name ends in a subject, by platform. What follows may be replaced. */
const OWNER_ENDS: Readonly<Record<string, RegExp>> = {
  github: /^repo:[^/*?@]+(?:@\d+)?\//,
  gitlab: /^project_path:[^/*?]+\//,
  'terraform-cloud': /^organization:[^:*?]+:/,
  buildkite: /^organization:[^:*?]+:/,
};

/** The placeholder subject for the jobs of one branch. */
const ONE_BRANCH = /ref:refs\/heads\/BRANCH$/;

/**
 * Subjects of a single project that could replace those that an access path accepts, with uppercase placeholders for
 * unknown parts. A subject has only one context. If other claims require an environment or a ref, the subject must use
 * the same one; otherwise, no job would satisfy both.
 */
function examplesFor(path: AccessPath): readonly string[] {
  const example = projectExample(path);
  return contextsOf(path).map((context) => example.replace(ONE_BRANCH, context));
}

export function exampleFor(path: AccessPath): string {
  return examplesFor(path)[0] ?? projectExample(path);
}

function contextsOf({ constraints: { claims } }: AccessPath): readonly string[] {
  const named = (claim: string) => {
    const values = claims.get(claim);
    return values?.every(isExact) === true ? values : [];
  };
  const environments = named('environment').map((name) => `environment:${name.replaceAll(':', '%3A')}`);
  const refs = named('ref').filter((ref) => /^refs\/(?:heads|tags)\//.test(ref));
  const contexts = environments.length > 0 ? environments : refs.map((ref) => `ref:${ref.replaceAll(':', '%3A')}`);
  return contexts.length > 0 ? contexts.map(plainValue) : ['ref:refs/heads/BRANCH'];
}

function projectExample({ issuer: { platform, example }, subject, scope, project }: AccessPath): string {
  if (subject === undefined || scope === 'anyone' || scope === 'named') return example;
  if (scope === 'project' && platform.id === 'github' && project !== undefined) {
    const start = /^repo:[^:*?]+:/.exec(subject)?.[0] ?? `repo:${project}:`;
    return `${start}ref:refs/heads/BRANCH`;
  }
  if (scope === 'project' && platform.id === 'gitlab' && project !== undefined) {
    return `project_path:${project}:ref_type:branch:ref:BRANCH`;
  }
  const start = OWNER_ENDS[platform.id]?.exec(subject)?.[0];
  const end = OWNER_ENDS[platform.id]?.exec(example)?.[0];
  return start === undefined || end === undefined ? example : `${start}${example.slice(end.length)}`;
}

/**
 * The trust policy with its CI statements narrowed to one project each, and to a branch unless something narrower was
 * there. What does not concern CI is unchanged: other statements, and other principals and conditions of these.
 */
export function closedTrust(
  trust: Json,
  paths: readonly AccessPath[],
  power: Power,
  providers: readonly AuditedProviderInput[],
): Json {
  const open = paths.filter(({ scope }) => scope !== 'nobody');
  const statements = statementsOf(trust);
  const kept = statements.flatMap((statement, index) => {
    const through = paths.filter((path) => path.statement === index + 1).map(({ provider }) => provider);
    return through.length === 0 ? [statement] : (forOthers(statement, through) ?? []);
  });
  const groups = groupBy(open, ({ statement, provider }) => `${statement} ${provider}`);
  return {
    Version: '2012-10-17',
    Statement: [
      ...kept,
      ...[...groups.values()].map((group) =>
        closedStatement(group, power, {
          statement: statements[(group[0]?.statement ?? 0) - 1] ?? {},
          audiences: providers.find(({ arn }) => arn === group[0]?.provider)?.audiences,
        }),
      ),
    ],
  };
}

/** The statement for principals other than CI, such as an administrator or a cluster; undefined without any. */
function forOthers(statement: JsonObject, ciProviders: readonly string[]): JsonObject | undefined {
  const { Principal } = statement;
  if (!isJsonObject(Principal)) return undefined;
  const principals = Object.entries(Principal).flatMap(([kind, names]) => {
    const left = toList(names).filter((name) => name !== '*' && !ciProviders.includes(String(name)));
    return left.length === 0 ? [] : [[kind, left.length === 1 ? (left[0] ?? '') : left] as const];
  });
  return principals.length === 0 ? undefined : { ...statement, Principal: Object.fromEntries(principals) };
}

function closedStatement(
  paths: readonly AccessPath[],
  power: Power,
  given: { readonly statement: JsonObject; readonly audiences: readonly string[] | undefined },
): Json {
  const [first] = paths;
  if (first === undefined) return {};
  const { issuer, provider, constraints } = first;
  const { prefix, platform } = issuer;
  const audiences = constraints.claims.get('aud')?.filter((value) => !/[*?]/.test(value));
  const subjects = [
    ...new Set(paths.flatMap((path) => (isRight(path, power) ? (path.subject ?? '*') : examplesFor(path)))),
  ];
  const ids = platform.ids === undefined ? [] : [platform.ids.owner, platform.ids.project];
  // The branch in a subject replaces a pattern of refs or environments. If the subject is kept, the pattern still
  // limits it.
  const isSubjectKept = paths.some((path) => isRight(path, power));
  const replaced = isSubjectKept ? ids : [...ids, 'ref', 'environment'];
  const claims = [...constraints.claims].filter(
    ([claim, values]) =>
      !['sub', 'aud', 'job_workflow_ref'].includes(claim) && (!replaced.includes(claim) || values.every(isExact)),
  );
  const lacksIds =
    issuer.tenant === undefined && paths.some((path) => !path.byId || (!isRight(path, power) && losesId(path)));
  const conditions: readonly (readonly [string, readonly string[]])[] = [
    ['aud', audiences?.length ? audiences : [audienceFor(issuer, given.audiences)]],
    ...(subjects.every((pattern) => pattern === '*') ? [] : [['sub', subjects] as const]),
    ...(constraints.claims.has('job_workflow_ref')
      ? [['job_workflow_ref', constraints.claims.get('job_workflow_ref') ?? []] as const]
      : []),
    ...claims,
    ...(lacksIds ? ids.map((id) => [id, [id.toUpperCase()]] as const) : []).filter(
      ([id]) => !claims.some(([claim]) => claim === id),
    ),
  ];
  const keysUnder = (wanted: string) =>
    Object.fromEntries(
      conditions
        .filter(([claim, values]) => operatorFor(claim, values, constraints) === wanted)
        .map(([claim, values]) => [`${prefix}:${claim}`, oneOrMany(values.map(plainValue))]),
    );
  const tags = toList(given.statement.Action ?? []).includes('sts:TagSession');
  return {
    Effect: 'Allow',
    Principal: { Federated: provider },
    Action: tags ? ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'] : 'sts:AssumeRoleWithWebIdentity',
    Condition: byOperator([
      ...['StringEquals', 'StringEqualsIgnoreCase', 'StringLike'].map((name) => [name, keysUnder(name)] as const),
      ...otherConditions(given.statement, issuer),
    ]),
  };
}

/** GitHub may spell a name otherwise than a policy that ignores case. */
function operatorFor(claim: string, values: readonly string[], { inAnyCase }: Constraints): string {
  if (values.some((value) => /[*?]/.test(value))) return 'StringLike';
  return inAnyCase.includes(claim) ? 'StringEqualsIgnoreCase' : 'StringEquals';
}

type Conditions = readonly (readonly [operator: string, keys: JsonObject])[];

/** Conditions that do not require values of the token: on other keys, such as the source IP, or excluding values. */
function otherConditions({ Condition }: JsonObject, issuer: Issuer): Conditions {
  if (!isJsonObject(Condition)) return [];
  return Object.entries(Condition).flatMap(([operator, keys]) => {
    if (!isJsonObject(keys)) return [];
    const requires = textOperator(partsOf(operator).operator)?.negated === false;
    const kept = Object.entries(keys).filter(([key]) =>
      claimOf(key, issuer) === undefined ? isOfRequest(key) : !requires,
    );
    return [[operator, Object.fromEntries(kept)] as const];
  });
}

function byOperator(conditions: Conditions): JsonObject {
  const merged = new Map<string, JsonObject>();
  for (const [operator, keys] of conditions) {
    if (Object.keys(keys).length > 0) merged.set(operator, { ...merged.get(operator), ...keys });
  }
  return Object.fromEntries(merged);
}

/** `repo:octo-org@1/*` has the owner's id, which the replacement may lack. */
function losesId(path: AccessPath): boolean {
  const hasId = (subject: string) => /@\d+[/:]/.test(subject);
  return hasId(path.subject ?? '') && !hasId(exampleFor(path));
}

/** Whether the path's subjects can be kept. */
function isRight({ scope, jobs }: AccessPath, power: Power): boolean {
  if (scope !== 'project') return false;
  if (jobs.pullRequests) return severityOfJobs('pullRequests', power) === 'none';
  return !jobs.anyBranch || severityOfJobs('anyBranch', power) === 'none';
}
