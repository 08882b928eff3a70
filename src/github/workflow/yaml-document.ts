import { Document, Pair, Scalar, stringify, YAMLMap, YAMLSeq } from 'yaml';

/** The content of a YAML file. Undefined entries are omitted. */
export type Value = string | number | boolean | null | Styled | readonly Value[] | Mapping;

export interface Mapping {
  readonly [key: string]: Value | undefined;
}

/** The formatting of a value. Comments never contain external names, which could end the line. */
interface Style {
  /** A comment on the lines above it. */
  readonly above?: string;
  /** A comment at the end of its line. */
  readonly beside?: string;
  /** Preceded by an empty line. */
  readonly apart?: boolean;
}

class Styled {
  readonly value: Value;
  readonly style: Style;

  constructor(value: Value, style: Style) {
    this.value = value;
    this.style = style;
  }
}

/** A value with comments or an empty line before it. */
export function styled(style: Style, value: Value): Value {
  return new Styled(value, style);
}

/** A YAML file that readers of every YAML version parse to exactly these values; `head` is a comment at its start. */
export function yamlFile(head: string, entries: Mapping): string {
  const document = new Document();
  document.commentBefore = commentText(head);
  document.contents = mapOf(entries);
  return document
    .toString({ lineWidth: 0, nullStr: '' })
    .replace(INVISIBLE, (sign) => `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);
}

/** Characters that an editor does not show, or that a YAML reader may treat as a line break. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/gu;

function mapOf(entries: Mapping): YAMLMap {
  const map = new YAMLMap();
  for (const [name, entry] of Object.entries(entries)) {
    if (entry === undefined) continue;
    const key = new Scalar(name);
    if (entry instanceof Styled) {
      key.spaceBefore = entry.style.apart ?? false;
      if (entry.style.above !== undefined) key.commentBefore = commentText(entry.style.above);
    }
    map.add(new Pair(key, nodeOf(entry)));
  }
  return map;
}

function nodeOf(value: Value): Scalar | YAMLMap | YAMLSeq {
  if (value instanceof Styled) {
    const node = nodeOf(value.value);
    if (value.style.beside !== undefined) node.comment = commentText(value.style.beside);
    return node;
  }
  if (isList(value)) {
    const sequence = new YAMLSeq();
    for (const item of value) {
      const node = nodeOf(item);
      if (item instanceof Styled && item.style.above !== undefined) node.commentBefore = commentText(item.style.above);
      sequence.add(node);
    }
    return sequence;
  }
  return typeof value === 'object' && value !== null ? mapOf(value) : scalarOf(value);
}

function scalarOf(value: string | number | boolean | null): Scalar {
  const scalar = new Scalar(value);
  if (typeof value !== 'string') return scalar;
  // Only double-quoted strings have escapes, which `yamlFile` uses for such characters.
  if (value.search(INVISIBLE) >= 0) scalar.type = Scalar.QUOTE_DOUBLE;
  // YAML 1.1 readers, which are still common, do not treat `on`, `no` and dates as strings.
  else if (!value.includes('\n') && stringify(value, { version: '1.1', lineWidth: 0 }) !== `${value}\n`)
    scalar.type = Scalar.QUOTE_SINGLE;
  return scalar;
}

function commentText(comment: string): string {
  return comment.replace(/^/gm, ' ');
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
