import { fits, fitsAnyCase, hasWildcard } from '../policies/glob.ts';
import { type ConditionResult, type Evaluation, partsOf, type StatementResult } from './evaluate.ts';

/** Of the statements that apply to GitHub jobs, the one with the fewest failed conditions. */
export function closestOf({ statements }: Evaluation): StatementResult | undefined {
  const candidates = statements.filter(({ effect, principal, action }) => effect === 'Allow' && principal && action);
  return [...candidates].sort((a, b) => failing(a).length - failing(b).length)[0];
}

export function failing({ conditions }: StatementResult): readonly ConditionResult[] {
  return conditions.filter(({ holds }) => holds !== true);
}

export function nameOf({ number, sid }: StatementResult): string {
  return sid === undefined ? String(number) : `${number} (${sid})`;
}

/** A wanted value that would match if its wildcards were interpreted. */
export function literalWildcard({ operator, wanted }: ConditionResult, value: string): string | undefined {
  if (partsOf(operator).operator !== 'stringequals') return undefined;
  return wanted.find((pattern) => hasWildcard(pattern) && fits(pattern, value));
}

/** A wanted value that would match case-insensitively. */
export function inOtherCase({ wanted }: ConditionResult, value: string): string | undefined {
  return wanted.find((pattern) => fitsAnyCase(pattern, value));
}

export function listed(values: readonly string[]): string {
  return values.join(' or ') || 'nothing';
}
