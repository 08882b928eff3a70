import type { Check } from './names.ts';

/** What is wrong and what to write instead. The advice is checked too: it must not be refused in turn. */
export function withAdvice(problem: string, advice: string, check: Check): string {
  return check(advice) === undefined ? `${problem}; write ${JSON.stringify(advice)}` : problem;
}
