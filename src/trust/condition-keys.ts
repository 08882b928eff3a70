/** Claims beside `sub` and `aud` that IAM makes condition keys of. */
export interface ClaimKeys {
  /** Each token has them. */
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
}

/**
 * Those of a GitHub token, behind the issuer and a colon. A condition on any other claim compares with a key that is never there:
 * it is false, and nothing says so.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
export const GITHUB_CLAIMS = {
  always: ['actor', 'actor_id', 'repository', 'repository_id', 'repository_owner_id', 'workflow', 'ref'],
  sometimes: ['job_workflow_ref', 'environment', 'enterprise_id'],
} as const satisfies ClaimKeys;

const KNOWN_CLAIMS = ['aud', 'sub', ...GITHUB_CLAIMS.always, ...GITHUB_CLAIMS.sometimes] as const;

export type KnownClaim = (typeof KNOWN_CLAIMS)[number];

/** Keys that exist for other identity providers only; GitHub's tokens have no such claim. */
const FOREIGN_CLAIMS = ['amr', 'email', 'oaud'];

/** A value of which only the form is known: any text that fits, with `*` and `?` as wildcards. */
export interface Pattern {
  readonly pattern: string;
}

/** What is known of a claim: null = the token does not have it. */
export type Claim = string | Pattern | null;

/** The value of a condition key: null = absent, undefined = unknown until the token is presented. */
export type KeyValue = Claim | undefined;

/** A value as it is shown: a pattern by its wildcards. */
export function shownValue(value: string | Pattern): string {
  return typeof value === 'string' ? value : value.pattern;
}

/** A claim as it is shown; undefined where the token does not have it, or it is not known. */
export function claimText(claims: ReadonlyMap<string, Claim>, name: string): string | undefined {
  const value = claims.get(name);
  return value === undefined || value === null ? undefined : shownValue(value);
}

/** What a presented token makes of condition keys. `claims` may leave out what is not known; null = it has none. */
export function keysOf(
  issuer: string,
  provider: string,
  claims: ReadonlyMap<string, Claim>,
): (key: string) => KeyValue {
  const prefix = `${issuer}:`.toLowerCase();
  return (given) => {
    const key = given.toLowerCase();
    if (key.startsWith(prefix)) {
      const claim = key.slice(prefix.length);
      return isKnownClaim(claim) ? claims.get(claim) : null;
    }
    if (key === 'aws:federatedprovider') return provider;
    if (key === 'aws:securetransport') return 'true';
    // AssumeRoleWithWebIdentity is not signed, so there is no caller for these to describe.
    if (/^aws:(principal|multifactorauth|userid|username|sourceidentity)/.test(key)) return null;
    if (/^(aws|sts):/.test(key)) return undefined;
    return null;
  };
}

/** Whether IAM has a condition key for a claim. Keys are compared without regard to case. */
export function isKnownClaim(claim: string): claim is KnownClaim {
  return (KNOWN_CLAIMS as readonly string[]).includes(claim);
}

/** Why a key of the issuer is never there; undefined for one that can be. */
export function neverThere(issuer: string, key: string): string | undefined {
  const lower = key.toLowerCase();
  const prefix = `${issuer}:`.toLowerCase();
  if (lower.startsWith(prefix)) {
    const claim = lower.slice(prefix.length);
    if (isKnownClaim(claim)) return undefined;
    return FOREIGN_CLAIMS.includes(claim) ? 'GitHub’s tokens have no such claim' : 'IAM has no key for this claim';
  }
  return /^(aws|sts):/.test(lower) ? undefined : 'the key does not belong to this identity provider';
}
