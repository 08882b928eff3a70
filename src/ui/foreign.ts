import { CrcError } from '../errors.ts';
import { INVISIBLE, isPlain } from '../json.ts';
import { shellWord } from '../shell.ts';

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text written by others (a live value, a log, an error from AWS, a name in a file) in a form that is safe in a line of
 * output: a single line, without anything that a terminal interprets (https://cwe.mitre.org/data/definitions/150.html),
 * that hides or reorders characters (https://trojansource.codes), or that GitHub's runner reads as a command. Escaping
 * twice changes nothing.
 */
export function foreign(text: string): string {
  const visibleText = isPlain(text) ? text : text.replace(INVISIBLE, visible);
  return visibleText.replaceAll('##[', String.raw`##\x5b`);
}

/** Text written by others as one word of a command to copy. */
export function foreignWord(text: string): string {
  return shellWord(foreign(text));
}

/** `\x1b`, `\u202e`, `\u{e0041}` */
function visible(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return NAMED[sign] ?? String.raw`\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? String.raw`\u${digits.padStart(4, '0')}` : String.raw`\u{${digits}}`;
}

/**
 * Applies `foreign` to every string in a value, including keys and errors. Text renderers call it first, so that no
 * line can contain an unescaped value. JSON documents are created from the original data.
 */
export function shown<T>(value: T): T {
  return anyShown(value) as T;
}

function anyShown(value: unknown): unknown {
  if (typeof value === 'string') return foreign(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(anyShown);
  if (value instanceof CrcError) return errorShown(value);
  // Any other error is never shown directly. It may contain its request and response, with cycles.
  if (value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [foreign(key), anyShown(inner)]));
}

function errorShown({ message, hint, alternatives, details, issues, fatal, exitCode }: CrcError): CrcError {
  return new CrcError(foreign(message), {
    hint: foreign(hint),
    alternatives: alternatives.map(foreign),
    details: details.map(foreign),
    fatal,
    exitCode,
    issues: issues === undefined ? undefined : shown(issues),
  });
}
