import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { CrcError } from '../errors.ts';
import { type Position, positionsIn } from './positions.ts';

/** A config's text as a tree, and the positions of its nodes. */
export interface ConfigText {
  readonly tree: Node;
  positionOf(offset: number): Position;
}

/**
 * Parses JSON with comments, trailing commas and a byte order mark. @throws CrcError with the position and the probable
 * mistake. Never quotes the text, since any value may be a secret.
 */
export function parseText(text: string, name: string): ConfigText {
  const source = text.replace(/^\uFEFF/, '');
  const positionOf = positionsIn(source);
  const problemAt = (offset: number, problem: string, hint: string) => {
    const { line, column } = positionOf(offset);
    return new CrcError(`${name}:${line}:${column}: ${problem}.`, { hint });
  };
  const deep = firstTooDeep(source);
  if (deep !== undefined) throw problemAt(deep, `this is nested more than ${MAX_NESTING} levels deep`, NO_DEEP_KEY);

  const errors: ParseError[] = [];
  const tree = parseTree(source, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined && tree !== undefined) return { tree, positionOf };
  const language = otherLanguage(source);
  if (language !== undefined) throw problemAt(0, `this looks like ${language}, and the config is JSON`, OTHER_FILE);
  const offset = first?.offset ?? source.length;
  throw problemAt(
    offset,
    syntaxProblem(first, source, positionOf),
    'The config is JSON; comments and trailing commas are allowed.',
  );
}

/** Far more than any config needs. Parsers and comparisons recurse as deep as the text is nested. */
const MAX_NESTING = 50;

const NO_DEEP_KEY =
  'No key of the config has a value nested that deep. Is it the right file? Pass another one with --config FILE.';

const OTHER_FILE = 'Pass the right file with --config FILE, or create a config with `crc init`.';

function firstTooDeep(source: string): number | undefined {
  const scanner = createScanner(source, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const sign = source.charAt(scanner.getTokenOffset());
    if (sign === '{' || sign === '[') depth += 1;
    if (sign === '}' || sign === ']') depth -= 1;
    if (depth > MAX_NESTING) return scanner.getTokenOffset();
  }
  return undefined;
}

/** The kind of file that was probably named by mistake, from its first line that is not a comment. */
function otherLanguage(source: string): string | undefined {
  const line = source.split('\n').find((candidate) => !/^\s*(#|\/\/|$)/.test(candidate)) ?? '';
  if (/^\s*(export|import|const|let|var|module\.exports)\b/.test(line)) return 'JavaScript';
  if (/^\s*(terraform|provider|resource|variable|module|data|locals|backend)\b[^:]*\{/.test(line)) return 'Terraform';
  if (/^\s*[\w-]+\s*=/.test(line)) return 'Terraform';
  return /^(---\s*$|[\w$-]+:(\s|$))/.test(line) ? 'YAML' : undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is neither a value nor a string in double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'expected a key in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected a colon after the key',
  CloseBraceExpected: 'expected a closing }',
  CloseBracketExpected: 'expected a closing ]',
  EndOfFileExpected: 'the config ends before this; remove everything after it',
  UnexpectedEndOfComment: 'this comment has no end',
  UnexpectedEndOfString: 'this string has no closing quote',
  InvalidCharacter: 'this character is not allowed here',
};

function syntaxProblem(error: ParseError | undefined, source: string, positionOf: ConfigText['positionOf']): string {
  const code = error === undefined ? 'ValueExpected' : printParseErrorCode(error.error);
  const rest = source.slice(error?.offset ?? source.length);
  if (/^(<{7}|={7}|>{7})/.test(rest)) return 'this is a merge conflict marker; resolve the conflict first';
  if (/^['\u2018\u2019\u201c\u201d`]/.test(rest)) return 'strings and keys need plain double quotes (")';
  if (code === 'CommaExpected') return commaProblem(error?.offset ?? 0, source, positionOf);
  return WORDS[code] ?? code;
}

/** The parser reports the token that follows; the missing comma belongs on an earlier line. */
function commaProblem(offset: number, source: string, positionOf: ConfigText['positionOf']): string {
  const scanner = createScanner(source, true);
  let end = 0;
  for (scanner.scan(); scanner.getTokenOffset() < offset; scanner.scan()) {
    end = scanner.getTokenOffset() + scanner.getTokenLength();
  }
  const before = positionOf(end).line;
  const current = positionOf(offset).line;
  return before === current
    ? 'expected a comma before this'
    : `expected a comma before this, at the end of line ${before}`;
}
