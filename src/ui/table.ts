import stringWidth from 'string-width';

/** A table for a terminal of a given width. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Indexes of the columns of numbers. */
  readonly right: readonly number[];
  /** The index of the column that gets its own line if the terminal is too narrow: the first, or the last. */
  readonly wide: number;
}

/**
 * Lines with columns as wide as their widest cell: the header, then one line per row. If they are longer than `columns`
 * (undefined: any length), the wide column is shown above, or below, the others.
 */
export function tableLines({ head, rows, right, wide }: Table, columns: number | undefined): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))));
  const total = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  const line = (row: readonly string[], kept: (column: number) => boolean) =>
    row
      .map((text, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - stringWidth(text));
        return right.includes(column) ? `${padding}${text}` : `${text}${padding}`;
      })
      .filter((_, column) => kept(column))
      .join(GAP)
      .trimEnd();
  if (columns === undefined || total <= columns) return all.map((row) => line(row, () => true));
  const first = wide === 0;
  const indent = ' '.repeat(first ? GAP.length : (widths[0] ?? 0) + GAP.length);
  return all.map((row) => {
    const cells = line(row, (column) => column !== wide);
    const apart = row[wide] ?? '';
    return first ? `${apart}\n${indent}${cells}` : `${cells}\n${indent}${apart}`;
  });
}

const GAP = '  ';
