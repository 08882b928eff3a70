import { GetObjectCommand } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { inListOrder } from '../../aws/read-together.ts';
import { pooled } from '../../engine/pooled.ts';
import { type StateContent, stateIn } from './content.ts';
import { contentsOf, newestFirst, type StateVersion } from './history.ts';
import { lockInfo, type StateLock } from './locks.ts';
import { LOCK_FILE, lockIdOf, type StateName, type StatePlace, stateNameOf } from './place.ts';
import { type TableItems, tableItems } from './table-items.ts';
import { reportedPages, type Version, versionPages } from './versions.ts';

/** A state, or its remaining versions. */
export interface ListedState extends StateName {
  readonly objectKey: string;
  /** The newest version that is not a delete marker. */
  readonly newest: StateVersion;
  /** It is under a delete marker, so only its versions remain. */
  readonly deleted: boolean;
  /** The number of versions in the bucket, without delete markers. */
  readonly versions: number;
  /** The versions before the newest, newest first; only their metadata. */
  readonly older: readonly Version[];
  readonly locks: readonly StateLock[];
  /** The newest version's digest in the lock table; undefined if there is none. */
  readonly digest: string | undefined;
  /** Whether a role in the config has this key. */
  readonly declared: boolean;
}

/** Everything in a state bucket and its lock table. */
export interface StateList {
  readonly states: readonly ListedState[];
  /** Locks without a state in the bucket: of a first apply, or of a state that was never written. */
  readonly otherLocks: readonly StateLock[];
  /** The name of the lock table in the config, if it does not exist. */
  readonly missingTable?: string | undefined;
  /** Digests of states that were never in the bucket. */
  readonly otherDigests: readonly string[];
  /** The number of objects that are not states. */
  readonly otherObjects: number;
}

export interface ListOptions {
  /** Keys in the config. */
  readonly declared: readonly string[];
  /** Called while the bucket is being listed and states are being read. */
  readonly report?: (done: number, total: number) => void;
}

/** The number of versions to keep per key: enough to show the previous one. */
const KEPT = 2;

/** Lists the bucket page by page, and reads the newest version of each state. @throws the errors from AWS. */
export async function listStates(
  place: StatePlace,
  { declared, report = () => undefined }: ListOptions,
): Promise<StateList> {
  const [objects, items] = await inListOrder([objectsOf(place), itemsOf(place)]);
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
    missingTable: items.isMissing ? place.table?.name : undefined,
    otherLocks: [...files, ...items.locks.filter(({ path }) => isOf(place, path))].filter(
      ({ path }) => !lockPaths.has(path),
    ),
    otherDigests: [...items.digests.keys()].filter((path) => isOf(place, path) && !stateIds.has(path)),
    otherObjects: candidates.length - states.length,
  };
}

/** One table may be used for several buckets. */
function isOf({ bucket }: StatePlace, lockId: string): boolean {
  return lockId.startsWith(`${bucket.Bucket}/`);
}

/** Whether to show an object as a state, because of the config, its name, or its content. */
function isState(objectKey: string, content: StateContent, declared: boolean): boolean {
  return stateIn(content) !== undefined || isNamedState(objectKey, declared);
}

function isNamedState(objectKey: string, declared: boolean): boolean {
  return declared || objectKey.endsWith('.tfstate');
}

interface ObjectVersions {
  readonly key: string;
  /** The newest version that is not a delete marker. */
  readonly newest: Version | undefined;
  readonly older: readonly Version[];
  readonly deleted: boolean;
  readonly versions: number;
}

/** Keeps only what is shown for each key, since a bucket may contain hundreds of thousands of versions. */
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
  return table === undefined
    ? { locks: [], digests: new Map(), isMissing: false }
    : await tableItems(table.dynamodb, table.name);
}

/** Concurrently read lock files. */
const LOCKS_AT_ONCE = 8;

/** A lock file under a delete marker has been released. */
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
