import { parsedJson } from '../../../parsed-json.ts';

/** One entry in Terraform's log: its message and fields, by the provider's names (`rpc.method`). */
export interface LogEntry {
  /** In milliseconds since 1970; undefined if the log has no time. */
  readonly time: number | undefined;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The head of an entry, in the format of https://pkg.go.dev/github.com/hashicorp/go-hclog:
 * `2026-11-26T03:26:25.205Z [DEBUG] provider.terraform-provider-aws_v5.100.0_x5: `
 */
const HEAD =
  /^(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?) (?:\[(?:TRACE|DEBUG|INFO|WARN|ERROR)\]|<\w+>)\s+(?:(?:provider|plugin)\S*:\s+)?/;

/**
 * The prefix that GitHub Actions adds to each line of a step; `gh run view --log` adds the job and the step before it.
 */
const RUNNER = /^(?:[^\t\n]*\t[^\t\n]*\t)?\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ?/;

/** A line without the prefix of a workflow runner. */
export function withoutRunner(line: string): string {
  return line.replace(RUNNER, '');
}

/** The text line that begins a log entry, without its head; undefined for a continuation line. */
export function headOf(line: string): { readonly time: number | undefined; readonly rest: string } | undefined {
  const [head, stamp = ''] = HEAD.exec(line) ?? [];
  if (head === undefined) return undefined;
  const time = Date.parse(stamp.replaceAll('/', '-'));
  return { time: Number.isNaN(time) ? undefined : time, rest: line.slice(head.length) };
}

/** An entry in JSON format; undefined for any other line. */
export function jsonEntry(line: string): LogEntry | undefined {
  const parsed = parsedJson(line);
  if (typeof parsed !== 'object' || parsed === null || !('@message' in parsed)) return undefined;
  const fields = Object.entries(parsed).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const { '@message': message, '@timestamp': stamp = '' } = Object.fromEntries(fields) as Record<string, string>;
  const time = Date.parse(stamp);
  return { time: Number.isNaN(time) ? undefined : time, message: message ?? '', fields: Object.fromEntries(fields) };
}

/** `key=word`, `key="a \"quoted\" text"`, `key=[a, b]`, and `key=` with a value of several lines, each after `  | `. */
const FIELD = /([\w.@-]+)=(?:\n((?:\s*\| ?.*(?:\n|$))+)|("(?:[^"\\]|\\.)*")|(\[[^\]]*\])|(\S*))/g;

/** An entry in text format, from all its lines. */
export function textEntry(time: number | undefined, text: string): LogEntry {
  const [message = ''] = /^[^:=\n]*/.exec(text) ?? [];
  const fields: Record<string, string> = {};
  for (const [, name = '', lines, quoted, list, word = ''] of text.slice(message.length).matchAll(FIELD)) {
    if (lines !== undefined) fields[name] = lines.replace(/^\s*\| ?/gm, '');
    else if (quoted !== undefined) fields[name] = unquoted(quoted);
    else fields[name] = list ?? word;
  }
  return { time, message: message.trim(), fields };
}

/** An escape in a Go string. That of a backslash ends there, so that what follows it is text. */
const ESCAPE = /\\(?:x([\da-fA-F]{2})|U(000[\da-fA-F]{5}|0010[\da-fA-F]{4})|.)/gs;

/** Go's escapes that JSON does not have, except those by number. */
const LETTERS: Readonly<Record<string, string>> = { '\\a': '\\u0007', '\\v': '\\u000b' };

/** Go's string escapes include some that JSON does not have: https://pkg.go.dev/strconv#Quote */
function unquoted(text: string): string {
  const json = text.replace(ESCAPE, (sign: string, byte?: string, code?: string) => {
    if (byte !== undefined) return `\\u00${byte}`;
    if (code === undefined) return LETTERS[sign] ?? sign;
    return JSON.stringify(String.fromCodePoint(Number.parseInt(code, 16))).slice(1, -1);
  });
  try {
    return String(JSON.parse(json));
  } catch {
    return text.slice(1, -1);
  }
}
