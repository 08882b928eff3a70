/** What stands in place of a value that must not be shown. */
const HIDDEN = '(hidden value)';

/** Values of fewer characters are ordinary words and numbers too, and are taken for the value only where they stand in quotes. */
const MIN_LENGTH = 4;

/** How credentials look wherever they come from: access keys, signed requests, tokens, long secrets, userinfo of a URL. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [
    /\b(X-Amz-(?:Security-Token|Signature|Credential)|x-amz-security-token)(["']?[=:]\s*)[^\s&"'<>\\]+/gi,
    `$1$2${HIDDEN}`,
  ],
  [/\b(Credential|Signature)=[^\s,&"'<>]+/g, `$1=${HIDDEN}`],
  [/\b(Authorization:\s*)(?!AWS4)\S+( \S+)?/gi, `$1${HIDDEN}`],
  // A JSON Web Token.
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN],
  // A session token: longer than any name or digest.
  [/[A-Za-z0-9/+=_-]{140,}/g, HIDDEN],
  [/\b(https?:\/\/)[^\s/@"']+@/g, `$1${HIDDEN}@`],
];

/**
 * The values that no output shows: credentials in use, and what functions have in their environment. A value of four characters
 * or more is taken out wherever it stands, also as JSON and URLs write it; a shorter one only where it stands in quotes, since
 * everything would be full of holes otherwise.
 */
export class Secrets {
  readonly #values = new Set<string>();

  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) if (value !== undefined && value.trim() !== '') this.#values.add(value);
  }

  /** The text without them, and without all that looks like a credential. */
  hide(text: string): string {
    let shown = text;
    // The longest first: one may hold another.
    for (const value of [...this.#values].sort((a, b) => b.length - a.length)) {
      for (const written of formsOf(value)) {
        shown =
          value.length >= MIN_LENGTH
            ? shown.replaceAll(written, HIDDEN)
            : shown.replace(quoted(written), (_, before: string, after: string) => `${before}${HIDDEN}${after}`);
      }
    }
    return SHAPES.reduce((result, [shape, replacement]) => result.replace(shape, replacement), shown);
  }

  /** Hides them in an error's own words, its stack, and all that it was caused by. */
  clean(error: unknown): void {
    if (!(error instanceof Error)) return;
    const { message } = error;
    const shown = this.hide(message);
    if (shown !== message) {
      const stack = error.stack?.replaceAll(message, shown);
      error.message = shown;
      if (stack !== undefined) error.stack = stack;
    }
    for (const inner of [error.cause, ...(error instanceof AggregateError ? error.errors : [])]) this.clean(inner);
  }
}

/** The value as it is, as JSON has it in quotes, and as a URL has it. */
function formsOf(value: string): ReadonlySet<string> {
  // Half a surrogate pair, which JSON can hold, has no form in a URL; a buffer has a replacement for it.
  return new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(Buffer.from(value).toString())]);
}

function quoted(value: string): RegExp {
  const literal = value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(["'\`])${literal}(["'\`])`, 'g');
}
