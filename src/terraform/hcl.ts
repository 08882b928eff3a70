import { type Block, type Body, Encoded, Expression, type Value } from '../engine/terraform.ts';
import { INVISIBLE } from '../json.ts';

/** A block in the format of `terraform fmt`. */
export function block({ type, labels = [], ...body }: Block, indent = ''): string {
  const head = [type, ...labels.map(quoted)].join(' ');
  const inner = bodyLines(body, `${indent}  `);
  const lines = inner.length === 0 ? [`${indent}${head} {}`] : [`${indent}${head} {`, ...inner, `${indent}}`];
  return lines.join('\n');
}

function bodyLines(body: Body, indent: string): readonly string[] {
  const given = Object.entries(body.arguments ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const lines = aligned(given.map(([name, value]) => [name, valueText(value, indent)] as const)).map(
    (line) => `${indent}${line}`,
  );
  const nested = (body.blocks ?? []).map((nestedBlock) => block(nestedBlock, indent));
  return [...lines, ...nested.flatMap((text, index) => (index > 0 || lines.length > 0 ? ['', text] : [text]))];
}

/** Like `terraform fmt`, aligns the equals signs of adjacent lines, restarting after a multi-line value. */
function aligned(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const groups: (readonly [string, string])[][] = [[]];
  for (const pair of pairs) {
    groups.at(-1)?.push(pair);
    if (pair[1].includes('\n')) groups.push([]);
  }
  return groups.flatMap((group) => {
    const single = group.filter(([, text]) => !text.includes('\n'));
    const width = Math.max(0, ...single.map(([name]) => name.length));
    return group.map(([name, text]) => `${text.includes('\n') ? name : name.padEnd(width)} = ${text}`);
  });
}

/** A value in HCL. Objects and long lists have one entry per line. */
export function valueText(value: Value, indent = ''): string {
  if (value instanceof Expression) return value.text;
  if (value instanceof Encoded) return `jsonencode(${valueText(value.document, indent)})`;
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  const inner = `${indent}  `;
  if (isList(value)) {
    const items = value.map((item) => valueText(item, inner));
    const oneLine = `[${items.join(', ')}]`;
    if (oneLine.length <= 100 && !oneLine.includes('\n')) return oneLine;
    return `[\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}]`;
  }
  const entries = Object.entries(value).flatMap(([key, entry]) =>
    entry === undefined ? [] : [[keyText(key), valueText(entry, inner)] as const],
  );
  if (entries.length === 0) return '{}';
  return `{\n${aligned(entries)
    .map((line) => `${inner}${line}\n`)
    .join('')}${indent}}`;
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

/** A bare `for` would begin a `for` expression. */
function keyText(key: string): string {
  return /^(?!for$)[A-Za-z_][\w-]*$/.test(key) ? key : quoted(key);
}

/** HCL's single-letter escapes. Its other escapes are \\uNNNN and \\UNNNNNNNN; unlike JSON it has no \\b and \\f. */
const LETTERS: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/**
 * A quoted string in which nothing is a template (`${` and `%{` would be) or invisible. A lone surrogate, which no file
 * can contain, becomes U+FFFD. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
 */
export function quoted(text: string): string {
  const escaped = text
    .replace(/["\\]/g, letter)
    .replace(INVISIBLE, letter)
    .replace(/[$%](?=\{)/g, (sign) => sign + sign)
    .replaceAll('##[', String.raw`##\u005b`);
  return `"${escaped}"`;
}

function letter(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  const digits = code.toString(16);
  return (
    LETTERS[sign] ??
    (code <= 0xffff ? String.raw`\u${digits.padStart(4, '0')}` : String.raw`\U${digits.padStart(8, '0')}`)
  );
}
