/**
 * Escapes a value that Markdown could interpret as emphasis, code, formulas, entities, links or HTML: `repo:a/b:*,
 * repo:c/d:*`. GitHub also turns bare addresses into links. Escaping does not prevent that for email addresses, so a
 * comment after the `@` does. https://github.github.com/gfm/#autolinks-extension-
 */
export function literal(text: string): string {
  return (
    text
      .replace(/[\\`*[<&$~|]/g, '\\$&')
      // Within a word, an underscore has no meaning.
      .replace(/(?<![a-z0-9])_|_(?![a-z0-9])/gi, '\\_')
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/(?<=\bwww)\./gi, '\\.')
      .replaceAll('@', '@<!-- -->')
  );
}

/** One of crc's own names as code, or as text if it contains characters that would end the code. */
export function code(text: string): string {
  return /[`|\\]/.test(text) ? literal(text) : `\`${text}\``;
}

/** A row of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A collapsed section, which a click expands. */
export function details(title: string, lines: readonly string[]): readonly string[] {
  return ['', '<details>', `<summary>${title}</summary>`, '', ...lines, '', '</details>'];
}
