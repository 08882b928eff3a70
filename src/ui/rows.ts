import type pc from 'picocolors';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Resources in columns: a sign, the id, and the name unless the id contains it. */
export function rowsOf(
  resources: readonly Named[],
  { bold, dim }: ReturnType<typeof pc.createColors>,
): (sign: string, resource: Named) => string {
  const width = Math.max(0, ...resources.filter(hasOwnName).map(({ id }) => id.length));
  return (sign, resource) => {
    const { id, name } = resource;
    return hasOwnName(resource)
      ? `${sign} ${bold(id)}${' '.repeat(width - id.length)}  ${dim(name)}`
      : `${sign} ${bold(id)}`;
  };
}

function hasOwnName({ id, name }: Named): boolean {
  return id !== name && !id.endsWith(`/${name}`);
}

/** Resources with up to this many lines follow each other without a blank line. */
const MAX_DENSE = 4;

/** The heading, and resources below it, separated if they have more than a few lines. */
export function grouped(heading: string, entries: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (entries.every((lines) => lines.length <= MAX_DENSE)) return [[heading, ...entries.flat()]];
  const [first = [], ...rest] = entries;
  return [[heading, ...first], ...rest];
}

/** Blocks of lines, separated by blank lines. */
export function blocksText(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
