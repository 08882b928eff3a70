import { getNodeValue, type Node } from 'jsonc-parser';
import { CrcError, type Issue } from '../errors.ts';
import { isObject } from '../json.ts';
import { inOurWords, type Problem, pathText, toProblems } from './issues.ts';
import { parseText } from './json-text.ts';
import { offsetsIn } from './positions.ts';
import type { ConfigParts } from './rule.ts';
import { rules } from './rules.ts';
import { type Config, configSchema, listed, type ParsedConfig, parts } from './schema.ts';

/**
 * Parses a config: JSON with comments and trailing commas. @throws CrcError with all problems at once, ordered by line:
 * those of single values, and those between parts whose values are valid. `name` is the file's name in messages.
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

/**
 * Configs that share a state bucket are one project unless they say otherwise. Likewise, the bucket is in the project's
 * region.
 */
function complete({ $schema: _, ...config }: ParsedConfig): Config {
  const { project, region, stateBucket } = config;
  return {
    ...config,
    project: project ?? stateBucket.name,
    stateBucket: { ...stateBucket, region: stateBucket.region ?? region },
  };
}

function allParts(config: Config): ConfigParts {
  const entries = Object.entries(config).map(([name, value]) => [
    name,
    name in listed && Array.isArray(value) ? value.map((entry, index) => ({ index, value: entry })) : value,
  ]);
  // Each key has the value of its own part, which TypeScript cannot express.
  return Object.fromEntries(entries) as ConfigParts;
}

/** Each part that is valid on its own. */
function partsOf(data: unknown): ConfigParts {
  const from = isObject(data) ? data : {};
  const single = Object.entries(parts).flatMap(([name, schema]) => {
    const { data: value } = schema.safeParse(from[name]);
    return value === undefined ? [] : [[name, value]];
  });
  const lists = Object.entries(listed).map(([name, schema]) => {
    const entries: readonly unknown[] = Array.isArray(from[name]) ? from[name] : [];
    const right = entries.flatMap((entry, index) => {
      const { data: value } = schema.safeParse(entry);
      return value === undefined ? [] : [{ index, value }];
    });
    return [name, right];
  });
  // Each key has the value of its own part, which TypeScript cannot express.
  return Object.fromEntries([...single, ...lists]) as ConfigParts;
}

/** JSON silently keeps the last of two equal keys, and `__proto__` is not a config key. */
function badKeys(node: Node, path: readonly PropertyKey[] = []): readonly Problem[] {
  const children = node.children ?? [];
  if (node.type === 'array') return children.flatMap((child, index) => badKeys(child, [...path, index]));
  if (node.type !== 'object') return [];
  const seen = new Set<string>();
  return children.flatMap((property) => {
    const [keyNode, valueNode] = property.children ?? [];
    const key = String(keyNode?.value);
    const propertyPath = [...path, key];
    const problem =
      key === '__proto__'
        ? 'is an unknown key; leave it out'
        : seen.has(key)
          ? 'is there twice; remove one of them'
          : undefined;
    seen.add(key);
    return [
      ...(problem === undefined ? [] : [{ path: pathText(propertyPath), message: problem, offset: keyNode?.offset }]),
      ...(valueNode === undefined ? [] : badKeys(valueNode, propertyPath)),
    ];
  });
}
