/** A block of Terraform's language: `provider "aws" { … }`. */
export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  /** What is between its braces. */
  readonly body: string;
}

/** A text of Terraform's language, in which only code counts. */
interface Masked {
  /** As long as the text; comments and what is in quotes are blanks, so that braces and words are code. */
  readonly code: string;
  /** What stands in quotes, templates unresolved. */
  readonly strings: readonly string[];
}

/** The blocks of a file that are in no other block. A file that Terraform could not read gives what can be told apart. */
export function blocksOf(text: string): readonly Block[] {
  const { code } = masked(text);
  const blocks: Block[] = [];
  // The masked text has the quotes of labels, and blanks between them.
  const head = /(^|[\n{}\s])([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"]*"|[A-Za-z_][\w-]*))*)[ \t]*\{/g;
  for (let match = head.exec(code); match !== null; match = head.exec(code)) {
    const [matched, before = '', type = '', labels = ''] = match;
    const start = match.index + matched.length;
    const end = closing(code, start);
    const labelsAt = match.index + before.length + type.length;
    blocks.push({
      type,
      labels: [...text.slice(labelsAt, labelsAt + labels.length).matchAll(/"([^"]*)"|([\w-]+)/g)].map(
        ([, quoted, word]) => quoted ?? word ?? '',
      ),
      body: text.slice(start, end),
    });
    head.lastIndex = end;
  }
  return blocks;
}

/** What an attribute of a block is set to, where that is a plain string: `key = "a/b.tfstate"`. */
export function stringAttribute(body: string, name: string): string | undefined {
  const { code } = masked(body);
  for (const { index, 0: assignment } of code.matchAll(
    new RegExp(`(?:^|[\\n{;])[ \\t]*${name}[ \\t]*=[ \\t]*(?=")`, 'g'),
  )) {
    if (depthAt(code, index + assignment.length) > 0) continue;
    const [, value] = /^"((?:[^"\\$%]|\\.)*)"/.exec(body.slice(index + assignment.length)) ?? [];
    return value;
  }
  return undefined;
}

/** Whether an attribute of a block is set to `true`. */
export function isTrue(body: string, name: string): boolean {
  return new RegExp(`(?:^|[\\n{;])[ \\t]*${name}[ \\t]*=[ \\t]*true\\b`).test(masked(body).code);
}

/** All that stands in quotes in a text, templates unresolved. */
export function stringsOf(text: string): readonly string[] {
  return masked(text).strings;
}

function closing(code: string, start: number): number {
  let depth = 1;
  for (let at = start; at < code.length; at += 1) {
    if (code[at] === '{') depth += 1;
    if (code[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return code.length;
}

function depthAt(code: string, end: number): number {
  let depth = 0;
  for (const sign of code.slice(0, end)) depth += sign === '{' ? 1 : sign === '}' ? -1 : 0;
  return depth;
}

const BLANK = /[^\n]/g;

/** https://developer.hashicorp.com/terraform/language/syntax/configuration: comments, strings with templates, heredocs. */
function masked(text: string): Masked {
  const strings: string[] = [];
  let code = '';
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at, at + 2);
    let end = at + 1;
    if (rest === '/*') end = past(text, '*/', at + 2);
    else if (rest === '//' || rest[0] === '#') end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
    else if (rest === '<<') end = pastHeredoc(text, at);
    else if (rest[0] === '"') end = pastString(text, at, strings);
    const piece = text.slice(at, end);
    const isString = rest[0] === '"' && piece.length > 1;
    if (isString) code += `"${piece.slice(1, -1).replace(BLANK, ' ')}${piece.at(-1)}`;
    else code += end === at + 1 ? piece : piece.replace(BLANK, ' ');
    at = end;
  }
  return { code, strings };
}

function past(text: string, mark: string, from: number): number {
  const position = text.indexOf(mark, from);
  return position < 0 ? text.length : position + mark.length;
}

function pastHeredoc(text: string, at: number): number {
  const [head, name] = /^<<-?([A-Za-z_]\w*)[ \t]*\r?\n/.exec(text.slice(at, at + 200)) ?? [];
  if (head === undefined) return at + 1;
  const end = new RegExp(`^[ \\t]*${name}[ \\t]*\\r?$`, 'm').exec(text.slice(at + head.length));
  return end === null ? text.length : at + head.length + end.index + end[0].length;
}

/** Behind the closing quote. A template in a string may hold strings of its own. */
function pastString(text: string, start: number, strings: string[]): number {
  let at = start + 1;
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    if (two[0] === '\\') at += 2;
    else if (text.startsWith('$${', at) || text.startsWith('%%{', at)) at += 3;
    else if (two === '${' || two === '%{') at = pastTemplate(text, at + 2, strings);
    else if (two[0] === '"' || two[0] === '\n') break;
    else at += 1;
  }
  strings.push(text.slice(start + 1, at));
  return Math.min(at + 1, text.length);
}

function pastTemplate(text: string, start: number, strings: string[]): number {
  let depth = 1;
  let at = start;
  while (at < text.length && depth > 0) {
    if (text[at] === '"') {
      at = pastString(text, at, strings);
      continue;
    }
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    at += 1;
  }
  return at;
}
