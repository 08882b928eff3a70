import type { FunctionConfig } from '../config/schema.ts';
import { isTableAction } from '../policies/execution.ts';
import { denialsIn } from '../trust/denials.ts';
import type { Answer, HttpAnswer } from './answer.ts';
import type { PageRequest } from './request.ts';

/** The file is not in the package; of Python's only tests and what tools leave are not. */
const NO_FILE = /ENOENT: no such file or directory/;

/** The function was not called: its module could not be loaded. */
const NOT_LOADED = /Cannot find (?:package|module)|Runtime\.ImportModuleError|ModuleNotFoundError/;

/** Where to write what a function needs that failed a test, by what it says of the cause; nothing where that says it all. */
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
 * Which rights the role of a deployed function lacks, by what it answered and logged, and which key of the config gives them. A function
 * may catch the error, and answer with 200.
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

/** What it returned, or threw, and the end of its log, where an answer may keep the cause to itself. */
function textOf({ payload, log }: Answer): string {
  return `${payload}\n${log}`;
}
