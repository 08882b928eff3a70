import { createScanner, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { CrcError, type Issue } from '../errors.ts';
import { inOurWords, pathText, toIssues } from './issues.ts';
import { type ConfigParts, type Placed, rules } from './rules.ts';
import { type Config, configSchema, type ParsedConfig, parts } from './schema.ts';

/**
 * A config from its text: JSON with comments and trailing commas. Throws a CrcError with all problems at once: those of the
 * values, and those across the parts whose values are right. `name` is how the file is called in them.
 */
export function parseConfig(text: string, name: string, region?: string): Config {
  const { value, duplicates } = parseJson(text, name);
  const data = region === undefined || !isObject(value) ? value : { ...value, region };

  const parsed = configSchema.safeParse(data, { error: inOurWords });
  const right = parsed.success ? allParts(complete(parsed.data)) : partsOf(data);
  const issues = [...duplicates, ...toIssues(parsed.error?.issues ?? []), ...rules.flatMap((rule) => rule(right))]
    .filter((one, index, all) => all.findIndex(({ path }) => path === one.path) === index)
    .map((one) => (one.path === 'region' && region !== undefined ? { ...one, path: '--region' } : one));
  if (parsed.success && issues.length === 0) {
    return complete(parsed.data);
  }
  throw new CrcError(`${name} has ${issues.length} ${issues.length === 1 ? 'problem' : 'problems'}:`, {
    issues,
    hint: 'Nothing was sent to AWS.',
  });
}

/** Configs that share a state bucket are one project, unless they say otherwise. */
function complete({ $schema: _, ...config }: ParsedConfig): Config {
  return { ...config, project: config.project ?? config.stateBucket.name };
}

function allParts({ roles, functions, ...others }: Config): ConfigParts {
  const placed = <T>(list: readonly T[]) => list.map((value, index) => ({ index, value }));
  return { ...others, roles: placed(roles), functions: placed(functions) };
}

/** Each part that is right by itself. */
function partsOf(data: unknown): ConfigParts {
  const from = isObject(data) ? data : {};
  const part = <T>(
    schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
    value: unknown,
  ) => {
    const result = schema.safeParse(value);
    return result.success ? result.data : undefined;
  };
  const list = <T>(schema: Parameters<typeof part<T>>[0], value: unknown): readonly Placed<T>[] =>
    (Array.isArray(value) ? value : []).flatMap((one, index) => {
      const right = part(schema, one);
      return right === undefined ? [] : [{ index, value: right }];
    });
  const found = {
    region: part(parts.region, from.region),
    accountId: part(parts.accountId, from.accountId),
    stateBucket: part(parts.stateBucket, from.stateBucket),
    lockTable: part(parts.lockTable, from.lockTable),
    oidcProvider: part(parts.oidcProvider, from.oidcProvider),
  };
  return {
    ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    roles: list(parts.role, from.roles),
    functions: list(parts.lambdaFunction, from.functions),
  };
}

function parseJson(text: string, name: string): { value: unknown; duplicates: readonly Issue[] } {
  const errors: ParseError[] = [];
  const source = text.replace(/^\uFEFF/, '');
  refuseDeepNesting(source, name);
  const tree = parseTree(source, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined || tree === undefined) {
    const { line, column } = positionOf(source, first?.offset ?? source.length);
    throw new CrcError(`${name}:${line}:${column}: ${syntaxProblem(first)}.`, {
      hint: 'The config is JSON; comments and trailing commas are allowed.',
    });
  }
  return { value: getNodeValue(tree), duplicates: badKeys(tree) };
}

/** No config comes near; parsers and comparisons go as deep into calls as a text is nested. */
const MAX_NESTING = 50;

function refuseDeepNesting(source: string, name: string): void {
  const scanner = createScanner(source, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const sign = source.charAt(scanner.getTokenOffset());
    if (sign === '{' || sign === '[') depth += 1;
    if (sign === '}' || sign === ']') depth -= 1;
    if (depth <= MAX_NESTING) continue;
    const { line, column } = positionOf(source, scanner.getTokenOffset());
    throw new CrcError(`${name}:${line}:${column}: this is nested more than ${MAX_NESTING} levels deep.`, {
      hint: 'No key of the config takes a value that deep; config.example.json in the package crc-bootstrap shows its form.',
    });
  }
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function syntaxProblem(error: ParseError | undefined): string {
  const code = error === undefined ? 'ValueExpected' : printParseErrorCode(error.error);
  const words: Readonly<Record<string, string>> = {
    InvalidSymbol: 'this is neither a value nor a string in double quotes',
    InvalidNumberFormat: 'this is not a number',
    PropertyNameExpected: 'expected a key in double quotes',
    ValueExpected: 'expected a value',
    ColonExpected: 'expected a colon after the key',
    CommaExpected: 'expected a comma before this',
    CloseBraceExpected: 'expected a closing }',
    CloseBracketExpected: 'expected a closing ]',
    EndOfFileExpected: 'the config ends before this',
    UnexpectedEndOfComment: 'this comment has no end',
    UnexpectedEndOfString: 'this string has no closing quote',
    InvalidCharacter: 'this character is not allowed here',
  };
  return words[code] ?? code;
}

/** JSON would let the last of two equal keys win in silence, and `__proto__` is no key of a config. */
function badKeys(node: Node, path: readonly PropertyKey[] = []): readonly Issue[] {
  const children = node.children ?? [];
  if (node.type === 'array') return children.flatMap((child, index) => badKeys(child, [...path, index]));
  if (node.type !== 'object') return [];
  const seen = new Set<string>();
  return children.flatMap((property) => {
    const [keyNode, valueNode] = property.children ?? [];
    const key = String(keyNode?.value);
    const here = [...path, key];
    const problem =
      key === '__proto__'
        ? 'unknown key; leave it out'
        : seen.has(key)
          ? 'stands here twice; leave one out'
          : undefined;
    seen.add(key);
    return [
      ...(problem === undefined ? [] : [{ path: pathText(here), message: problem }]),
      ...(valueNode === undefined ? [] : badKeys(valueNode, here)),
    ];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
