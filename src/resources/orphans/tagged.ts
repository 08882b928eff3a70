import { ListTagsCommand } from '@aws-sdk/client-lambda';
import { functionArn, logGroupArn, logGroupName, tableArn } from '../../aws/arns.ts';
import { orAbsent } from '../../aws/error-names.ts';
import type { Resource } from '../../engine/resource.ts';
import { lockedText } from '../../terraform/state/locks.ts';
import { tableItems } from '../../terraform/state/table-items.ts';
import { type Context, contextIn, type Run } from '../context.ts';
import { deleteFunction, functionCalls } from '../function/calls.ts';
import { NO_SUCH_FUNCTION } from '../function/errors.ts';
import { deleteLogGroup, describeLogGroup, listTags, NO_SUCH_GROUP, protectedText } from '../log-group.ts';
import { deleteTable, describeTable, NO_SUCH_TABLE, type TableTarget, tableTags } from '../table/calls.ts';
import type { TableCandidate } from './listing.ts';
import { orphan, warningText } from './orphan.ts';
import type { FunctionUsers } from './users.ts';

/** Which backend blocks lock in a table, in words; undefined when none does. */
export type LockTableUsers = NonNullable<Run['lockTableUsers']>;

/** A table: deleted with its items, which the inventory says. A lock table is kept while Terraform or a backend block uses it. */
export function orphanTable(
  { name, region }: TableCandidate,
  { users, lockTableUsers }: { readonly users: FunctionUsers; readonly lockTableUsers: LockTableUsers },
  ofProject: Context,
): Resource {
  const context = contextIn(region, ofProject);
  const { dynamodb } = context.clients;
  const target: TableTarget = { dynamodb, name, arn: tableArn(context.place, name), signal: context.signal };

  async function heldBy(): Promise<string | undefined> {
    const usedBy = await users.ofTable(name);
    if (usedBy.length > 0) return `the environment of the function ${usedBy.join(', ')} still names it`;
    const live = await describeTable(target);
    // Only a lock table of Terraform has this key.
    if (live?.KeySchema?.every(({ AttributeName }) => AttributeName === 'LockID') !== true) return undefined;
    return lockedText((await tableItems(dynamodb, name)).locks) ?? (await lockTableUsers(name));
  }

  return orphan<null>(
    {
      // Another region may have a table of the same name.
      id: context === ofProject ? `table/${name}` : `table/${region}/${name}`,
      type: 'AWS::DynamoDB::Table',
      name,
      async read() {
        const tags = await orAbsent(tableTags(target), NO_SUCH_TABLE, undefined);
        return tags === undefined ? undefined : { tags, warning: warningText(), details: null };
      },
      async removal() {
        const items = (await describeTable(target))?.ItemCount ?? 0;
        return {
          blocked: await heldBy(),
          notes: [`its items${items === 0 ? '' : ` (about ${items})`} will be deleted with it`],
          remove: () => deleteTable(target, heldBy),
        };
      },
    },
    context,
  );
}

export function orphanFunction(name: string, context: Context): Resource {
  const { lambda } = context.clients;
  const arn = functionArn(context.place, name);
  const calls = functionCalls(name, lambda, context.signal);
  return orphan<null>(
    {
      id: `function/${name}`,
      type: 'AWS::Lambda::Function',
      name,
      needs: [`execution-role/${name}`, `log-group/${name}`],
      async read() {
        // The least that shows who owns it: GetFunction would show its code, too.
        const call = lambda.send(new ListTagsCommand({ Resource: arn }));
        const live = await orAbsent(call, NO_SUCH_FUNCTION, undefined);
        return live === undefined ? undefined : { tags: live.Tags ?? {}, warning: warningText(), details: null };
      },
      removal: async () => ({
        notes: ['its versions, its alias and its URL will be deleted with it'],
        remove: () => deleteFunction(name, lambda, calls),
      }),
    },
    context,
  );
}

/** The log group of a function that is not in the config. */
export function orphanLogGroup(functionName: string, context: Context): Resource {
  const { logs } = context.clients;
  const name = logGroupName(functionName);
  const arn = logGroupArn(context.place, name);
  return orphan<null>(
    {
      id: `log-group/${functionName}`,
      type: 'AWS::Logs::LogGroup',
      name,
      async read() {
        const tags = await orAbsent(listTags(logs, arn), NO_SUCH_GROUP, undefined);
        return tags === undefined ? undefined : { tags, warning: warningText(), details: null };
      },
      async removal() {
        const live = await describeLogGroup(logs, name);
        return {
          blocked: live?.deletionProtectionEnabled ? protectedText(name) : undefined,
          notes: ['its logs will be deleted with it'],
          remove: () => deleteLogGroup(logs, name),
        };
      },
    },
    context,
  );
}
