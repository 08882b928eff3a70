import { posix } from 'node:path';
import { markerHolds } from './markers.ts';

/** A package in a requirements.txt. */
export interface Requirement {
  /** The file: `requirements.txt`, or one that it includes. */
  readonly file: string;
  /** The line on which it starts, from 1. */
  readonly line: number;
  /**
   * Normalized as in PEP 503; undefined if it is given by address or folder, or for an included file that does not
   * exist.
   */
  readonly name: string | undefined;
}

/** `Py_Yaml` and `py.yaml` are `py-yaml` (https://peps.python.org/pep-0503/#normalized-names). */
export function normalizedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/**
 * The packages that a requirements file needs on Lambda, including those in included files
 * (https://pip.pypa.io/en/stable/reference/requirements-file-format/). Ignores options, hashes and constraints, and
 * lines whose marker is false there. `read` returns a file in the folder.
 */
export function requirementsOf(
  file: string,
  read: (path: string) => string | undefined,
  runtime: string,
  seen: ReadonlySet<string> = new Set(),
): readonly Requirement[] {
  if (seen.has(file)) return [];
  const inside = new Set([...seen, file]);
  return logicalLines(read(file) ?? '').flatMap(({ text, line }): readonly Requirement[] => {
    const included = /^(?:-r|--requirement)(?:\s*=?\s*)(\S.*)$/.exec(text)?.[1];
    if (included !== undefined) {
      const path = posix.join(posix.dirname(file), unquoted(included));
      return read(path) === undefined ? [{ file, line, name: undefined }] : requirementsOf(path, read, runtime, inside);
    }
    if (text.startsWith('-') && !/^(-e|--editable)\b/.test(text)) return [];
    const { name, marker } = parsed(text);
    return marker !== undefined && !markerHolds(marker, runtime) ? [] : [{ file, line, name }];
  });
}

/** Lines as pip reads them: a backslash at the end joins the next line, and comments are removed afterwards. */
function logicalLines(text: string): readonly { readonly text: string; readonly line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let joined: { text: string; line: number } | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    // A comment also ends a continued line.
    const isComment = /^\s*#/.test(raw);
    const before: { text: string; line: number } = joined ?? { text: '', line: index + 1 };
    const goesOn = raw.endsWith('\\') && !isComment;
    const current = { ...before, text: `${before.text}${isComment ? '' : goesOn ? `${raw.slice(0, -1)} ` : raw}` };
    joined = goesOn ? current : undefined;
    if (joined === undefined) lines.push(current);
  }
  if (joined !== undefined) lines.push(joined);
  return lines
    .map(({ text: all, line }) => ({ text: all.replace(/(^|\s)#.*$/, '').trim(), line }))
    .filter(({ text: all }) => all !== '');
}

/** `name[extra] >=1,<2 ; marker --hash=…` and `name @ address ; marker` (https://peps.python.org/pep-0508/). */
function parsed(line: string): { readonly name: string | undefined; readonly marker: string | undefined } {
  const text = line.replace(/\s--(?:hash|config-settings?|global-option)\b.*$/, '').trim();
  const written = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(@|[(<>=!~;,]|$)/.exec(text);
  const isAddress = written?.[2] === '@';
  // In an address, only a semicolon after a space starts a marker.
  const marker = (isAddress ? /\s;(.*)$/ : /;(.*)$/).exec(text)?.[1]?.trim();
  return { name: written?.[1] === undefined ? undefined : normalizedName(written[1]), marker };
}

function unquoted(path: string): string {
  return path.trim().replace(/^(["'])(.*)\1$/, '$2');
}
