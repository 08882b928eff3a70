import { BOOTSTRAP_ROLE, type Cause, GITHUB_OIDC, IAM, ISSUES, NOT_AUTHORIZED } from './cause.ts';

/** Problems in a trust policy that block a login whatever its subject. */
export const POLICY_CAUSES = {
  'explicit-deny': {
    message: NOT_AUTHORIZED,
    cause: 'Statement {statement} of the trust policy denies the request.',
    fix: 'If the job is meant to assume the role, narrow the statement so that it no longer applies to the job.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_evaluation-logic.html`,
  },
  principal: {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy does not trust the identity provider {wanted}; it trusts {actual}.',
    fix: 'Add the identity provider to the trust policy.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  action: {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy allows {actual}, but GitHub jobs need sts:AssumeRoleWithWebIdentity.',
    fix: 'Allow sts:AssumeRoleWithWebIdentity in the trust policy.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  'unknown-key': {
    message: NOT_AUTHORIZED,
    cause:
      'The condition on {key} never matches: {why}. IAM accepts such a condition without a warning, then denies every request.',
    fix: 'Restrict access by sub, then remove the condition: without both, every repository on GitHub gets in.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  },
  'two-operators': {
    message: NOT_AUTHORIZED,
    cause: 'The statement has two conditions on sub ({operators}). Both must match, but this subject matches only one.',
    fix: 'Put all subjects in one StringLike list.',
    command: BOOTSTRAP_ROLE,
    source: 'https://github.com/terraform-aws-modules/terraform-aws-iam/issues/633',
  },
  excluded: {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy excludes this job: {operator} on {key} rules out {wanted}, and the token has {value}.',
    fix: 'If the job is meant to assume the role, remove {wanted} from {operator}.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_elements_condition_operators.html`,
  },
  'no-such-operator': {
    message: NOT_AUTHORIZED,
    cause: 'IAM has no operator {operator} for the condition on {key}.',
    fix: 'Use {right}.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_elements_condition_operators.html`,
  },
  'wildcard-in-ignore-case': {
    message: NOT_AUTHORIZED,
    cause: '{operator} does not support the wildcards * and ?, so {wanted} matches no subject.',
    fix: 'Use StringLike, and spell owner and repository as GitHub does: StringLike supports wildcards, but is case-sensitive.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_elements_condition_operators.html`,
  },
  'wildcard-in-string-equals': {
    message: NOT_AUTHORIZED,
    cause: '{operator} does not support the wildcards * and ?, so {wanted} matches no subject.',
    fix: 'Use StringLike instead.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/1137`,
  },
  'audience-condition': {
    message: NOT_AUTHORIZED,
    cause: 'The token’s audience is {value}, but the trust policy requires {wanted}.',
    fix: 'Set "audience" in the workflow to {wanted}, or let the trust policy require {value}: it requires what oidcProvider.audiences in the config contains.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/306`,
  },
  'audience-unknown': {
    message: NOT_AUTHORIZED,
    cause: 'The audience of the token is only known during the run, and the trust policy requires {wanted}.',
    fix: 'Write the audience into the workflow, or check a token that a job has: `crc explain --token FILE`',
    command: 'crc explain --token FILE',
    source: GITHUB_OIDC,
  },
  'set-operator': {
    message: NOT_AUTHORIZED,
    cause:
      '{operator} on {key}: set operators are for keys with several values, but each of GitHub’s claims has one. ForAllValues also matches tokens without the claim, and ForAnyValue never does.',
    fix: 'Remove ForAllValues or ForAnyValue from the operator.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  },
  'set-operator-on-sub': {
    message: NOT_AUTHORIZED,
    cause:
      '{operator} on {key}: every token has exactly one sub, so a set operator adds nothing, and ForAllValues also matches a request without it.',
    fix: 'Use {right} on sub.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  },
  'claim-mismatch': {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy requires {key} to be {wanted}, but the token has {value}.',
    fix: 'If the job is meant to assume the role, change the condition to match the token.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  },
  'other-condition': {
    message: NOT_AUTHORIZED,
    cause: 'Only AWS can evaluate the condition {operator} on {key}, when the token is presented.',
    fix: 'Compare the condition with the request, which CloudTrail shows in the event AssumeRoleWithWebIdentity.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-keys.html`,
  },
  'not-visible': {
    message: NOT_AUTHORIZED,
    cause:
      'Provider, audience and trust policy allow the job. Something that crc cannot see may still deny it: a service control policy or resource control policy of the organization, or, after the login, the role’s permissions boundary.',
    fix: 'If the role is new, wait a minute and try again. Otherwise ask the administrators of your organization for policies that deny sts:AssumeRoleWithWebIdentity.',
    command:
      'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRoleWithWebIdentity',
    source: `${ISSUES}/1446`,
  },
} as const satisfies Readonly<Record<string, Cause>>;
