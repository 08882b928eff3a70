import * as z from 'zod/mini';
import { closest } from '../closest.ts';
import type { Check } from './names.ts';

// IAM refuses these statements when the policy is written, after other resources: MalformedPolicyDocument.

/** `s3:GetObject`, with wildcards, or `*`. */
export const iamAction = z.string().check(
  z.regex(/^(?:\*|[^:\s]+:[^:\s]+)$/, {
    error: 'must be a service, a colon and an action, for example "s3:GetObject", or "*"',
  }),
);

/** An ARN, with wildcards and variables, or `*`. */
export const iamResource = z
  .string()
  .check(z.regex(/^(?:\*|arn:)/, { error: 'must be an ARN, for example "arn:aws:s3:::resume-site/*", or "*"' }));

const COMPARISONS = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS = [
  ...['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map(
    (name) => `String${name}`,
  ),
  ...COMPARISONS.map((name) => `Numeric${name}`),
  ...COMPARISONS.map((name) => `Date${name}`),
  ...['Equals', 'NotEquals', 'Like', 'NotLike'].map((name) => `Arn${name}`),
  'IpAddress',
  'NotIpAddress',
  'Bool',
  'BinaryEquals',
  'Null',
];

/** `ForAllValues:StringLikeIfExists`; IAM ignores the case. */
export const conditionOperator: Check = (operator) => {
  const [, set = '', name = '', ifExists = ''] = /^(ForA(?:ll|ny)Values?:)?(.*?)(IfExists)?$/is.exec(operator) ?? [];
  if (/^nullifexists$/i.test(`${name}${ifExists}`)) return 'cannot end with IfExists; write "Null"';
  if (OPERATORS.some((known) => known.toLowerCase() === name.toLowerCase())) return undefined;
  const meant = closest(name, OPERATORS);
  return meant === undefined
    ? 'is not a condition operator of IAM; write one like "StringEquals"'
    : `is not a condition operator of IAM; did you mean "${set}${meant}${ifExists}"?`;
};

const SCALAR = 'must be a string, a number, true or false';
const scalar = z.union([z.string(), z.number(), z.boolean()], { error: SCALAR });

/** The values of a condition key. */
export const conditionValue = z.union([scalar, z.array(scalar)], {
  error: `${SCALAR}, or a list of them`,
});
