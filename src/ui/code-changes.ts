import type { Change } from '../engine/types.ts';

type Update = Exclude<Change, { kind: 'create' }>;

/**
 * The changes of a function's code in words, since digests mean nothing to a reader. They remain in JSON, and with
 * --details.
 */
export function withoutDigests(id: string, changes: readonly Change[]): readonly Change[] {
  if (!id.startsWith('function-code/')) return changes;
  const digests = changes.filter(isDigest);
  if (digests.length === 0) return changes;
  const source = digests.find(({ path }) => path === 'source');
  const otherChanges = changes.filter((change) => !isDigest(change));
  // An alias that points to another version, as after a rollback, serves other code. Its own line says so.
  const isMoved = changes.some((change) => 'path' in change && change.path === 'alias');
  if (source === undefined && isMoved) return otherChanges;
  const words =
    source === undefined
      ? { live: 'changed outside crc', want: 'as deployed' }
      : { live: source.live === null ? 'unknown' : 'as deployed', want: 'new code' };
  return [{ kind: 'update', path: 'code', ...words }, ...otherChanges];
}

function isDigest(change: Change): change is Update {
  return change.kind === 'update' && (change.path === 'source' || change.path === 'sha256');
}
