import type { PolicyDocument, Statement } from './document.ts';

/** Trusts the Lambda service, which has the same name in every partition. */
export const executionTrust: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/**
 * What a function may do with the items in its table. `update` is UpdateItem alone (ADD with ReturnValues needs no
 * read).
 */
export type TableAccess = 'update' | 'read' | 'read-write';

export interface ExecutionPolicyInput {
  readonly table: { readonly arn: string; readonly access: TableAccess } | undefined;
  readonly logGroupArn: string;
  /** The user's own statements, already validated. */
  readonly statements: readonly object[];
}

const READING = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan'];

const TABLE_STATEMENTS: Readonly<Record<TableAccess, Pick<Statement, 'Sid' | 'Action'>>> = {
  update: { Sid: 'CrcUpdateTable', Action: 'dynamodb:UpdateItem' },
  read: { Sid: 'CrcReadTable', Action: READING },
  'read-write': {
    Sid: 'CrcReadWriteTable',
    Action: [
      ...READING,
      'dynamodb:ConditionCheckItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:BatchWriteItem',
    ],
  },
};

/** The inline policy of an execution role. */
export const EXECUTION_POLICY = 'ExecutionPolicy';

/** The statement with which a function writes its log. The config refuses a user's Sid that starts with `Crc`. */
export const LOG_SID = 'CrcWriteLog';

/** Whether some "table.access" allows the action. */
export function isTableAction(action: string): boolean {
  return [TABLE_STATEMENTS['read-write'].Action].flat().includes(action);
}

/** The narrowest "table.access" that allows all of these actions on table items; undefined if none does. */
export function accessFor(actions: readonly string[]): TableAccess | undefined {
  const all: readonly TableAccess[] = ['update', 'read', 'read-write'];
  return all.find((access) => {
    const allowed = [TABLE_STATEMENTS[access].Action].flat();
    return actions.every((action) => allowed.includes(action));
  });
}

/**
 * What a function may do: access items in its own table, write to its own log group, and whatever the user's statements
 * allow. The log group already exists. Without logs:CreateLogGroup, Lambda cannot create one that keeps logs forever.
 */
export function executionPolicy({ table, logGroupArn, statements }: ExecutionPolicyInput): PolicyDocument {
  const log: Statement = {
    Sid: LOG_SID,
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${logGroupArn}:*`,
  };
  const items: readonly Statement[] =
    table === undefined ? [] : [{ ...TABLE_STATEMENTS[table.access], Effect: 'Allow', Resource: table.arn }];
  return { Version: '2012-10-17', Statement: [...items, log, ...(statements as readonly Statement[])] };
}
