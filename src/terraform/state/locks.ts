import { isObject } from '../../json.ts';
import { parsedJson } from '../../parsed-json.ts';

/** A lock that Terraform holds on a state: an item in the lock table, or a lock file in the bucket. */
export interface StateLock {
  /** `BUCKET/KEY` for a table item, `KEY.tflock` for a lock file. */
  readonly path: string;
  /** The JSON that Terraform wrote, if it is valid. All of it is untrusted. */
  readonly info: LockInfo | undefined;
}

/** Who holds a lock: https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/locker.go */
export interface LockInfo {
  readonly id: string | undefined;
  readonly who: string | undefined;
  /** `OperationTypeApply` */
  readonly operation: string | undefined;
  /** The version of Terraform or crc: `1.11.4` */
  readonly version?: string;
  /** RFC 3339 */
  readonly created: string | undefined;
}

/** The maximum number of characters to show of one value in a lock. */
const MAX_SHOWN = 120;

/** The information that Terraform wrote to a lock; undefined if it is not Terraform's JSON, which is still a lock. */
export function lockInfo(text: string): LockInfo | undefined {
  const value = parsedJson(text);
  if (!isObject(value)) return undefined;
  const { ID, Who, Operation, Version, Created } = value;
  return {
    id: short(ID),
    who: short(Who),
    operation: short(Operation),
    version: short(Version),
    created: short(Created),
  };
}

function short(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_SHOWN) : undefined;
}

/** `a/b.tfstate is locked by alice@laptop since 2026-11-25T10:00:00Z (apply, version 1.11.4, lock ID 1234)` */
export function lockText({ path, info }: StateLock): string {
  const { id, who, operation, version, created } = info ?? {};
  const details = [
    ...(operation === undefined ? [] : [operation.replace(/^OperationType/, '').toLowerCase()]),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(id === undefined ? [] : [`lock ID ${id}`]),
  ];
  return [
    `${path} is locked`,
    ...(who === undefined ? [] : [`by ${who}`]),
    ...(created === undefined ? [] : [`since ${created}`]),
    ...(details.length === 0 ? [] : [`(${details.join(', ')})`]),
  ].join(' ');
}

/** The maximum number of locks shown by name; the rest are counted. */
const MAX_LOCKS = 3;

/** Why nothing that Terraform needs may be deleted now, and what to do; undefined without a lock. */
export function lockedText(locks: readonly StateLock[]): string | undefined {
  if (locks.length === 0) return undefined;
  const more = locks.length > MAX_LOCKS ? `; and ${locks.length - MAX_LOCKS} more` : '';
  const named = locks.slice(0, MAX_LOCKS);
  return `${named.map(lockText).join('; ')}${more}. Wait until Terraform has finished. If it crashed, ${releaseText(named)}`;
}

/** An id that can be pasted into a shell. Terraform's own are UUIDs. */
const PLAIN_ID = /^\w[\w-]{0,99}$/;

/** How to release locks; without an id, Terraform itself cannot. */
function releaseText(locks: readonly StateLock[]): string {
  const ids = locks.flatMap(({ info }) => (info?.id !== undefined && PLAIN_ID.test(info.id) ? [info.id] : []));
  if (ids.length < locks.length) {
    return 'release each lock with `crc state unlock KEY`; `crc state list` shows the keys';
  }
  const commands = ids.map((id) => `\`terraform force-unlock ${id}\``);
  return `release ${ids.length === 1 ? 'the lock' : 'each lock'}: ${commands.join(', ')}`;
}
