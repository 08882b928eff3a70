/**
 * Values hold what Markdown would take for emphasis, code, formulas, entities, links or HTML: `repo:a/b:*, repo:c/d:*`. GitHub
 * makes links of bare addresses too; of those with an `@` whatever is escaped, so there a comment stands between.
 * https://github.github.com/gfm/#autolinks-extension-
 */
export function literal(text: string): string {
  return (
    text
      .replace(/[\\`*[<&$~|]/g, '\\$&')
      // Inside a word it is only a character.
      .replace(/(?<![a-z0-9])_|_(?![a-z0-9])/gi, '\\_')
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/(?<=\bwww)\./gi, '\\.')
      .replaceAll('@', '@<!-- -->')
  );
}

/** A name of crc's own, as code; names that could end the code are text. */
export function code(text: string): string {
  return /[`|\\]/.test(text) ? literal(text) : `\`${text}\``;
}

/** A row of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Lines that are shown on a click. */
export function details(title: string, lines: readonly string[]): readonly string[] {
  return ['', '<details>', `<summary>${title}</summary>`, '', ...lines, '', '</details>'];
}
