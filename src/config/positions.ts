import type { Node } from 'jsonc-parser';
import { pathText } from './issues.ts';

/** A position in a text; line and column count from 1, as in editors. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The position of each offset of a text. */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** The offsets of a key and its value. */
interface Offsets {
  readonly key: number;
  readonly value: number;
}

/**
 * The offset at which to show a problem: of the value at `path`, or of its key if the key itself is wrong. If it is
 * missing, of the closest enclosing object or list.
 */
export function offsetsIn(tree: Node): (path: string, isOfKey: boolean) => number {
  const known = new Map(allOffsets(tree, [], tree.offset));
  return (path, isOfKey) => {
    for (let at = path; ; at = parentOf(at)) {
      const position = known.get(at);
      if (position !== undefined) return isOfKey && at === path ? position.key : position.value;
      if (at === '') return tree.offset;
    }
  };
}

function allOffsets(node: Node, path: readonly PropertyKey[], key: number): readonly (readonly [string, Offsets])[] {
  const children = node.children ?? [];
  const inner =
    node.type === 'array'
      ? children.flatMap((child, index) => allOffsets(child, [...path, index], child.offset))
      : children.flatMap((property) => {
          const [name, value] = property.children ?? [];
          if (name === undefined || value === undefined) return [];
          return allOffsets(value, [...path, String(name.value)], name.offset);
        });
  return [[pathText(path), { key, value: node.offset }], ...inner];
}

/** `roles[0].trust` from `roles[0].trust.repository` */
function parentOf(path: string): string {
  return path.replace(/(^|\.)[\w$-]+$|\[(\d+|"(?:[^"\\]|\\.)*")\]$/, '');
}
