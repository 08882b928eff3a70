import { enumerated } from '../enumerated.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { fits } from './glob.ts';

/** A statement in a resource policy that grants access to principals outside the account. */
export interface OpenStatement {
  readonly sid: string | undefined;
  /** `everyone`, `the account 210987654321` */
  readonly who: string;
  readonly actions: string;
}

/**
 * Condition keys that limit where a request comes from, so that a statement for everyone is not public:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
const RESTRICTING_KEYS = [
  'aws:sourceip',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:sourceorgid',
  'aws:userid',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
  'lambda:eventsourcetoken',
];

/** Operators that list allowed values, and are false when the request lacks the key. */
const RESTRICTING_OPERATORS = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/i;

/** Values of these keys that match everything. */
const EVERYTHING = [/^\*+$/, /^(0\.0\.0\.0|::)\/0$/, /^arn:[*:]*$/];

/**
 * Statements of a resource policy that allow access to everyone or to another account, without a condition on where
 * requests come from. Whether a condition is too broad is not checked.
 */
export function openStatements(policy: Json, accountId: string): readonly OpenStatement[] {
  return statementsOf(policy).flatMap((statement) => {
    if (statement.Effect !== 'Allow' || isRestricted(statement.Condition ?? null)) return [];
    const who = strangersOf(statement, accountId);
    if (who === undefined) return [];
    return [
      {
        sid: typeof statement.Sid === 'string' ? statement.Sid : undefined,
        who,
        actions: texts(statement.Action ?? statement.NotAction ?? null).join(', '),
      },
    ];
  });
}

/** The policy with only the statements about one resource; an emulator also returns those of other resources. */
export function statementsOn(policy: Json, arn: string): Json {
  return {
    Statement: statementsOf(policy).filter(
      ({ Resource }) => Resource === undefined || texts(Resource).some((pattern) => fits(pattern, arn)),
    ),
  };
}

/** The statements of a policy document of any shape. */
export function statementsOf(policy: Json): readonly JsonObject[] {
  const list = isJsonObject(policy) ? (policy.Statement ?? []) : [];
  return (Array.isArray(list) ? list : [list]).filter(isJsonObject);
}

function strangersOf({ Principal, NotPrincipal }: JsonObject, accountId: string): string | undefined {
  if (NotPrincipal !== undefined) return 'everyone';
  if (Principal === undefined) return undefined;
  const principals = isJsonObject(Principal) ? texts(Principal.AWS ?? Principal['*'] ?? null) : texts(Principal);
  if (principals.some((principal) => fits(principal, 'anyone'))) return 'everyone';
  const accounts = principals.map((principal) => /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1] ?? principal);
  const otherAccounts = [...new Set(accounts.filter((account) => /^\d{12}$/.test(account) && account !== accountId))];
  if (otherAccounts.length > 0)
    return `the ${otherAccounts.length === 1 ? 'account' : 'accounts'} ${enumerated(otherAccounts)}`;
  return isJsonObject(Principal) && Principal.CanonicalUser !== undefined ? 'another AWS account' : undefined;
}

function isRestricted(condition: Json): boolean {
  if (!isJsonObject(condition)) return false;
  return Object.entries(condition).some(
    ([operator, keys]) =>
      RESTRICTING_OPERATORS.test(operator) &&
      isJsonObject(keys) &&
      Object.entries(keys).some(
        ([key, value]) =>
          RESTRICTING_KEYS.includes(key.toLowerCase()) &&
          texts(value).every((text) => !EVERYTHING.some((form) => form.test(text))),
      ),
  );
}

function texts(value: Json): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((entry) => typeof entry === 'string');
}
