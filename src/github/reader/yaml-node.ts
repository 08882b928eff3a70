/** A mapping in a YAML file from an untrusted author. */
export type Node = Readonly<Record<string, unknown>>;

/** A scalar as text; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty mapping for anything else. */
export function nodeOf(value: unknown): Node {
  return isNode(value) ? value : {};
}

/** A name, or a list of names. */
export function namesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(textOf).filter((name) => name !== '');
}
