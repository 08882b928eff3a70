/** Claims besides `sub` and `aud` that IAM supports as condition keys. */
export interface ClaimKeys {
  /** Claims that every token has. */
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
}

/**
 * The claims of a GitHub token, without the issuer prefix. A condition on any other claim compares with a key that is
 * never present: it is silently false.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
export const GITHUB_CLAIMS = {
  always: ['actor', 'actor_id', 'repository', 'repository_id', 'repository_owner_id', 'workflow', 'ref'],
  sometimes: ['job_workflow_ref', 'environment', 'enterprise_id'],
} as const satisfies ClaimKeys;

const KNOWN_CLAIMS = ['aud', 'sub', ...GITHUB_CLAIMS.always, ...GITHUB_CLAIMS.sometimes] as const;

export type KnownClaim = (typeof KNOWN_CLAIMS)[number];

/** Keys of other identity providers; GitHub's tokens lack these claims. */
const FOREIGN_CLAIMS = ['amr', 'email', 'oaud'];

/** A value of which only the form is known: any text that matches, with `*` and `?` as wildcards. */
export interface Pattern {
  readonly pattern: string;
  /** Texts that match, and that the value is not. */
  readonly except?: readonly string[] | undefined;
}

/** What is known about a claim; null if the token does not have it. */
export type Claim = string | Pattern | null;

/** The value of a condition key: null = absent, undefined = unknown until the token is presented. */
export type KeyValue = Claim | undefined;

/** A value for display: a pattern with its wildcards. */
export function shownValue(value: string | Pattern): string {
  return typeof value === 'string' ? value : value.pattern;
}

/** A claim for display; undefined if the token does not have it or it is unknown. */
export function claimText(claims: ReadonlyMap<string, Claim>, name: string): string | undefined {
  const value = claims.get(name);
  return value === undefined || value === null ? undefined : shownValue(value);
}

/**
 * The condition keys of a request with this token. `claims` may omit unknown ones; null means that the token does not
 * have the claim.
 */
export function keysOf(issuer: string, claims: ReadonlyMap<string, Claim>): (key: string) => KeyValue {
  const prefix = `${issuer}:`.toLowerCase();
  return (given) => {
    const key = given.toLowerCase();
    if (key.startsWith(prefix)) {
      const claim = key.slice(prefix.length);
      return isKnownClaim(claim) ? claims.get(claim) : null;
    }
    if (key === 'aws:securetransport') return 'true';
    // AssumeRoleWithWebIdentity is not signed, so there is no caller for these to describe.
    if (/^aws:(principal|multifactorauth|userid|username|sourceidentity)/.test(key)) return null;
    return isOfRequest(key) ? undefined : null;
  };
}

/**
 * Whether a request for sts:AssumeRoleWithWebIdentity may have the key although it is no claim; only AWS knows its value.
 * `iam:ResourceTag` stands for the tags of the role. `aws:FederatedProvider` is documented for sessions of roles, not for
 * this request. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
export function isOfRequest(key: string): boolean {
  return /^(aws:|sts:|iam:resourcetag\/)/i.test(key);
}

/** Whether IAM has a condition key for a claim. Keys are compared without regard to case. */
export function isKnownClaim(claim: string): claim is KnownClaim {
  return (KNOWN_CLAIMS as readonly string[]).includes(claim);
}

/** Why a key of the issuer is never present; undefined for a key that can be. */
export function neverThere(issuer: string, key: string): string | undefined {
  const lower = key.toLowerCase();
  const prefix = `${issuer}:`.toLowerCase();
  if (lower.startsWith(prefix)) {
    const claim = lower.slice(prefix.length);
    if (isKnownClaim(claim)) return undefined;
    return FOREIGN_CLAIMS.includes(claim) ? 'GitHub’s tokens have no such claim' : 'IAM has no key for this claim';
  }
  return isOfRequest(lower) ? undefined : 'the key does not belong to this identity provider';
}
