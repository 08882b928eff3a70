import { causeOf, type FoundCause } from './causes/index.ts';
import { type ConditionResult, type Evaluation, evaluate } from './evaluate.ts';
import { normalArn, type Presentation, requestOf, type Target } from './login.ts';
import { trustCauses } from './refusal.ts';
import { closestOf, failing, nameOf } from './results.ts';

export interface Diagnosis {
  readonly verdict: 'can' | 'cannot' | 'unknown';
  /** What prevents the login, in order. */
  readonly causes: readonly FoundCause[];
  /** The causes that have nothing to do with the trust policy. */
  readonly before: readonly FoundCause[];
  /** The evaluation of the trust policy, if there is one. */
  readonly evaluation: Evaluation | undefined;
  readonly decision: Decision | undefined;
}

/** The deciding statement, and the deciding condition in it. */
export interface Decision {
  readonly statement: string;
  readonly condition: Pick<ConditionResult, 'operator' | 'key' | 'wanted' | 'value'> | undefined;
}

/** Whether a job can assume the role, and if not, every cause. */
export function diagnose(presentation: Presentation, target: Target): Diagnosis {
  const { provider, role } = target;
  const request = requestOf(presentation, provider);
  const evaluation = role.trust === undefined ? undefined : evaluate(role.trust, request);
  const before = [
    ...(presentation.blocked ?? []),
    ...providerCauses(presentation, target),
    ...roleCauses(presentation, target),
  ];
  const trust = evaluation === undefined ? [] : trustCauses(evaluation, presentation, target);
  const causes = [...before, ...trust];
  const verdict = before.length > 0 ? 'cannot' : (evaluation?.verdict ?? 'cannot');
  return {
    verdict,
    causes,
    before,
    evaluation,
    decision: evaluation === undefined ? undefined : decisionOf(evaluation),
  };
}

function decisionOf(evaluation: Evaluation): Decision | undefined {
  const statement = evaluation.decidedBy ?? closestOf(evaluation);
  if (statement === undefined) return undefined;
  const { conditions } = statement;
  const decisive =
    statement.matches === true
      ? conditions.find(({ key }) => key.toLowerCase().endsWith(':sub'))
      : failing(statement)[0];
  return { statement: nameOf(statement), condition: decisive ?? conditions[0] };
}

function providerCauses({ audience, claims }: Presentation, { accountId, provider }: Target): readonly FoundCause[] {
  const { arn, url, audiences, otherProviders } = provider;
  const issuer = claims.get('iss');
  if (typeof issuer === 'string' && issuer !== url) return [causeOf('provider-issuer', { issuer, url })];
  if (audiences === undefined) {
    const similar = otherProviders.find((provider) => normalArn(provider) === normalArn(arn));
    return [
      similar === undefined
        ? causeOf('provider-missing', { account: accountId, url })
        : causeOf('provider-trailing-slash', { actual: similar, wanted: arn }),
    ];
  }
  return audience === undefined || audiences.includes(audience)
    ? []
    : [causeOf('provider-audience', { audience, wanted: audiences.join(', ') || 'none' })];
}

function roleCauses(
  { roleArn, job, sessionSeconds }: Presentation,
  { accountId, role, wanted }: Target,
): readonly FoundCause[] {
  const account = roleArn?.split(':')[4];
  if (roleArn !== undefined && account !== undefined && /^\d{12}$/.test(account) && account !== accountId) {
    const details = { job: job ?? '', actual: roleArn, otherAccount: account, account: accountId, roleArn: role.arn };
    return [causeOf('role-other-account', details)];
  }
  if (role.trust === undefined) return [causeOf('role-missing', { role: role.name, account: accountId })];
  // IAM does not distinguish the names of roles by case.
  if (roleArn !== undefined && roleArn.toLowerCase() !== role.arn.toLowerCase()) {
    return [causeOf('role-other-arn', { job: job ?? '', actual: roleArn, roleArn: role.arn })];
  }
  if (sessionSeconds === undefined || sessionSeconds <= role.maxSessionSeconds) return [];
  const value = String(sessionSeconds);
  const details = { job: job ?? '', value, wanted: String(role.maxSessionSeconds), role: role.name };
  const cause = causeOf('session-too-long', details);
  if (wanted !== undefined) return [cause];
  const command = `aws iam update-role --role-name ${role.name} --max-session-duration ${value}`;
  return [{ ...cause, fix: 'Lower role-duration-seconds in the workflow, or raise what the role allows.', command }];
}
