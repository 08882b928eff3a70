import type { FunctionConfig } from '../config/schema.ts';
import { isTableAction } from '../policies/execution.ts';
import { denialsIn } from '../trust/denials.ts';
import type { Answer, HttpAnswer } from './answer.ts';
import type { PageRequest } from './request.ts';

/** A file is missing from the package. Not used for Python, whose packages only leave out tests and tool output. */
const NO_FILE = /ENOENT: no such file or directory/;

/** The function was not called because its module could not be loaded. */
const NOT_LOADED = /Cannot find (?:package|module)|Runtime\.ImportModuleError|ModuleNotFoundError/;

/** Where to configure what a failed function needs, based on its error; nothing if the error is clear enough. */
export function adviceOn(
  { test }: Pick<FunctionConfig, 'test'>,
  request: PageRequest,
  answer: Answer,
  { refused }: HttpAnswer,
): readonly string[] {
  const text = textOf(answer);
  if (refused !== undefined || NOT_LOADED.test(text)) return [];
  if (NO_FILE.test(text)) return ['if that file is in the source folder, name it in "include" in the config'];
  if (test !== undefined) return [];
  return [
    `the test sent ${request.method} / without a body: if the function expects another request, write it in "test" in the config`,
  ];
}

/**
 * The permissions that a deployed function's role lacks, from its response and its log, and the config keys that grant
 * them. A function may catch the error and return 200.
 */
export function lackedRights(
  { role, table }: Pick<FunctionConfig, 'role' | 'table'>,
  answer: Answer,
): readonly string[] {
  const actions = denialsIn(textOf(answer))
    .filter(({ policy, explicit }) => !explicit && (policy === 'identity' || policy === 'unknown'))
    .map(({ action }) => action)
    .filter((action) => action !== '');
  return [...new Set(actions)].map((action) => `the function's role does not allow ${action}: ${whereToAllow(action)}`);

  function whereToAllow(action: string): string {
    if (role !== undefined) return `allow it in ${role}`;
    if (table === undefined || !isTableAction(action)) return 'allow it with "statements" in the config';
    return 'write "access": "read-write" in "table" in the config; for another table, allow it with "statements"';
  }
}

/** What it returned or threw, and the end of its log, since the response may hide the cause. */
function textOf({ payload, log }: Answer): string {
  return `${payload}\n${log}`;
}
