/** What stands in place of a secret. */
const HIDDEN = '***';

/** Values of fewer characters are ordinary words and numbers too, and are taken for the value only where they stand in quotes. */
const MIN_LENGTH = 4;

/** Whether a long run of the signs of base64 is a session token: a path of that length has a slash much sooner. */
const OF_BASE64 = /[A-Za-z0-9+=]{32}/;

/** How secrets look wherever they come from, and what is left of them. */
const SHAPES: readonly (readonly [RegExp, string | ((match: string) => string)])[] = [
  // The user and password of a URL, but for those that crc's own advice shows the place of.
  [/\b([a-z][a-z0-9+.-]*:\/\/)(?!NAME:PASSWORD@)[^\s/?#@'"]+@/gi, '$1'],
  [/\b(https?:\/\/[^\s?#'"]+)\?[^\s#'"]*/gi, '$1'],
  // A value under a telling name, as in a query, an assignment or a header.
  [/\b([\w-]*(?:token|secret|password|passwd|pwd|api[_-]?key|signature|credential)s?=)[^\s&'",;]+/gi, `$1${HIDDEN}`],
  [/\b(X-Amz-(?:Security-Token|Signature|Credential)["']?:\s*["']?)[^\s&"'<>\\]+/gi, `$1${HIDDEN}`],
  [/\b(Authorization:\s*)(?!AWS4|Bearer)\S+( \S+)?/gi, `$1${HIDDEN}`],
  [/(?<=\bbearer\s+)[\w.~+/-]{16,}=*/gi, HIDDEN],
  // A JSON web token: its header is an object in base64.
  [/\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g, HIDDEN],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b/g, HIDDEN],
  // https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
  [/\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})/g, HIDDEN],
  [/\b(?:xox[abpr]-|npm_|glpat-)[\w-]{10,}/g, HIDDEN],
  // A session token of AWS: longer than any name or digest. Without an upper limit a run of megabytes is too much for the engine.
  [/[A-Za-z0-9/+=_-]{140,10000}/g, (match) => (OF_BASE64.test(match) ? HIDDEN : match)],
];

/** A text without the user names, passwords and queries of URLs, and without what looks like a key or a token. */
export function withoutSecrets(text: string): string {
  return SHAPES.reduce(
    (rest, [shape, left]) => (typeof left === 'string' ? rest.replace(shape, left) : rest.replace(shape, left)),
    text,
  );
}

/** Where an answer of Lambda that is a success says what went wrong: its words may quote what a function has in its environment. */
const REASONS = ['StateReason', 'LastUpdateStatusReason'] as const;

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

  /** The text without them, and without all that looks like a secret. */
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
    return withoutSecrets(shown);
  }

  /** Hides them in an error's own words, its stack, and all that it was caused by. */
  cleanError(error: unknown): void {
    if (!(error instanceof Error)) return;
    const { message } = error;
    const shown = this.hide(message);
    if (shown !== message) {
      const stack = error.stack?.replaceAll(message, shown);
      error.message = shown;
      if (stack !== undefined) error.stack = stack;
    }
    for (const inner of [error.cause, ...(error instanceof AggregateError ? error.errors : [])]) this.cleanError(inner);
  }

  /** Hides them where a successful response reports a failure: of a function, or of each version in a list. */
  cleanAnswer(answer: object): void {
    const { Configuration, Versions } = answer as { readonly Configuration?: unknown; readonly Versions?: unknown };
    for (const part of [answer, Configuration, ...(Array.isArray(Versions) ? Versions : [])]) {
      if (typeof part !== 'object' || part === null) continue;
      const reasons = part as Partial<Record<(typeof REASONS)[number], unknown>>;
      for (const name of REASONS) {
        const reason = reasons[name];
        if (typeof reason === 'string') reasons[name] = this.hide(reason);
      }
    }
  }
}

/** The value itself, as a JSON string, and URL-encoded. */
function formsOf(value: string): ReadonlySet<string> {
  // Half a surrogate pair, which JSON can hold, has no form in a URL; a buffer has a replacement for it.
  return new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(Buffer.from(value).toString())]);
}

function quoted(value: string): RegExp {
  const literal = value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(["'\`])${literal}(["'\`])`, 'g');
}
