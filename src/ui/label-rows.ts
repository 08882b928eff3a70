/** A line of a short overview: a label and its text. */
export type LabelRow = readonly [label: string, text: string];

/** Rows of one kind, at most `most`: the rest is in the --json document, so that the page stays short. */
export function rowsUpTo(most: number): (label: string, texts: readonly string[]) => readonly LabelRow[] {
  return (label, texts) => {
    const rows = texts.slice(0, most).map((text) => [label, text] as const);
    const more = texts.length - rows.length;
    return more === 0 ? rows : [...rows, [label, `and ${more} more (--json lists all)`]];
  };
}

/** Texts of several lists of rows with labels of the same width. */
export function rowTexts(...lists: readonly (readonly LabelRow[])[]): readonly string[] {
  const width = Math.max(...lists.flat().map(([label]) => label.length));
  return lists.map((rows) => rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}\n`).join(''));
}
