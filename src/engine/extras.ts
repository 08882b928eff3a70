import type { Extra } from './types.ts';

/** `an inline policy that is not in the config: Extra` */
export function extrasText(extras: readonly Extra[]): string {
  const paths = [...new Set(extras.map(({ path }) => path))];
  return paths
    .map((path) => {
      const [first, ...rest] = extras.filter((extra) => extra.path === path);
      if (first === undefined) return '';
      const kind = rest.length === 0 ? `${first.kind.one} that is` : `${first.kind.many} that are`;
      return `${kind} not in the config: ${[first, ...rest].map(({ live }) => String(live)).join(', ')}`;
    })
    .join(', and ');
}
