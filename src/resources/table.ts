import { isDeepStrictEqual } from 'node:util';
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { grant } from '../aws/actions.ts';
import { tableArn } from '../aws/arns.ts';
import { readTogether } from '../aws/read-together.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { LeftOut } from '../engine/terraform.ts';
import type { Actions, Address, Live, Removal, Spec } from '../engine/types.ts';
import type { Context, FunctionUse } from './context.ts';
import {
  createTable,
  deleteTable,
  describeTable,
  isProtected,
  NO_SUCH_TABLE,
  type TableTarget,
  type TableUse,
  tableTags,
  tagTable,
  updateTable,
} from './table/calls.ts';
import {
  type Capacity,
  type CapacityFact,
  capacityMeaning,
  capacityText,
  liveCapacity,
  throughput,
  wantedCapacity,
} from './table/capacity.ts';
import { addItem, hasItem, type Item } from './table/item.ts';
import { tableInTerraform } from './table/terraform.ts';
import { ownershipOf, type Tags, toTagList } from './tags.ts';
import { untilVisible } from './visibility.ts';

export interface TableInput {
  /** `lock-table`, `table/FUNCTION` */
  readonly id: string;
  readonly name: string;
  /** The partition key. */
  readonly hashKey: string;
  /** A string (the default) or a number. */
  readonly hashKeyType?: KeyType;
  readonly capacity: Capacity;
  /** The initial item, including its key; undefined: none, and crc reads no items. */
  readonly item?: Item | undefined;
  /** Ids that are removed before the table. */
  readonly removedAfter?: readonly string[];
  readonly address: Address | 'none';
  /** Its name in Terraform, or why it is not exported. */
  readonly terraform: { readonly name: string } | LeftOut;
  /** The permissions on it for `crc deploy-function` and `crc state`. */
  readonly actions: Pick<Actions, 'deploy' | 'states'>;
  /** Reads the items for what prevents the table's deletion; by default nothing does. */
  readonly inUse?: () => Promise<TableUse>;
  /** Finds functions outside the config that use it, for which it is kept. */
  readonly functionUse?: FunctionUse | undefined;
}

type KeyType = 'S' | 'N';

type TableFacts = {
  readonly hashKey: string;
  readonly tags: Tags;
  readonly capacity: CapacityFact;
  readonly deletionProtection: boolean;
  /** Equal to the wanted item as soon as an item with its key exists, whatever the function has changed in it since. */
  readonly item: Item | null;
};

interface Details {
  readonly status: string | undefined;
  /** DynamoDB's own count, which may be hours old. */
  readonly items: number;
}

/** A DynamoDB table with a partition key and no sort key, protected from deletion. */
export function table(input: TableInput, { clients, place, tags, signal }: Context): Resource {
  const { id, name, hashKey, hashKeyType = 'S', capacity, item = null } = input;
  const arn = tableArn(place, name);
  const target: TableTarget = { dynamodb: clients.dynamodb, name, arn, signal };

  const spec: Spec<TableFacts, Details> = {
    id,
    type: 'AWS::DynamoDB::Table',
    name,
    removedAfter: input.removedAfter,
    want: {
      hashKey: keyText(hashKey, hashKeyType),
      tags,
      capacity: wantedCapacity(capacity),
      deletionProtection: true,
      item,
    },
    opaque: ['item'],
    brief: {
      hashKey: (key) => `key ${key}`,
      capacity: capacityText,
      deletionProtection: () => 'deletion protection',
      item: (first) => (first === null ? undefined : `the item ${String(first[hashKey])}, if absent`),
    },
    // A new table may be visible to DescribeTable before ListTagsOfResource.
    read: () => untilVisible(NO_SUCH_TABLE, signal, () => read(target, input, tags)),
    async create() {
      await createTable(target, {
        AttributeDefinitions: [{ AttributeName: hashKey, AttributeType: hashKeyType }],
        KeySchema: [{ AttributeName: hashKey, KeyType: 'HASH' }],
        DeletionProtectionEnabled: true,
        Tags: toTagList(tags),
        ...throughput(capacity),
      });
      return undefined;
    },
    meaning: { capacity: (live) => capacityMeaning(live, capacity) },
    set: {
      hashKey: {
        fixed: `DynamoDB cannot change the key of an existing table; choose another name in the config, or delete the table ${name} yourself if nothing uses it`,
      },
      tags: (want) => tagTable(target, want),
      capacity: (want, { details: { status } }) =>
        updateTable(target, {
          change: throughput(capacity),
          status,
          done: (live) => isDeepStrictEqual(liveCapacity(live), want),
        }),
      deletionProtection: (want, { details: { status } }) =>
        updateTable(target, {
          change: { DeletionProtectionEnabled: want },
          status,
          done: (live) => isProtected(live) === want,
        }),
      item: async (want) => {
        if (want !== null) await addItem(target, hashKey, want);
      },
    },
    removal: (live) => removalOf(target, input, live),
    address: input.address,
    terraform:
      typeof input.terraform === 'string'
        ? input.terraform
        : tableInTerraform(input, input.terraform.name, { place, tags }),
    actions: {
      ...input.actions,
      read: [grant('dynamodb', ['DescribeTable', 'ListTagsOfResource', ...(item === null ? [] : ['GetItem'])], arn)],
      write: [
        grant('dynamodb', ['CreateTable', 'UpdateTable', 'TagResource', ...(item === null ? [] : ['PutItem'])], arn),
      ],
      remove: [grant('dynamodb', ['UpdateTable', 'DeleteTable', ...(input.inUse === undefined ? [] : ['Scan'])], arn)],
    },
  };
  return resource(spec);
}

async function removalOf(
  target: TableTarget,
  { name, functionUse, inUse = async () => ({}) }: TableInput,
  { foreign, details: { items } }: Live<TableFacts, Details>,
): Promise<Removal> {
  const used = foreign === undefined ? await functionUse?.({ table: name }) : undefined;
  const { blocked, kept }: TableUse = await inUse();
  return {
    blocked,
    kept: kept ?? used,
    notes: [`its items${items === 0 ? '' : ` (about ${items})`} will be deleted with it`],
    remove: () => deleteTable(target, inUse),
  };
}

async function read(target: TableTarget, { capacity, hashKey, item }: TableInput, tags: Tags) {
  const live = await readTogether(describeTable(target), [
    tableTags(target),
    item === undefined ? Promise.resolve(false) : hasItem(target, hashKey, item),
  ]);
  if (live === undefined) return undefined;
  const [description, liveTags, isThere] = live;
  const { own, foreign } = ownershipOf(liveTags, tags);
  return {
    facts: {
      hashKey: keyOf(description),
      tags: own,
      capacity: capacity === 'unmanaged' ? null : liveCapacity(description),
      deletionProtection: isProtected(description),
      item: item !== undefined && isThere ? item : null,
    },
    foreign,
    details: { status: description.TableStatus, items: description.ItemCount ?? 0 },
  };
}

/** `LockID` for a single string key; otherwise as text: `LockID (N)`, `LockID, Range`. */
function keyOf({ KeySchema, AttributeDefinitions }: TableDescription): string {
  return (KeySchema ?? [])
    .map(({ AttributeName }) => {
      const type = AttributeDefinitions?.find(
        (definition) => definition.AttributeName === AttributeName,
      )?.AttributeType;
      return keyText(AttributeName ?? '', type);
    })
    .join(', ');
}

function keyText(name: string, type: string | undefined): string {
  return type === 'S' ? name : `${name} (${type})`;
}
