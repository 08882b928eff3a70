import type pc from 'picocolors';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Resources in columns: a sign, the id, and the name where the id does not say it. */
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

/** Lines of a resource up to which the next one follows without a blank line. */
const MAX_DENSE = 4;

/** The heading, and resources below it: apart where they have more than some lines to read. */
export function grouped(heading: string, entries: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (entries.every((lines) => lines.length <= MAX_DENSE)) return [[heading, ...entries.flat()]];
  const [first = [], ...rest] = entries;
  return [[heading, ...first], ...rest];
}

/** Blocks of lines, a blank line between them. */
export function blocksText(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
