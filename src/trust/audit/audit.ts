import { uniqueBy } from '../../group-by.ts';
import type { Json } from '../../json.ts';
import { type AccessPath, accessPathsOf } from './access-paths.ts';
import { closedTrust } from './closed.ts';
import { finding, findingsOfPath, note, notesOfPath } from './detect.ts';
import type { FindingId } from './findings.ts';
import { type Issuer, issuerOfArn } from './issuers.ts';
import { powersOf } from './power.ts';
import { SCOPES } from './scope.ts';
import { SEVERITIES, worst } from './severity.ts';
import type { AuditedProvider, AuditedProviderInput, AuditedRole, AuditedRoleInput, AuditFinding } from './types.ts';
import { patternOf, wordsOf } from './words.ts';

/** The CI providers that may matter for a trust policy: those in the account and those that the policy names. */
function providersFor(
  trust: Json,
  providers: readonly AuditedProviderInput[],
): readonly { readonly arn: string; readonly issuer: Issuer }[] {
  const named = JSON.stringify(trust ?? null).match(/arn:[\w-]+:iam::\d{12}:oidc-provider\/[^"\\]+/g) ?? [];
  const all = [...new Set([...providers.map(({ arn }) => arn), ...named])];
  return all.flatMap((arn) => {
    const issuer = issuerOfArn(arn);
    return issuer === undefined ? [] : [{ arn, issuer }];
  });
}

/** The ways in which CI can assume a role; empty if it cannot. */
export function accessPathsOfRole(trust: Json, providers: readonly AuditedProviderInput[]): readonly AccessPath[] {
  return accessPathsOf(trust, providersFor(trust, providers));
}

/** The findings about one role that CI can assume. */
export function auditRole(input: AuditedRoleInput, providers: readonly AuditedProviderInput[]): AuditedRole {
  const { name, arn, managed, trust } = input;
  const paths = [...accessPathsOfRole(trust, providers)].sort(
    (a, b) => SCOPES.indexOf(a.scope) - SCOPES.indexOf(b.scope),
  );
  const { power, abilities } = powersOf(input.policies, input.boundary);
  const findings = [
    ...paths.flatMap((path) => findingsOfPath(path, { ...input, power, providers, paths })),
    ...(input.orphanOf === undefined
      ? []
      : [finding('orphaned-role', 'low', { project: input.orphanOf, role: name }, { managed, drifted: false })]),
  ];
  const unique = merged(findings);
  return {
    name,
    arn,
    managed,
    severity: worst(unique.map((finding) => finding.severity)),
    admits: uniqueBy(
      paths
        .filter(({ scope }) => scope !== 'nobody')
        .map((path) => ({ pattern: patternOf(path), words: wordsOf(path) })),
      ({ pattern }) => pattern,
    ),
    power,
    abilities,
    findings: unique,
    notes: uniqueBy(
      paths.flatMap((path) => notesOfPath(path, providers, paths)),
      ({ message }) => message,
    ),
    closed: unique.some(({ id }) => id !== 'orphaned-role') ? closedTrust(trust, paths, power, providers) : undefined,
  };
}

/** Drops duplicates: several access paths can have the same finding. */
function merged(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  const ids = [...new Set(findings.map(({ id }) => id))];
  const unique = uniqueBy(findings, ({ id, message }) => `${id} ${message}`);
  const rank = ({ severity }: AuditFinding) => SEVERITIES.indexOf(severity);
  return [...unique].sort((a, b) => rank(a) - rank(b) || ids.indexOf(a.id) - ids.indexOf(b.id));
}

/**
 * The findings about the account's identity providers for CI. `trusting`: the number of audited roles that trust each
 * of them.
 */
export function auditProviders(
  providers: readonly AuditedProviderInput[],
  trusting: ReadonlyMap<string, number>,
): readonly AuditedProvider[] {
  return providers.flatMap(({ arn, audiences, thumbprints }) => {
    const issuer = issuerOfArn(arn);
    if (issuer === undefined) return [];
    const roles = trusting.get(arn) ?? 0;
    const report = (id: FindingId) => finding(id, 'low', { arn }, { managed: 'other', drifted: false });
    const findings = [
      ...(roles === 0 ? [report('unused-provider')] : []),
      ...(issuer.prefix.endsWith('/') ? [report('provider-url')] : []),
    ];
    const decides = issuer.selfHosted && thumbprints.length > 0;
    return [
      {
        arn,
        platform: issuer.platform.name,
        audiences,
        roles,
        severity: worst(findings.map(({ severity }) => severity)),
        findings,
        notes: decides ? [note('thumbprint', { thumbprints: thumbprints.join(', ') })] : [],
      },
    ];
  });
}
