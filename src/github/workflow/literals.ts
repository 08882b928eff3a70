/**
 * A text as a value in a workflow, where `${{` would start an expression
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/expressions).
 */
export function asText(text: string): string {
  return text.replaceAll(`\${{`, `\${{ '\${{' }}`);
}

/**
 * A text as a string in an expression. `${{` is split in two parts: GitHub would treat an `if:` that contains it as a
 * text with an embedded expression, and every non-empty text is true.
 */
export function asLiteral(text: string): string {
  const parts = text.split(/(?<=\$)(?=\{\{)/).map((part) => `'${part.replaceAll("'", "''")}'`);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return `format('${parts.map((_, index) => `{${index}}`).join('')}', ${parts.join(', ')})`;
}

/** A condition that compares a context with a value: `github.ref == 'refs/heads/main'`. */
export function isEqual(context: string, value: string): string {
  return `${context} == ${asLiteral(value)}`;
}
