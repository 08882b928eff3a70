import { tableArn } from '../../aws/arns.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { lockedText } from '../../terraform/state/locks.ts';
import { otherBucketsText, tableItems } from '../../terraform/state/table-items.ts';
import type { CreateOrphan } from '../orphans/kind.ts';
import { orphan, warningText } from '../orphans/orphan.ts';
import { namesTable } from '../orphans/users.ts';
import { deleteTable, describeTable, NO_SUCH_TABLE, type TableTarget, tableTags } from './calls.ts';

/**
 * A table, deleted with its items, whose number is shown. A lock table is kept while Terraform or a backend block uses
 * it.
 */
export const orphanTable: CreateOrphan = ({ id, name }, { config, users, lockTableUsers }, context) => {
  const { dynamodb } = context.clients;
  const target: TableTarget = { dynamodb, name, arn: tableArn(context.place, name), signal: context.signal };

  async function heldBy(): Promise<string | undefined> {
    const usedBy = await users.ofTable(name);
    if (usedBy.length > 0) return `the environment of the function ${usedBy.join(', ')} still names it`;
    const allowed = config.functions.filter(({ statements }) => namesTable(JSON.stringify(statements), name));
    if (allowed.length > 0) {
      return `"statements" of the function ${allowed.map((own) => own.name).join(', ')} still name it`;
    }
    const live = await describeTable(target);
    // Only Terraform's lock tables have this key.
    if (live?.KeySchema?.every(({ AttributeName }) => AttributeName === 'LockID') !== true) return undefined;
    const { locks, digests } = await tableItems(dynamodb, name);
    return lockedText(locks) ?? (await lockTableUsers(name)) ?? otherBucketsText(digests, config.stateBucket.name);
  }

  return orphan<null>(
    {
      id,
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
          remove: () => deleteTable(target, async () => ({ blocked: await heldBy() })),
        };
      },
    },
    context,
  );
};
