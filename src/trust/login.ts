import type { Json } from '../json.ts';
import { issuerOf } from '../policies/trust.ts';
import type { FoundCause } from './causes/index.ts';
import { type Claim, keysOf } from './condition-keys.ts';
import { evaluate } from './evaluate.ts';

/** What a job shows to AWS, and what it asks for. */
export interface Presentation {
  readonly audience: string;
  /** What is known of the token's claims, `sub` among them; null = the token does not have it. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** The event for which GitHub documents no subject: what `sub` has behind the repository is a guess. */
  readonly undocumentedEvent?: string | undefined;
  /** The job of a workflow. */
  readonly job?: string | undefined;
  /** The ARN that the job asks for, when it is written out. */
  readonly roleArn?: string | undefined;
  readonly sessionSeconds?: number | undefined;
  /** What keeps the job from having a token at all. */
  readonly blocked?: readonly FoundCause[] | undefined;
}

/** The identity provider in the account. */
export interface LiveProvider {
  readonly arn: string;
  /** With `https://` */
  readonly url: string;
  /** Undefined: it does not exist. */
  readonly audiences: readonly string[] | undefined;
  /** ARNs of all providers in the account, if this one does not exist. */
  readonly otherProviders: readonly string[];
}

/** The role in the account. */
export interface LiveRole {
  readonly name: string;
  readonly arn: string;
  /** Undefined: it does not exist. */
  readonly trust: Json | undefined;
  readonly maxSessionSeconds: number;
}

export interface Target {
  readonly accountId: string;
  readonly provider: LiveProvider;
  readonly role: LiveRole;
  /** The trust policy that the config means; undefined for a role that it does not have. */
  readonly wanted: Json | undefined;
}

/** As IAM does not compare them: to find what was probably meant. */
export function normalArn(arn: string): string {
  return arn.toLowerCase().replace(/\/+$/, '');
}

/** Whether a trust policy by itself lets a job in. */
export function trusts(policy: Json, presentation: Presentation, provider: Pick<LiveProvider, 'arn' | 'url'>): boolean {
  return evaluate(policy, requestOf(presentation, provider)).verdict === 'can';
}

export function requestOf({ claims, audience }: Presentation, { arn, url }: Pick<LiveProvider, 'arn' | 'url'>) {
  const all = new Map<string, Claim>(claims).set('aud', audience);
  return { provider: arn, valueOf: keysOf(issuerOf(url), arn, all) };
}
