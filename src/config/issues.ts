import * as z from 'zod/mini';
import { closest } from '../closest.ts';
import type { Issue } from '../errors.ts';
import { keysByPlace, unknownKeyProblem } from './known-keys.ts';
import { configSchema } from './schema.ts';

type ZodIssue = z.core.$ZodIssue;

/** A problem with a config, before its line is known. The message follows the path: `region is required`. */
export interface Problem extends Pick<Issue, 'path' | 'message'> {
  /** Its offset in the text, if the path is ambiguous: the second of two equal keys. */
  readonly offset?: number;
  /** The key itself is wrong, whatever its value. */
  readonly ofKey?: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object { … }',
  record: 'an object { … }',
  array: 'a list [ … ]',
};

/**
 * Rewrites zod's own messages: what is wrong, and what to write instead. Values are never repeated, since they may be
 * secrets. Messages from crc's own checks are passed through.
 */
export const inOurWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is required${exampleOf(issue.inst)}`;
      return `must be ${KINDS[issue.expected] ?? issue.expected}${issue.expected === 'string' && typeof issue.input === 'number' ? ': put it in double quotes' : ''}`;
    case 'invalid_value':
      return invalidValue(issue.values, issue.input);
    case 'too_small':
      if (issue.origin !== 'string') return `must be at least ${issue.minimum}`;
      return Number(issue.minimum) === 1 ? 'must not be empty' : `must be at least ${issue.minimum} characters`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    default:
      return undefined;
  }
};

function invalidValue(values: readonly z.core.util.Primitive[], input: unknown): string {
  const written = values.map((value) => JSON.stringify(value));
  const choice = written.length > 2 ? `one of ${written.join(', ')}` : written.join(' or ');
  if (input === undefined) return `is required: ${choice}`;
  const meant = typeof input === 'string' ? closest(input, values.map(String)) : undefined;
  return `must be ${choice}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
}

/** `, for example "eu-west-2"`, from the schema of the missing value. */
function exampleOf(schema: unknown): string {
  const { examples } = z.globalRegistry.get(schema as z.core.$ZodType) ?? {};
  const [example] = Array.isArray(examples) ? (examples as readonly unknown[]) : [];
  return example === undefined ? '' : `, for example ${spaced(example)}`;
}

/** JSON formatted for a single line: `{ "name": "x" }` */
function spaced(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/\[\n\s*/g, '[')
    .replace(/\n\s*\]/g, ']')
    .replace(/\n\s*/g, ' ');
}

/** zod's issues about `data` as problems, with paths like `roles[0].trust.repository`. */
export function toProblems(issues: readonly ZodIssue[], data: unknown): readonly Problem[] {
  if (issues.length === 0) return [];
  const keys = keysByPlace(configSchema);
  const problemsOf = (some: readonly ZodIssue[], base: readonly PropertyKey[]): readonly Problem[] =>
    some.flatMap((issue): readonly Problem[] => {
      const path = [...base, ...issue.path];
      if (issue.code === 'unrecognized_keys') {
        const place = path
          .map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`))
          .join('')
          .replace(/^\./, '');
        const present = new Set(Object.keys(valueAt(data, path)));
        return issue.keys.map((key) => ({
          path: pathText([...path, key]),
          message: unknownKeyProblem(key, place, present, keys),
          ofKey: true,
        }));
      }
      if (issue.code === 'invalid_key') {
        return [{ path: pathText(path), message: issue.issues[0]?.message ?? issue.message, ofKey: true }];
      }
      const branch = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
      return branch === undefined ? [{ path: pathText(path), message: issue.message }] : problemsOf(branch, path);
    });
  return problemsOf(issues, []);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): object {
  const value = path.reduce<unknown>((inner, key) => (inner as Readonly<Record<PropertyKey, unknown>>)[key], data);
  return value as object;
}

/** The alternative that was probably meant: the one with the right type of value, so that only its content is wrong. */
function meantBranch(branches: readonly (readonly ZodIssue[])[]): readonly ZodIssue[] | undefined {
  return branches.find((issues) => issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'));
}

/** `roles[0].trust.repository`, `tags["aws:x"]` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = String(part);
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
