import type { Json } from '../../../src/json.ts';
import { auditRole } from '../../../src/trust/audit/audit.ts';
import type { PolicyOfRole } from '../../../src/trust/audit/power.ts';
import type { AuditedProviderInput, AuditedRole, AuditedRoleInput } from '../../../src/trust/audit/types.ts';
import { ACCOUNT } from '../../helpers/context.ts';

export const GITHUB = 'token.actions.githubusercontent.com';

export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export function providerOf(issuer: string, audiences: readonly string[] = ['sts.amazonaws.com']): AuditedProviderInput {
  return { arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`, audiences, thumbprints: [] };
}

/** A trust policy with one statement. Condition keys without a colon are claims of the issuer. */
export function trustOf(conditions: Conditions, issuer = GITHUB, statement: object = {}): Json {
  const withIssuer = Object.entries(conditions).map(([operator, keys]) => [
    operator,
    Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [
        /^(aws|sts|iam:|token\.)/.test(key) ? key : `${issuer}:${key}`,
        value,
      ]),
    ),
  ]);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: providerOf(issuer).arn },
        Action: 'sts:AssumeRoleWithWebIdentity',
        ...(withIssuer.length === 0 ? {} : { Condition: Object.fromEntries(withIssuer) }),
        ...statement,
      },
    ],
  } as Json;
}

export function policyOf(...actions: readonly string[]): PolicyOfRole {
  return { document: { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] } };
}

export const ADMIN = [policyOf('*')];
export const WRITER = [policyOf('s3:PutObject')];
export const READER = [policyOf('s3:GetObject', 's3:ListBucket')];

export function audited(
  trust: Json,
  more: Partial<AuditedRoleInput> = {},
  providers = [providerOf(GITHUB)],
): AuditedRole {
  return auditRole(
    {
      name: 'R',
      arn: `arn:aws:iam::${ACCOUNT}:role/R`,
      trust,
      policies: WRITER,
      boundary: undefined,
      managed: 'other',
      drifted: false,
      orphanOf: undefined,
      ...more,
    },
    providers,
  );
}

export const findingsOf = ({ findings }: Pick<AuditedRole, 'findings'>) =>
  findings.map(({ id, severity }) => `${severity} ${id}`);
