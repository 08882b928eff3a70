import type { Check } from './names.ts';

/** What is wrong, with what to write instead where that is right: advice that is refused in turn would help nobody. */
export function withAdvice(problem: string, advice: string, check: Check): string {
  return check(advice) === undefined ? `${problem}; write ${JSON.stringify(advice)}` : problem;
}
