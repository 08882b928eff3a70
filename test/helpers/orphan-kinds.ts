import { RESOURCES } from '../../src/resources/list.ts';

/** The kinds of orphans in the list of resources of which none has one of these ids. */
export function orphanKindsWithout(ids: readonly string[]): readonly string[] {
  const kinds = RESOURCES.flatMap(({ orphans }) =>
    typeof orphans === 'string' ? [] : orphans.map(({ kind }) => kind),
  );
  const prefixes = new Set(kinds.map(({ prefix }) => prefix));
  return [...prefixes].filter((prefix) => !ids.some((id) => id.startsWith(`${prefix}/`)));
}
