import { literal } from './literal.ts';

/** Replaces a secret. */
const HIDDEN = '***';

/** Shorter values could be ordinary words and numbers, so they are only hidden in quotes. */
const MIN_LENGTH = 4;

/** Distinguishes session tokens from paths, in which slashes are closer together. */
const OF_BASE64 = /[A-Za-z0-9+=]{32}/;

/** Patterns of secrets from any source, each with its replacement. */
const SHAPES: readonly (readonly [RegExp, string | ((match: string) => string)])[] = [
  // User name and password in a URL, except for the placeholders in crc's own advice.
  [/\b([a-z][a-z0-9+.-]*:\/\/)(?!NAME:PASSWORD@)[^\s/?#@'"]+@/gi, '$1'],
  [/\b(https?:\/\/[^\s?#'"]+)\?[^\s#'"]*/gi, '$1'],
  // The value of a name that suggests a secret, as in a query, an assignment or a header.
  [/\b([\w-]*(?:token|secret|password|passwd|pwd|api[_-]?key|signature|credential)s?=)[^\s&'",;]+/gi, `$1${HIDDEN}`],
  [/\b(X-Amz-(?:Security-Token|Signature|Credential)["']?:\s*["']?)[^\s&"'<>\\]+/gi, `$1${HIDDEN}`],
  [/\b(Authorization:\s*)(?!AWS4|Bearer)\S+( \S+)?/gi, `$1${HIDDEN}`],
  [/(?<=\bbearer\s+)[\w.~+/-]{16,}=*/gi, HIDDEN],
  // A JSON Web Token, which starts with a JSON object in base64.
  [/\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g, HIDDEN],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b/g, HIDDEN],
  // https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
  [/\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})/g, HIDDEN],
  [/\b(?:xox[abpr]-|npm_|glpat-)[\w-]{10,}/g, HIDDEN],
  // An AWS session token, which is longer than any name or digest. The upper limit keeps matching fast in megabytes of
  // text.
  [/[A-Za-z0-9/+=_-]{140,10000}/g, (match) => (OF_BASE64.test(match) ? HIDDEN : match)],
];

/** Removes user names, passwords and queries of URLs, and anything that looks like a key or a token. */
export function withoutSecrets(text: string): string {
  return SHAPES.reduce(
    (rest, [shape, left]) => (typeof left === 'string' ? rest.replace(shape, left) : rest.replace(shape, left)),
    text,
  );
}

/**
 * Members of successful Lambda responses that report a failure. Their text may quote environment variables of a
 * function.
 */
const REASONS = ['StateReason', 'LastUpdateStatusReason'] as const;

/**
 * Values that no output may contain: credentials in use, and environment variables of functions. Values of four or more
 * characters are hidden everywhere, including in JSON and URL encoding. Shorter values are only hidden in quotes;
 * otherwise, output would be unreadable.
 */
export class Secrets {
  readonly #values = new Set<string>();

  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) if (value !== undefined && value.trim() !== '') this.#values.add(value);
  }

  /** Hides these values, and anything else that looks like a secret. */
  hide(text: string): string {
    let shown = text;
    // Longest first, since one value may contain another.
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

  /** Hides them in an error's message, its stack, and its causes. */
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

  /** Hides them where a successful response reports a failure of a function, or of any version in a list. */
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
  // A lone surrogate, which JSON can contain, cannot be URL-encoded; Buffer replaces it.
  return new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(Buffer.from(value).toString())]);
}

function quoted(value: string): RegExp {
  return new RegExp(`(["'\`])${literal(value)}(["'\`])`, 'g');
}
