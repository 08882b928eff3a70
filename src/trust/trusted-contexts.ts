import type { Json } from '../json.ts';
import { fitsAnyCase, overlap } from '../policies/glob.ts';
import { evaluate, partsOf } from './evaluate.ts';
import { parseSubject } from './subject.ts';
import { textOperator } from './text-operators.ts';

/**
 * What a trust policy requires of a repository's subjects: the part after the repository, with wildcards, in each
 * condition that its statements have on `sub`, also if it spells the repository with another case. Empty if none is about
 * the repository.
 */
export function trustedContexts(policy: Json, repository: string): readonly string[] {
  const { statements } = evaluate(policy, { provider: '', valueOf: () => undefined });
  const wanted = statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ conditions }) => conditions)
    .filter(({ key, operator }) => key.toLowerCase().endsWith(':sub') && isRequiring(operator))
    .flatMap((condition) => condition.wanted);
  const contexts = wanted.flatMap((pattern) => {
    const subject = parseSubject(pattern);
    // `repo:OWNER/*` requires no part after the repository.
    if (subject === undefined) return overlap(pattern, `repo:${repository}:*`) ? ['*'] : [];
    const isOfRepository = fitsAnyCase(`${subject.owner}/${subject.repository}`, repository);
    return isOfRepository ? [subject.context] : [];
  });
  return [...new Set(contexts)];
}

function isRequiring(operator: string): boolean {
  return textOperator(partsOf(operator).operator)?.negated === false;
}
