import { uniqueBy } from '../group-by.ts';
import type { Json } from '../json.ts';
import { fitsAnyCase, hasWildcard } from '../policies/glob.ts';
import { issuerOf, trustPolicy } from '../policies/trust.ts';
import { causeOf, type FoundCause } from './causes/index.ts';
import { claimText, isOfRequest, neverThere, shownValue } from './condition-keys.ts';
import {
  type ConditionResult,
  type Evaluation,
  isOperator,
  meantOperator,
  partsOf,
  type StatementResult,
} from './evaluate.ts';
import { normalArn, type Presentation, type Target, trusts } from './login.ts';
import { closestOf, failing, listed, nameOf } from './results.ts';
import { contextDetails, EVERY_BRANCH, spellingCause, subjectCauses, whereOf } from './subject-causes.ts';

/** Why the trust policy denies, or does not allow. */
export function trustCauses(evaluation: Evaluation, presentation: Presentation, target: Target): readonly FoundCause[] {
  if (evaluation.verdict === 'can') return [];
  const causes = refusal(evaluation, presentation, target);
  const { wanted, role, provider } = target;
  if (wanted === undefined) return causes.map((cause) => outsideConfig(cause, presentation, target));
  // If the config itself does not accept the job, advice to restore the config's policy would not help.
  if (!trusts(wanted, presentation, provider)) return causes;
  return causes.map((cause) => ({
    ...cause,
    fix:
      role.foreign === undefined
        ? 'The config already allows it, but the role in AWS has drifted. Restore it.'
        : 'The config already allows it, but the role in AWS does not.',
    command: `crc bootstrap --only role/${role.name}`,
  }));
}

/** Causes whose advice is to add a subject, and those whose advice is about the config. */
const OF_SUBJECT = [
  'environment-subject',
  'environment-missing',
  'other-environment',
  'pull-request-subject',
  'tag-subject',
  'branch-subject',
  'reusable-workflow',
];
const OF_CONFIG = ['subject-form', 'other-repository', 'custom-template'];

/** For a role that is not in the config, the advice is a statement to add to its trust policy. */
function outsideConfig(cause: FoundCause, presentation: Presentation, { provider, role }: Target): FoundCause {
  const command = `aws iam update-assume-role-policy --role-name ${role.name} --policy-document file://trust.json`;
  const save = `aws iam get-role --role-name ${role.name} --query Role.AssumeRolePolicyDocument --output json > trust.json`;
  // A file with only what the advice says would shut out everyone else.
  const replacing = (fix: string) => ({
    fix: `The trust policy is replaced as a whole, so save it first, and change that file: \`${save}\`. ${fix}`,
    command,
  });
  const sub = claimText(presentation.claims, 'sub');
  // Never advise a statement for a subject that GitHub may not send.
  if (cause.id === 'event-undocumented') return cause;
  const { audience } = presentation;
  if (sub === undefined || audience === undefined || ![...OF_SUBJECT, ...OF_CONFIG].includes(cause.id)) {
    return { ...cause, ...replacing(cause.fix) };
  }
  // A claim that is only known during the run is a wildcard here. A statement with it would trust every value.
  const everyBranch = cause.id === 'branch-subject' && sub.endsWith(`:${EVERY_BRANCH}`);
  if ((cause.id === 'custom-template' && hasWildcard(sub)) || everyBranch) return { ...cause, command };
  const [statement] = trustPolicy({
    providerArn: provider.arn,
    issuer: issuerOf(provider.url),
    audiences: [audience],
    subjects: [sub],
  }).Statement;
  const advice = OF_CONFIG.includes(cause.id)
    ? `To let it in, add to the trust policy of ${role.name}`
    : `${cause.fix} As a statement`;
  return { ...cause, ...replacing(`${advice}: ${JSON.stringify(statement)}`), namesContext: true };
}

