import type { UnlistedPart } from './types.ts';

/** For example `an inline policy that is not in the config: Extra`. */
export function unlistedText(unlisted: readonly UnlistedPart[]): string {
  const paths = [...new Set(unlisted.map(({ path }) => path))];
  return paths
    .map((path) => {
      const [first, ...rest] = unlisted.filter((extra) => extra.path === path);
      if (first === undefined) return '';
      const kind = rest.length === 0 ? `${first.kind.singular} that is` : `${first.kind.plural} that are`;
      return `${kind} not in the config: ${[first, ...rest].map(({ live }) => String(live)).join(', ')}`;
    })
    .join(', and ');
}
