import pc from 'picocolors';
import { DOCUMENT_VERSION, jsonText } from '../json.ts';
import type { Denial } from '../trust/denials.ts';
import { foreign } from './foreign.ts';

/** A denial, its cause and what to do. */
export interface DenialView extends Denial {
  /** What is wrong with the role's statements, or with what limits them. */
  readonly cause: string;
  /** What to do now, as a sentence. */
  readonly fix: string;
  /** The missing statement; undefined if none would help, or none may be suggested. */
  readonly statement: object | undefined;
}

/** The document of `explain --denied`. */
export function deniedDocument(denials: readonly DenialView[]): string {
  return jsonText({
    version: DOCUMENT_VERSION,
    command: 'explain',
    status: denials.length === 0 ? 'none' : 'denied',
    denied: denials.map(
      ({ principal, action, resource, policy, explicit, policyArn, operation, cause, fix, statement }) => ({
        principal: principal === '' ? null : principal,
        action: action === '' ? null : action,
        operation: operation ?? null,
        resource: resource ?? null,
        policy,
        explicit,
        policyArn: policyArn ?? null,
        cause,
        fix,
        statement: statement ?? null,
      }),
    ),
  });
}

/** A denial with its cause and its fix, as lines that may be wrapped. */
export function deniedText({ principal, action, operation, resource, cause, fix }: DenialView, color: boolean): string {
  const { red, bold } = pc.createColors(color);
  return [
    `${red('✗')} ${bold(foreign(action === '' ? (operation ?? '') : action))}${resource === undefined ? '' : ` on ${foreign(resource)}`}`,
    ...(principal === '' ? [] : [`  by ${foreign(principal)}`]),
    `  ${foreign(cause)}`,
    `  ${foreign(fix)}`,
    '',
  ].join('\n');
}

/** Its statement for pasting; empty if none may be suggested. */
export function deniedStatementText({ statement }: DenialView): string {
  if (statement === undefined) return '';
  return jsonText(statement)
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('');
}
