import type { Json } from '../json.ts';
import { issuerOf } from '../policies/trust.ts';
import type { FoundCause } from './causes/index.ts';
import { type Claim, keysOf } from './condition-keys.ts';
import { evaluate } from './evaluate.ts';

/** What a job presents to AWS and what it requests. */
export interface Presentation {
  /** Undefined if it is only known during the run. */
  readonly audience: string | undefined;
  /** Known claims of the token, including `sub`; null if the token does not have the claim. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** An event for which GitHub documents no subject: the part of `sub` after the repository is a guess. */
  readonly undocumentedEvent?: string | undefined;
  /** The job's id in the workflow. */
  readonly job?: string | undefined;
  /** The ARN that the job requests, if the workflow contains it literally. */
  readonly roleArn?: string | undefined;
  readonly sessionSeconds?: number | undefined;
  /** What prevents the job from getting a token. */
  readonly blocked?: readonly FoundCause[] | undefined;
}

/** The identity provider in the account. */
export interface LiveProvider {
  readonly arn: string;
  /** With `https://` */
  readonly url: string;
  /** Undefined if it does not exist. */
  readonly audiences: readonly string[] | undefined;
  /** ARNs of all providers in the account, if this one does not exist. */
  readonly otherProviders: readonly string[];
}

/** The role in the account. */
export interface LiveRole {
  readonly name: string;
  readonly arn: string;
  /** Undefined if it does not exist. */
  readonly trust: Json | undefined;
  readonly maxSessionSeconds: number;
  /** For a role in the config that crc did not create for this project: whether another project has it. */
  readonly foreign?: 'nobody' | 'other-project' | undefined;
}

export interface Target {
  readonly accountId: string;
  readonly provider: LiveProvider;
  readonly role: LiveRole;
  /** The trust policy according to the config; undefined for a role that is not in the config. */
  readonly wanted: Json | undefined;
}

/** Normalized further than IAM does, to find what was probably meant. */
export function normalArn(arn: string): string {
  return arn.toLowerCase().replace(/\/+$/, '');
}

/** Whether the trust policy alone accepts a job. */
export function trusts(policy: Json, presentation: Presentation, provider: Pick<LiveProvider, 'arn' | 'url'>): boolean {
  return evaluate(policy, requestOf(presentation, provider)).verdict === 'can';
}

export function requestOf({ claims, audience }: Presentation, { arn, url }: Pick<LiveProvider, 'arn' | 'url'>) {
  const all = new Map<string, Claim>(claims);
  if (audience !== undefined) all.set('aud', audience);
  return { provider: arn, valueOf: keysOf(issuerOf(url), all) };
}
