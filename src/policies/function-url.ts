import type { Json } from '../json.ts';
import { canonicalStatement } from './canonical.ts';
import { statementsOf } from './strangers.ts';

/** The two statements that a public function URL needs; each with a fixed id, so that a second run finds them. */
export const URL_STATEMENTS = {
  /** Calling the URL. */
  url: { sid: 'CrcInvokeFunctionUrl', action: 'lambda:InvokeFunctionUrl' },
  /** Running the function, through the URL alone. Needed since October 2025. */
  function: { sid: 'CrcInvokeFunction', action: 'lambda:InvokeFunction' },
} as const;

export type UrlPermission = keyof typeof URL_STATEMENTS;

type Statement = { readonly [key: string]: Json };

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
const CONDITIONS: Readonly<Record<UrlPermission, Json>> = {
  url: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
  function: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
};

/**
 * Whether the policy of the alias lets everyone do this, and only this: a statement of any id that says so, and none under
 * crc's own id that says anything else (without its condition the function would be open to every AWS account).
 */
export function allowsPublicUrl(policy: Json, permission: UrlPermission): boolean {
  const { sid } = URL_STATEMENTS[permission];
  const statements = statementsOf(policy);
  const own = statements.filter(({ Sid }) => Sid === sid);
  return (
    statements.some((statement) => isExact(statement, permission)) &&
    own.every((statement) => isExact(statement, permission))
  );
}

/** The Sids of all statements that match what a public URL needs, regardless of author. Without a Sid a statement cannot be removed. */
export function publicUrlSids(policy: Json): readonly string[] {
  return statementsOf(policy).flatMap((statement) =>
    isUrlStatement(statement) && typeof statement.Sid === 'string' ? [statement.Sid] : [],
  );
}

/** The policy without those two, known by content or by Sid: what else a Sid of crc's says is drift. */
export function withoutUrlStatements(policy: Json): Json {
  return { Statement: statementsOf(policy).filter((statement) => !isUrlStatement(statement)) };
}

/** The policy without the statements that have crc's Sids. */
export function withoutOwnStatements(policy: Json): Json {
  const own: readonly Json[] = ownUrlSids(policy);
  return { Statement: statementsOf(policy).filter(({ Sid }) => Sid === undefined || !own.includes(Sid)) };
}

/** The Sids of crc's that the policy has. */
export function ownUrlSids(policy: Json): readonly string[] {
  return Object.values(URL_STATEMENTS).flatMap(({ sid }) => (hasStatement(policy, sid) ? [sid] : []));
}

function isUrlStatement(statement: Statement): boolean {
  return (Object.keys(URL_STATEMENTS) as UrlPermission[]).some(
    (permission) => statement.Sid === URL_STATEMENTS[permission].sid || isExact(statement, permission),
  );
}

export function hasStatement(policy: Json, sid: string): boolean {
  return statementsOf(policy).some(({ Sid }) => Sid === sid);
}

function isExact(statement: Statement, permission: UrlPermission): boolean {
  const { Sid: _, Resource: __, FunctionUrlAuthType, InvokedViaFunctionUrl, ...rest } = statement;
  // An emulator gives back what AddPermission was sent, where AWS makes a condition of it.
  const Condition: Json =
    rest.Condition ??
    (FunctionUrlAuthType !== undefined && permission === 'url'
      ? { StringEquals: { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType } }
      : InvokedViaFunctionUrl !== undefined && permission === 'function'
        ? { Bool: { 'lambda:InvokedViaFunctionUrl': InvokedViaFunctionUrl } }
        : {});
  const wanted = {
    Effect: 'Allow',
    Principal: '*',
    Action: URL_STATEMENTS[permission].action,
    Condition: CONDITIONS[permission],
  };
  return text({ ...rest, Condition }) === text(wanted);
}

function text(statement: Json): string {
  return JSON.stringify(canonicalStatement(statement));
}