function refusal(evaluation: Evaluation, presentation: Presentation, target: Target): readonly FoundCause[] {
  const { role, provider } = target;
  const { decidedBy, statements } = evaluation;
  if (decidedBy?.effect === 'Deny' && decidedBy.matches === true) {
    return [causeOf('explicit-deny', { statement: nameOf(decidedBy), role: role.name })];
  }
  if (evaluation.verdict === 'unknown' && decidedBy !== undefined) {
    const causes = failing(decidedBy).map((condition) => undecidedCause(condition, target));
    if (decidedBy.effect === 'Allow') return causes;
    const fix = `Statement ${nameOf(decidedBy)} is a Deny: compare its condition with the request, which CloudTrail shows in the event AssumeRoleWithWebIdentity.`;
    return causes.map((cause) => (cause.id === 'other-condition' ? { ...cause, fix } : cause));
  }
  const allows = statements.filter(({ effect }) => effect === 'Allow');
  const closest = closestOf(evaluation);
  if (closest !== undefined) {
    const causes = failing(closest).flatMap((condition) => conditionCauses(condition, closest, presentation, target));
    return uniqueBy(causes, ({ id, cause }) => `${id} ${cause}`);
  }
  if (allows.some(({ principal }) => principal)) {
    const actions = allows.filter(({ principal }) => principal).flatMap((statement) => statement.actions);
    return [causeOf('action', { actual: actions.join(', ') || 'something else', role: role.name })];
  }
  const principals = federatedOf(role.trust);
  const similar = principals.find((principal) => normalArn(principal) === normalArn(provider.arn));
  if (similar !== undefined) return [causeOf('provider-trailing-slash', { actual: similar, wanted: provider.arn })];
  const elsewhere = principals.find((principal) => withoutAccount(principal) === withoutAccount(provider.arn));
  if (elsewhere !== undefined) {
    return [causeOf('provider-other-account', { actual: elsewhere, wanted: provider.arn, role: role.name })];
  }
  const trusted = principals.join(', ') || 'none';
  return [causeOf('principal', { wanted: provider.arn, actual: trusted, role: role.name })];
}

function withoutAccount(arn: string): string {
  return arn.replace(/^arn:[^:]+:iam::\d*:/, '').toLowerCase();
}

function federatedOf(policy: Json | undefined): readonly string[] {
  const text = JSON.stringify(policy ?? null);
  return [...text.matchAll(/"(arn:[^"]+:oidc-provider\/[^"]+)"/g)].map(([, arn]) => arn ?? '');
}

/** A condition that crc does not evaluate. */
function undecidedCause(
  { operator, key, value, wanted }: ConditionResult,
  { provider, role: { name: role } }: Target,
): FoundCause {
  if (
    value === undefined &&
    isOperator(operator) &&
    key.toLowerCase() === `${issuerOf(provider.url)}:aud`.toLowerCase()
  ) {
    return causeOf('audience-unknown', { wanted: listed(wanted) });
  }
  if (isOperator(operator)) return causeOf('other-condition', { operator, key, role });
  return causeOf('no-such-operator', { operator, key, right: meantOperator(operator), role });
}

function conditionCauses(
  condition: ConditionResult,
  statement: StatementResult,
  presentation: Presentation,
  target: Target,
): readonly FoundCause[] {
  const { key, operator, holds } = condition;
  const value = condition.value === undefined || condition.value === null ? undefined : shownValue(condition.value);
  const wanted = listed(condition.wanted);
  const role = target.role.name;
  const issuer = issuerOf(target.provider.url);
  const why = neverThere(issuer, key);
  if (why !== undefined) return [causeOf('unknown-key', { key, why, role })];
  if (isOfRequest(key) || holds === 'unknown') return [undecidedCause(condition, target)];
  const claim = key.slice(issuer.length + 1).toLowerCase();
  const { set, operator: plain } = partsOf(operator);
  if (value === undefined && set !== undefined) return [causeOf('set-operator', { operator, key, role })];
  if (value !== undefined && /^string.*not|^arnnot/.test(plain)) {
    const excluding = condition.wanted.filter((pattern) => fitsAnyCase(pattern, value));
    return [causeOf('excluded', { operator, key, value, wanted: listed(excluding), role })];
  }
  if (claim === 'aud') return [causeOf('audience-condition', { value: String(value), wanted, role })];
  if (claim === 'sub') return subjectCauses(String(value), condition, statement, presentation, target);
  if (claim === 'environment' && value === undefined) {
    return [causeOf('environment-missing', { ...contextDetails(presentation, target), wanted })];
  }
  const where = whereOf(target);
  const spelling = spellingCause(condition, String(value), { where, role });
  if (spelling !== undefined) return [spelling];
  if (claim === 'job_workflow_ref') {
    return [causeOf('reusable-workflow', { value: claimText(presentation.claims, 'sub') ?? '', wanted, where, role })];
  }
  return [causeOf('claim-mismatch', { key, wanted, value: value ?? 'no such claim', role })];
}
