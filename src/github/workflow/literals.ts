/**
 * A text as a value of a workflow, where `${{` would start an expression
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/expressions).
 */
export function asText(text: string): string {
  return text.replaceAll(`\${{`, `\${{ '\${{' }}`);
}

/**
 * A text as a string in an expression. `${{` is put together from two parts: GitHub takes an `if:` that contains it for a text
 * with an expression inside, and every text is true.
 */
export function asLiteral(text: string): string {
  const parts = text.split(/(?<=\$)(?=\{\{)/).map((part) => `'${part.replaceAll("'", "''")}'`);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return `format('${parts.map((_, index) => `{${index}}`).join('')}', ${parts.join(', ')})`;
}

/** A condition that holds when a context has a value: `github.ref == 'refs/heads/main'`. */
export function isEqual(context: string, value: string): string {
  return `${context} == ${asLiteral(value)}`;
}
