import pc from 'picocolors';
import { DOCUMENT_VERSION, jsonText } from '../json.ts';
import type { Denial } from '../trust/denials.ts';
import { foreign } from './foreign.ts';

/** A denial, why it came about and what to do. */
export interface DenialView extends Denial {
  /** What is wrong with the role's statements, or with what limits them. */
  readonly cause: string;
  /** What to do now, as a sentence. */
  readonly fix: string;
  /** The statement that is missing; undefined where none helps, or none is to be given. */
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

/** Each denial with its cause and its fix; the statements are ready to paste. */
export function deniedText(denials: readonly DenialView[], color: boolean): string {
  const { red, bold } = pc.createColors(color);
  if (denials.length === 0) return 'No denied call was found in the log.\n';
  return denials
    .map(({ principal, action, operation, resource, cause, fix, statement }) =>
      [
        `${red('✗')} ${bold(foreign(action === '' ? (operation ?? '') : action))}${resource === undefined ? '' : ` on ${foreign(resource)}`}`,
        ...(principal === '' ? [] : [`  by ${foreign(principal)}`]),
        `  ${foreign(cause)}`,
        `  ${foreign(fix)}`,
        ...(statement === undefined
          ? []
          : jsonText(statement)
              .split('\n')
              .map((line) => `    ${line}`)),
        '',
      ].join('\n'),
    )
    .join('\n');
}
