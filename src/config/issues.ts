import type * as z from 'zod/mini';
import type { Issue } from '../errors.ts';

type ZodIssue = z.core.$ZodIssue;

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
 * zod's own messages in crc's words: what is wrong, and what to write instead. Values are never repeated, since they may
 * be secrets. Messages of crc's own checks pass through.
 */
export const inOurWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; write ${KINDS[issue.expected] ?? issue.expected}`
        : `must be ${KINDS[issue.expected] ?? issue.expected}${issue.expected === 'string' && typeof issue.input === 'number' ? ': put it in double quotes' : ''}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'unrecognized_keys': {
      const { def } = (issue.inst?._zod ?? {}) as { readonly def?: { readonly shape?: object } };
      return `unknown key; the keys here are ${Object.keys(def?.shape ?? {}).join(', ')}`;
    }
    default:
      return undefined;
  }
};

/** zod's issues as crc's, with paths like `roles[0].trust.repository`. */
export function toIssues(issues: readonly ZodIssue[], base: readonly PropertyKey[] = []): readonly Issue[] {
  return issues.flatMap((issue): readonly Issue[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathText([...path, key]), message: issue.message }));
    }
    if (issue.code === 'invalid_key')
      return [{ path: pathText(path), message: issue.issues[0]?.message ?? issue.message }];
    const branch = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
    return branch === undefined ? [{ path: pathText(path), message: issue.message }] : toIssues(branch, path);
  });
}

/** The alternative that the writer had in mind: the one whose kind of value is right, and only its inside is not. */
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
