/** What stands in place of a secret. */
const HIDDEN = '***';

const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@'"]+@/gi;
const QUERY = /\b(https?:\/\/[^\s?#'"]+)\?[^\s#'"]*/gi;
/** A value under a telling name, as in a query or an assignment. */
const NAMED = /\b([\w-]*(?:token|secret|password|passwd|pwd|api[_-]?key|signature|credential)s?=)[^\s&'",;]+/gi;
const TOKENS = [
  /(?<=\bbearer\s+)[\w.~+/-]{16,}=*/gi,
  // A JSON web token: its header is an object in base64.
  /\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g,
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b/g,
  // https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
  /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})/g,
  /\b(?:xox[abpr]-|npm_|glpat-)[\w-]{10,}/g,
];

/** A text without the user names, passwords and queries of URLs, and without what looks like a token. */
export function withoutSecrets(text: string): string {
  const named = text.replace(USER_INFO, '$1').replace(QUERY, '$1').replace(NAMED, `$1${HIDDEN}`);
  return TOKENS.reduce((rest, pattern) => rest.replace(pattern, HIDDEN), named);
}
