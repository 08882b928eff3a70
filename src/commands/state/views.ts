import { isDeepStrictEqual } from 'node:util';
import { md5Of, type StateContent, stateIn } from '../../terraform/state/content.ts';
import type { StateVersion } from '../../terraform/state/history.ts';
import type { ListedState } from '../../terraform/state/list.ts';
import type { LockInfo, StateLock } from '../../terraform/state/locks.ts';
import { stateNameOfLock } from '../../terraform/state/place.ts';
import type { StateVersionView, VersionName } from '../../ui/state-versions.ts';
import type { LockOfKeyView, LockView, StateView } from '../../ui/states.ts';

export function stateView({ key, workspace, newest, locks, declared, digest }: ListedState): StateView {
  const { content, size, modified } = newest;
  const [lock] = locks;
  // A holder of both locks has one id.
  const otherHolders = locks.filter(({ info }) => info?.id !== lock?.info?.id);
  return {
    key,
    workspace,
    serial: serialOf(newest),
    resources: content?.kind === 'state' ? content.resources : null,
    size,
    modified: new Date(modified).toISOString(),
    terraformVersion: (content?.kind === 'state' ? content.terraformVersion : undefined) ?? null,
    lock: lock === undefined ? null : lockView(lock.info),
    otherLocks: otherHolders.map(({ info }) => lockView(info)),
    declared,
    digest: digestOf(digest, content),
    kind: stateIn(content)?.kind ?? 'unreadable',
  };
}

/** What was not read is not reported as a problem. */
function digestOf(digest: string | undefined, content: StateContent | undefined): StateView['digest'] {
  const md5 = md5Of(content);
  if (digest === undefined || md5 === undefined) return 'none';
  return digest === md5 ? 'match' : 'mismatch';
}

export function lockView(info: LockInfo | undefined): LockView {
  const { id = null, who = null, operation = null, created = null } = info ?? {};
  return { id, who, operation, created };
}

/** The locks of keys without a state, each holder once: of a first apply, or of one that wrote no state. */
export function locksWithoutState(
  locks: readonly StateLock[],
  place: Parameters<typeof stateNameOfLock>[1],
): readonly LockOfKeyView[] {
  const views = locks.map(({ path, info }) => ({ ...stateNameOfLock(path, place), ...lockView(info) }));
  // A holder of both locks has one id.
  return views.filter((view, index) => views.findIndex((other) => isDeepStrictEqual(other, view)) === index);
}

export function versionView(version: StateVersion): StateVersionView {
  const { versionId, content, modified, latest, marker, retainedUntil, size } = version;
  return {
    versionId,
    serial: serialOf(version),
    lineage: stateIn(content)?.lineage ?? null,
    terraformVersion: (content?.kind === 'state' ? content.terraformVersion : undefined) ?? null,
    resources: content?.kind === 'state' ? content.resources : null,
    modified: new Date(modified).toISOString(),
    latest,
    deleted: marker,
    retainedUntil: retainedUntil ?? null,
    size,
  };
}

export function versionName(version: StateVersion): VersionName {
  return { versionId: version.versionId, serial: serialOf(version) };
}

export function serialOf({ content }: StateVersion): number | null {
  return stateIn(content)?.serial ?? null;
}
