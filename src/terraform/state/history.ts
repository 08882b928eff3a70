import { itemsOf } from '../../aws/pages.ts';
import { counted } from '../../counted.ts';
import { pooled } from '../../engine/pooled.ts';
import { CrcError } from '../../errors.ts';
import { md5Of, readState, type StateContent, stateIn } from './content.ts';
import { PART, versionBytes } from './object.ts';
import type { StatePlace } from './place.ts';
import { readableOrWhy } from './readable.ts';
import { reportedPages, type Version, versionPages } from './versions.ts';

/** One version of a state, and its content. */
export interface StateVersion extends Version {
  /** Undefined for a delete marker. */
  readonly content: StateContent | undefined;
  /** ISO 8601; nobody can delete it before then. */
  readonly retainedUntil: string | undefined;
}

/** Concurrently read small versions. Large ones are read one at a time to limit memory. */
const AT_ONCE = 8;

/** All versions and delete markers of one state, newest first. Empty if it was never in the bucket. */
export async function versionsOf({ s3, bucket, listed }: StatePlace, objectKey: string): Promise<readonly Version[]> {
  const pages = reportedPages(versionPages(s3, bucket, objectKey), listed);
  // The prefix also matches the lock file, and longer keys.
  return newestFirst(await itemsOf(pages, (page) => page.filter(({ key }) => key === objectKey)));
}

/** The newest version, or the delete marker over it, which S3 always lists on the first page. */
export async function newestVersionOf({ s3, bucket }: StatePlace, objectKey: string): Promise<Version | undefined> {
  for await (const page of versionPages(s3, bucket, objectKey)) {
    const newest = page.find(({ key, latest }) => latest && key === objectKey);
    if (newest !== undefined) return newest;
  }
  return undefined;
}

/** S3 lists versions and delete markers separately, each newest first. */
export function newestFirst(versions: readonly Version[]): readonly Version[] {
  return [...versions].sort((a, b) => Number(b.latest) - Number(a.latest) || b.modified - a.modified);
}

/**
 * Reads the content of each version, and reports progress. A version deleted meanwhile is left out. Those that
 * `isDoubtful` selects are only read until they turn out not to be JSON, since a bucket may also contain archives of
 * any size.
 */
export async function contentsOf(
  place: StatePlace,
  versions: readonly Version[],
  report: (done: number, total: number) => void = () => undefined,
  isDoubtful: (version: Version) => boolean = () => false,
): Promise<readonly StateVersion[]> {
  let done = 0;
  const read = await pooled(
    versions,
    async (version) => {
      const withItsContent = await withContent(place, version, isDoubtful(version));
      done += 1;
      report(done, versions.length);
      return withItsContent;
    },
    { atOnce: versions.some(({ size }) => size > PART) ? 1 : AT_ONCE, signal: place.signal },
  );
  return read.filter((version) => version !== undefined);
}

/** `contentsOf` for one state that never reads a version twice: lookups often need the same versions. */
export function contentsReader(
  place: StatePlace,
  report: (done: number, total: number) => void,
): (versions: readonly Version[]) => Promise<readonly StateVersion[]> {
  const known = new Map<string, StateVersion>();
  return async (versions) => {
    const unread = versions.filter(({ versionId }) => !known.has(versionId));
    for (const version of await contentsOf(place, unread, report)) known.set(version.versionId, version);
    return versions.flatMap(({ versionId }) => known.get(versionId) ?? []);
  };
}

async function withContent(
  { s3, bucket }: StatePlace,
  version: Version,
  isDoubtful: boolean,
): Promise<StateVersion | undefined> {
  if (version.marker) return { ...version, content: undefined, retainedUntil: undefined };
  let retainedUntil: string | undefined;
  const bytes = versionBytes(s3, bucket, version, ({ until }) => {
    retainedUntil = until;
  });
  const content = await readableOrWhy(() => readState(bytes, undefined, isDoubtful));
  if (content === 'gone') return undefined;
  return {
    ...version,
    content: typeof content === 'string' ? { kind: 'unread', why: content } : content,
    retainedUntil,
  };
}

/**
 * The version that a word refers to: a version id, a serial, or `~1` for the one before the newest. Delete markers are
 * not counted. `read` reads the contents, for a serial. @throws CrcError if there is none, or more than one.
 */
export async function chosenVersion(
  word: string,
  versions: readonly Version[],
  read: (versions: readonly Version[]) => Promise<readonly StateVersion[]>,
): Promise<Version> {
  const states = versions.filter(({ marker }) => !marker);
  const byId = versions.find(({ versionId }) => versionId === word);
  if (byId?.marker) {
    throw new CrcError(`${word} is a delete marker, which holds no state.`, {
      hint: 'Choose an earlier version: `~0` is the newest that holds a state.',
    });
  }
  if (byId !== undefined) return byId;
  const back = /^~(\d+)$/.exec(word)?.[1];
  if (back !== undefined) {
    const version = states[Number(back)];
    if (version !== undefined) return version;
    throw new CrcError(`There is no version ${word}: the state has ${counted(states.length, 'version')}.`, {
      hint: '`~0` is the newest one, `~1` the one before. `crc state history` shows all.',
    });
  }
  // bash expands ~0 to the current folder, and ~1 to a folder from the directory stack.
  if (word.startsWith('/')) {
    throw new CrcError(`"${word}" is not a version: the shell may have expanded it.`, {
      hint: "Quote it: '~0' is the newest version, '~1' the one before.",
    });
  }
  if (!/^\d+$/.test(word)) throw unknownVersion(word);
  const serial = Number(word);
  const [newest, ...older] = (await read(states)).filter(({ content }) => stateIn(content)?.serial === serial);
  if (newest === undefined) throw unknownVersion(word);
  const different = older.filter(({ content }) => md5Of(content) !== md5Of(newest.content));
  if (different.length === 0) return states.find(({ versionId }) => versionId === newest.versionId) ?? newest;
  throw new CrcError(`${older.length + 1} different versions have the serial ${serial}.`, {
    hint: `Pass one by its version id: ${[newest, ...different].map(({ versionId }) => versionId).join(', ')}.`,
  });
}

function unknownVersion(word: string): CrcError {
  return new CrcError(`The state has no version "${word}".`, {
    hint: 'Pass a version id, a serial, or ~1 for the version before the newest. `crc state history` shows all.',
  });
}
