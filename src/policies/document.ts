/** A policy document as IAM and S3 take it. */
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

/** One value stays a string, as people write it. */
export function oneOrMany(values: readonly string[]): string | readonly string[] {
  const [first, ...rest] = values;
  return first !== undefined && rest.length === 0 ? first : values;
}

/**
 * What is sent to AWS, and what its limits count: no white space. Documents of IAM take characters up to U+00FF only
 * (`[\u0009\u000A\u000D\u0020-\u00FF]+`, https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html), so
 * the others are written as JSON's escapes, which mean the same.
 */
export function minified(document: object): string {
  return JSON.stringify(document).replace(
    /[\u0100-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A policy of the user's own statements, already checked; undefined for none, since IAM refuses an empty policy. */
export function ownPolicy(statements: readonly object[]): PolicyDocument | undefined {
  return statements.length === 0 ? undefined : { Version: '2012-10-17', Statement: statements as readonly Statement[] };
}

/** Characters of all inline policies of a role; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MAX_POLICY = 10_240;
