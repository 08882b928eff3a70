import { isObject } from '../../json.ts';
import { parsedJson } from '../../parsed-json.ts';
import { stateCommand } from './command-line.ts';
import { LOCK_FILE, stateNameOfLock, type WorkspacePrefixes } from './place.ts';

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

/** The states of the config, whose locks `crc state unlock` can release. */
export interface OwnStates {
  readonly bucket: string;
  readonly prefixes: WorkspacePrefixes;
}

/**
 * Why nothing that Terraform needs may be deleted now, and what to do; undefined without a lock. `own` is omitted for
 * locks in a table that is not the config's, which `crc state unlock` does not see.
 */
export function lockedText(locks: readonly StateLock[], own?: OwnStates): string | undefined {
  if (locks.length === 0) return undefined;
  const more = locks.length > MAX_LOCKS ? `; and ${locks.length - MAX_LOCKS} more` : '';
  const named = locks.slice(0, MAX_LOCKS);
  const releases = [...new Set(named.map((lock) => releaseText(lock, own)))].join(', ');
  return `${named.map(lockText).join('; ')}${more}. Wait until Terraform has finished. If it crashed, release ${named.length === 1 ? 'the lock' : 'each lock'}: ${releases}`;
}

/** An id that can be pasted into a shell. Terraform's own are UUIDs. */
const PLAIN_ID = /^\w[\w-]{0,99}$/;

/** How to release a lock. Terraform needs its id, and the folder of its backend block. */
function releaseText({ path, info }: StateLock, own: OwnStates | undefined): string {
  if (own !== undefined && (path.endsWith(LOCK_FILE) || path.startsWith(`${own.bucket}/`))) {
    return stateCommand('unlock', stateNameOfLock(path, own));
  }
  return info?.id !== undefined && PLAIN_ID.test(info.id)
    ? `\`terraform force-unlock ${info.id}\``
    : `delete the item with the LockID "${path}" from the lock table`;
}
