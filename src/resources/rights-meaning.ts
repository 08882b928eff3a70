import type { Meaning } from '../engine/types.ts';
import type { RightsText } from '../policies/rights.ts';

/** What a difference means, in a sentence that lists permissions; undefined without permissions. */
export function rightsMeaning(
  rights: RightsText | undefined,
  sentence: (rights: string) => string,
): Meaning | undefined {
  if (rights === undefined) return undefined;
  const { all, brief } = rights;
  return {
    why: sentence(all),
    brief: brief === undefined ? undefined : `${sentence(brief)} (--details names every right)`,
  };
}
