import type { Json } from '../json.ts';
import { canonicalStatement } from './canonical.ts';
import { statementsOf } from './strangers.ts';

/** The two statements that a public function URL needs. Their ids are fixed so that a second run finds them. */
export const URL_STATEMENTS = {
  /** Allows calling the URL. */
  url: { sid: 'CrcInvokeFunctionUrl', action: 'lambda:InvokeFunctionUrl' },
  /** Allows invoking the function, through the URL only. Required since October 2025. */
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
 * Whether the alias policy allows this to everyone, and nothing more: some statement has this content, and crc's own id
 * has no other content. Without its condition, the statement would open the function to every AWS account.
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

/**
 * The Sids of all statements that match what a public URL needs, regardless of author. A statement without a Sid cannot
 * be removed.
 */
export function publicUrlSids(policy: Json): readonly string[] {
  return statementsOf(policy).flatMap((statement) =>
    isUrlStatement(statement) && typeof statement.Sid === 'string' ? [statement.Sid] : [],
  );
}

/**
 * The policy without those two statements, which are recognized by content or Sid. Any other content under crc's Sid is
 * drift.
 */
export function withoutUrlStatements(policy: Json): Json {
  return { Statement: statementsOf(policy).filter((statement) => !isUrlStatement(statement)) };
}

/** The policy without statements that have one of crc's Sids. */
export function withoutOwnStatements(policy: Json): Json {
  const own: readonly Json[] = ownUrlSids(policy);
  return { Statement: statementsOf(policy).filter(({ Sid }) => Sid === undefined || !own.includes(Sid)) };
}

/** Which of crc's Sids the policy contains. */
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
  // An emulator returns the parameter of AddPermission where AWS turns it into a condition.
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
