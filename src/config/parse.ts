import { getNodeValue, type Node } from 'jsonc-parser';
import { CrcError, type Issue } from '../errors.ts';
import { isObject } from '../json.ts';
import { inOurWords, type Problem, pathText, toProblems } from './issues.ts';
import { parseText } from './json-text.ts';
import { offsetsIn } from './positions.ts';
import type { ConfigParts, Placed } from './rule.ts';
import { rules } from './rules.ts';
import { type Config, configSchema, type ParsedConfig, parts } from './schema.ts';

/**
 * A config from its text: JSON with comments and trailing commas. Throws a CrcError with all problems at once, in the order of
 * their lines: those of the values, and those across the parts whose values are right. `name` is how the file is called in them.
 */
export function parseConfig(text: string, name: string, region?: string): Config {
  const source = parseText(text, name);
  const value: unknown = getNodeValue(source.tree);
  const data = region === undefined || !isObject(value) ? value : { ...value, region };

  const parsed = configSchema.safeParse(data, { error: inOurWords });
  const right = parsed.success ? allParts(complete(parsed.data)) : partsOf(data);
  const problems = [
    ...badKeys(source.tree),
    ...toProblems(parsed.error?.issues ?? [], data),
    ...rules.flatMap((rule) => rule(right)),
  ];
  if (parsed.success && problems.length === 0) return complete(parsed.data);

  const offsetOf = offsetsIn(source.tree);
  const issues = firstOfEachPath(problems).map(({ path, message, offset, ofKey = false }): Issue => {
    if (path === 'region' && region !== undefined) return { path: '--region', message };
    const { line, column } = source.positionOf(offset ?? offsetOf(path, ofKey));
    return { path, message, line, place: `${name}:${line}:${column}` };
  });
  const what = issues.every(({ line }) => line === undefined) ? 'The command line' : name;
  throw new CrcError(`${what} has ${issues.length} ${issues.length === 1 ? 'problem' : 'problems'}:`, {
    issues: issues.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    hint: 'Nothing was sent to AWS.',
  });
}

function firstOfEachPath(problems: readonly Problem[]): readonly Problem[] {
  const first = new Map<string, Problem>();
  for (const problem of problems) if (!first.has(problem.path)) first.set(problem.path, problem);
  return [...first.values()];
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

/** JSON would let the last of two equal keys win in silence, and `__proto__` is no key of a config. */
function badKeys(node: Node, path: readonly PropertyKey[] = []): readonly Problem[] {
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
        ? 'is an unknown key; leave it out'
        : seen.has(key)
          ? 'is there twice; leave one out'
          : undefined;
    seen.add(key);
    return [
      ...(problem === undefined ? [] : [{ path: pathText(here), message: problem, offset: keyNode?.offset }]),
      ...(valueNode === undefined ? [] : badKeys(valueNode, here)),
    ];
  });
}
