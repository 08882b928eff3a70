/** The version of the documents of --json; it rises when a consumer could break. */
export const DOCUMENT_VERSION = 1;

/** Plain JSON of any shape. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value);
}

/** A list of JSON, whose elements `Array.isArray` alone would take for anything. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** An object in braces: neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters that a person does not see, or that change how others are shown: controls, bidi, zero-width, lone surrogates. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A JSON document of two spaces a level, in which every string reads back as it is, whatever is in it, and which is safe to show:
 * what is invisible is escaped, and so is what GitHub's runner takes for a command in the middle of a line (`##[`).
 */
export function jsonText(document: unknown): string {
  // A document has no invisible character outside its strings but the line breaks.
  return JSON.stringify(document, null, 2)
    .replace(INVISIBLE, (sign) => (sign === '\n' ? sign : escaped(sign)))
    .replaceAll('##[', String.raw`##\u005b`);
}

/** `\u202e`; two of them for a character beyond U+FFFF. */
function escaped(sign: string): string {
  return sign
    .split('')
    .map((unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
