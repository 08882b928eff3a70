import { GetObjectCommand } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { pooled } from '../../engine/pooled.ts';
import { type StateContent, stateIn } from './content.ts';
import { contentsOf, newestFirst, type StateVersion } from './history.ts';
import { lockInfo, type StateLock } from './locks.ts';
import { LOCK_FILE, lockIdOf, type StateName, type StatePlace, stateNameOf } from './place.ts';
import { type TableItems, tableItems } from './table-items.ts';
import { reportedPages, type Version, versionPages } from './versions.ts';

/** A state, or what is left of it. */
export interface ListedState extends StateName {
  readonly objectKey: string;
  /** The newest version that is no delete marker; undefined when it was deleted while it was read. */
  readonly newest: StateVersion;
  /** It is under a delete marker: only its versions are left. */
  readonly deleted: boolean;
  /** How many versions the bucket holds, without delete markers. */
  readonly versions: number;
  /** The versions before the newest, the newest first; only their metadata. */
  readonly older: readonly Version[];
  readonly locks: readonly StateLock[];
  /** What the lock table says about the newest version; undefined where it says nothing. */
  readonly digest: string | undefined;
  /** A role of the config has this key. */
  readonly declared: boolean;
}

/** All that a state bucket and its lock table say about states. */
export interface StateList {
  readonly states: readonly ListedState[];
  /** Locks without a state in the bucket: the first apply, or a state that was never written. */
  readonly otherLocks: readonly StateLock[];
  /** Digests of states that were never in the bucket. */
  readonly otherDigests: readonly string[];
  /** Objects that are no states. */
  readonly otherObjects: number;
}

export interface ListOptions {
  /** Keys of the config. */
  readonly declared: readonly string[];
  /** Called while the bucket is listed and states are read. */
  readonly report?: (done: number, total: number) => void;
}

/** Versions of one key that are kept in mind: for what is said about the one before. */
const KEPT = 2;

/** Lists the bucket page by page, and reads the newest version of each state. Throws what AWS answers. */
export async function listStates(
  place: StatePlace,
  { declared, report = () => undefined }: ListOptions,
): Promise<StateList> {
  const [objects, items] = await Promise.all([objectsOf(place), itemsOf(place)]);
  const files = await lockFiles(place, objects);
  const candidates = objects.filter(({ key }) => !key.endsWith(LOCK_FILE) && !key.endsWith('/'));
  const newest = candidates.flatMap((object) => object.newest ?? []);
  const contents = await contentsOf(
    place,
    newest,
    report,
    ({ key }) => !isNamedState(key, declared.includes(stateNameOf(key, place.prefixes).key)),
  );
  const byKey = new Map(contents.map((version) => [version.key, version]));
  const states = candidates.flatMap((object): readonly ListedState[] => {
    const newest = byKey.get(object.key);
    if (newest?.content === undefined) return [];
    const name = stateNameOf(object.key, place.prefixes);
    const isDeclared = declared.includes(name.key);
    if (!isState(object.key, newest.content, isDeclared)) return [];
    const lockId = lockIdOf(place, object.key);
    return [
      {
        ...name,
        objectKey: object.key,
        newest,
        deleted: object.deleted,
        versions: object.versions,
        older: object.older,
        locks: [...files, ...items.locks].filter(({ path }) => path === `${object.key}${LOCK_FILE}` || path === lockId),
        digest: items.digests.get(lockId),
        declared: isDeclared,
      },
    ];
  });
  const lockPaths = new Set(states.flatMap(({ locks }) => locks.map(({ path }) => path)));
  const stateIds = new Set(states.map(({ objectKey }) => lockIdOf(place, objectKey)));
  return {
    states: states,
    otherLocks: [...files, ...items.locks.filter(({ path }) => isOf(place, path))].filter(
      ({ path }) => !lockPaths.has(path),
    ),
    otherDigests: [...items.digests.keys()].filter((path) => isOf(place, path) && !stateIds.has(path)),
    otherObjects: candidates.length - states.length,
  };
}

/** One table may serve several buckets. */
function isOf({ bucket }: StatePlace, lockId: string): boolean {
  return lockId.startsWith(`${bucket.Bucket}/`);
}

/** Whether to show an object as a state: the config or its name says so, or its content is one. */
function isState(objectKey: string, content: StateContent, declared: boolean): boolean {
  return stateIn(content) !== undefined || isNamedState(objectKey, declared);
}

function isNamedState(objectKey: string, declared: boolean): boolean {
  return declared || objectKey.endsWith('.tfstate');
}

interface ObjectVersions {
  readonly key: string;
  /** The newest version that is no delete marker. */
  readonly newest: Version | undefined;
  readonly older: readonly Version[];
  readonly deleted: boolean;
  readonly versions: number;
}

/** Keeps no more of each key than is shown, since a bucket may hold hundreds of thousands of versions. */
async function objectsOf({ s3, bucket, listed }: StatePlace): Promise<readonly ObjectVersions[]> {
  const objects = new Map<string, { kept: readonly Version[]; deleted: boolean; versions: number }>();
  for await (const page of reportedPages(versionPages(s3, bucket), listed)) {
    for (const version of page) {
      const object = objects.get(version.key) ?? { kept: [], deleted: false, versions: 0 };
      if (version.marker) object.deleted ||= version.latest;
      else {
        object.versions += 1;
        object.kept = newestFirst([...object.kept, version]).slice(0, KEPT);
      }
      objects.set(version.key, object);
    }
  }
  return [...objects].map(
    ([
      key,
      {
        kept: [newest, ...older],
        deleted,
        versions,
      },
    ]) => ({
      key,
      newest,
      older,
      deleted,
      versions,
    }),
  );
}

async function itemsOf({ table }: StatePlace): Promise<TableItems> {
  return table === undefined ? { locks: [], digests: new Map() } : await tableItems(table.dynamodb, table.name);
}

/** Lock files are read at a time. */
const LOCKS_AT_ONCE = 8;

/** A lock file under a delete marker was released. */
async function lockFiles(
  { s3, bucket, signal }: StatePlace,
  objects: readonly ObjectVersions[],
): Promise<readonly StateLock[]> {
  const files = objects.filter(({ key, deleted }) => key.endsWith(LOCK_FILE) && !deleted);
  const locks = await pooled(
    files,
    async ({ key }) => {
      const answer = await orAbsent(s3.send(new GetObjectCommand({ ...bucket, Key: key })), ['NoSuchKey'], undefined);
      return answer && { path: key, info: lockInfo((await answer.Body?.transformToString()) ?? '') };
    },
    { atOnce: LOCKS_AT_ONCE, signal },
  );
  return locks.filter((lock) => lock !== undefined);
}
