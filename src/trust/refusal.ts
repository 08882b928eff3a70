import type { Json } from '../policies/canonical.ts';
import { type FoundCause, found } from './causes/index.ts';
import { neverThere } from './condition-keys.ts';
import { type ConditionResult, type Evaluation, partsOf, type StatementResult } from './evaluate.ts';
import { issuerOf, normalArn, type Presentation, type Target, trusts } from './login.ts';
import { closestOf, failing, inOtherCase, listed, literalWildcard, nameOf } from './results.ts';
import { contextDetails, subjectCauses, whereOf } from './subject-causes.ts';

/** Why the trust policy says no, or does not say yes. */
export function trustCauses(evaluation: Evaluation, presentation: Presentation, target: Target): readonly FoundCause[] {
  if (evaluation.verdict === 'can') return [];
  const causes = refusal(evaluation, presentation, target);
  const { wanted, role, provider } = target;
  // What is written in the config is not what is to be changed there.
  if (wanted === undefined || !trusts(wanted, presentation, provider)) return causes;
  return causes.map((cause) => ({
    ...cause,
    mend: 'The config already allows it, but the role in AWS has drifted. Restore it.',
    command: `crc bootstrap --only role/${role.name}`,
  }));
}

function refusal(evaluation: Evaluation, presentation: Presentation, target: Target): readonly FoundCause[] {
  const { role, provider } = target;
  const { decidedBy, statements } = evaluation;
  if (decidedBy?.effect === 'Deny' && decidedBy.matches === true) {
    return [found('explicit-deny', { statement: nameOf(decidedBy), role: role.name })];
  }
  if (evaluation.verdict === 'unknown' && decidedBy !== undefined) {
    return failing(decidedBy).map(({ operator, key }) => found('other-condition', { operator, key, role: role.name }));
  }
  const allows = statements.filter(({ effect }) => effect === 'Allow');
  const closest = closestOf(evaluation);
  if (closest !== undefined) {
    const causes = failing(closest).flatMap((condition) => conditionCauses(condition, closest, presentation, target));
    return causes.filter(
      ({ id, cause }, index) => causes.findIndex((one) => one.id === id && one.cause === cause) === index,
    );
  }
  if (allows.some(({ principal }) => principal)) {
    const actions = allows.filter(({ principal }) => principal).flatMap((one) => one.actions);
    return [found('action', { found: actions.join(', ') || 'something else', role: role.name })];
  }
  const principals = federatedOf(role.trust);
  const similar = principals.find((one) => normalArn(one) === normalArn(provider.arn));
  if (similar !== undefined) return [found('provider-trailing-slash', { found: similar, wanted: provider.arn })];
  const elsewhere = principals.find((one) => withoutAccount(one) === withoutAccount(provider.arn));
  if (elsewhere !== undefined) {
    return [found('provider-other-account', { found: elsewhere, wanted: provider.arn, role: role.name })];
  }
  const others = principals.join(', ') || 'none';
  return [found('principal', { wanted: provider.arn, found: others, role: role.name })];
}

function withoutAccount(arn: string): string {
  return arn.replace(/^arn:[^:]+:iam::\d*:/, '').toLowerCase();
}

function federatedOf(policy: Json | undefined): readonly string[] {
  const text = JSON.stringify(policy ?? null);
  return [...text.matchAll(/"(arn:[^"]+:oidc-provider\/[^"]+)"/g)].map(([, arn]) => arn ?? '');
}

function conditionCauses(
  condition: ConditionResult,
  statement: StatementResult,
  presentation: Presentation,
  target: Target,
): readonly FoundCause[] {
  const { key, operator, value, holds } = condition;
  const wanted = listed(condition.wanted);
  const role = target.role.name;
  const issuer = issuerOf(target.provider.url);
  const why = neverThere(issuer, key);
  if (why !== undefined) return [found('unknown-key', { key, why, role })];
  if (/^(aws|sts):/i.test(key) || holds === 'unknown') return [found('other-condition', { operator, key, role })];
  const claim = key.slice(issuer.length + 1).toLowerCase();
  if (typeof value !== 'string' && partsOf(operator).set !== undefined) {
    return [found('set-operator', { operator, key, role })];
  }
  if (claim === 'aud') return [found('audience-condition', { value: String(value), wanted, role })];
  if (claim === 'sub') return subjectCauses(String(value), condition, statement, presentation, target);
  if (claim === 'environment' && typeof value !== 'string') {
    return [found('environment-missing', { ...contextDetails(presentation, target), wanted })];
  }
  const literal = literalWildcard(condition, String(value));
  if (literal !== undefined) return [found('wildcard-in-string-equals', { operator, wanted: literal, role })];
  const other = inOtherCase(condition, String(value));
  const where = whereOf(target);
  if (other !== undefined) return [found('case', { value: String(value), wanted: other, where, role })];
  if (claim === 'job_workflow_ref') {
    return [found('reusable-workflow', { value: presentation.claims.get('sub') ?? '', wanted, where, role })];
  }
  return [found('claim-mismatch', { key, wanted, value: value ?? 'no such claim', role })];
}
