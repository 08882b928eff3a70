/** A policy document as IAM and S3 accept it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A single value stays a string, as people write it. */
export function oneOrMany(values: readonly string[]): string | readonly string[] {
  const [first, ...rest] = values;
  return first !== undefined && rest.length === 0 ? first : values;
}

/** The values of an element that can be absent, a single value or a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/**
 * The text that is sent to AWS and that counts toward its limits: without white space. IAM documents may only contain
 * characters up to U+00FF (`[\u0009\u000A\u000D\u0020-\u00FF]+`,
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html), so all others are written as equivalent
 * JSON escapes.
 */
export function minified(document: object): string {
  return JSON.stringify(document).replace(
    /[\u0100-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The length of documents in characters, as IAM counts it for the limit on all of a role's inline policies. */
export function totalSize(documents: readonly (object | null | undefined)[]): number {
  return documents.reduce((size: number, document) => size + (document ? minified(document).length : 0), 0);
}

/**
 * A policy with the user's own, already validated statements; undefined for none, since IAM rejects an empty policy.
 */
export function ownPolicy(statements: readonly object[]): PolicyDocument | undefined {
  return statements.length === 0 ? undefined : { Version: '2012-10-17', Statement: statements as readonly Statement[] };
}

/**
 * The maximum total length of a role's inline policies, in characters;
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_POLICY = 10_240;

/** The number of managed policies that a role may have unless AWS has raised the quota; from the same page. */
export const MAX_ATTACHED = 10;

/**
 * The maximum length of a trust policy, in characters without white space: usually, and in an account whose quota AWS has
 * raised; from the same page.
 */
export const MAX_TRUST = { usual: 2_048, raised: 8_192 } as const;
