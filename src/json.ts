/** The version of the --json documents. Increase it for changes that could break consumers. */
export const DOCUMENT_VERSION = 1;

/** Plain JSON of any shape. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value);
}

/** Like `Array.isArray`, which would give the elements the type `any`. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether a value is an object, but neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters that are invisible or affect the display of others: controls, bidi, zero-width, lone surrogates. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Whether a text is printable ASCII. Most are, and for those, Unicode's tables need not be compiled, which takes longer. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/**
 * A JSON document, indented by two spaces, that is safe to display and parses to exactly the same strings. Invisible
 * characters are escaped, and so is `##[`, which GitHub's runner interprets as a command even in the middle of a line.
 */
export function jsonText(document: unknown): string {
  // Outside its strings, line breaks are the document's only invisible characters.
  return JSON.stringify(document, null, 2)
    .replace(INVISIBLE, (sign) => (sign === '\n' ? sign : escaped(sign)))
    .replaceAll('##[', String.raw`##\u005b`);
}

/** `\u202e`; two such escapes for a character beyond U+FFFF. */
function escaped(sign: string): string {
  return sign
    .split('')
    .map((unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
