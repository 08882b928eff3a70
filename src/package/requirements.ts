import { posix } from 'node:path';
import { markerHolds } from './markers.ts';

/** A package that a requirements.txt asks for. */
export interface Requirement {
  /** Where: `requirements.txt`, or a file that it includes. */
  readonly file: string;
  /** From 1, where it starts. */
  readonly line: number;
  /** In PEP 503's form; undefined for one that is named by its address or its folder, or that is a file that does not exist. */
  readonly name: string | undefined;
}

/** `Py_Yaml` and `py.yaml` are `py-yaml` (https://peps.python.org/pep-0503/#normalized-names). */
export function normalizedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/**
 * What a requirements file asks for on Lambda, with the files that it includes
 * (https://pip.pypa.io/en/stable/reference/requirements-file-format/). Options, hashes and constraints ask for nothing, and neither
 * does a line whose marker does not hold there. `read` answers with a file of the folder.
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

/** Lines as pip reads them: a backslash at the end joins the next one, and comments go after that. */
function logicalLines(text: string): readonly { readonly text: string; readonly line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let joined: { text: string; line: number } | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    // A comment ends a line that goes on, too.
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
  // In an address a semicolon counts only behind a space.
  const marker = (isAddress ? /\s;(.*)$/ : /;(.*)$/).exec(text)?.[1]?.trim();
  return { name: written?.[1] === undefined ? undefined : normalizedName(written[1]), marker };
}

function unquoted(path: string): string {
  return path.trim().replace(/^(["'])(.*)\1$/, '$2');
}
