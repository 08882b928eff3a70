import { inListOrder } from '../../aws/read-together.ts';
import { CrcError } from '../../errors.ts';
import { stateCommand } from './command-line.ts';
import { readState } from './content.ts';
import { digestOf, putDigest } from './digest.ts';
import { mayHaveHappened, stateError, unchanged } from './failure.ts';
import { newestVersionOf } from './history.ts';
import { underLocks } from './hold.ts';
import type { ListedState } from './list.ts';
import { versionBytes } from './object.ts';
import { type StatePlace, stateText } from './place.ts';

/**
 * Sets the digest of a state to that of its newest version, holding Terraform's lock. Returns false if there is nothing
 * left to set. @throws CrcError if someone else holds the lock, or if something fails, with whether the digest was set.
 */
export async function fixDigest(place: StatePlace, state: ListedState, tool: string): Promise<boolean> {
  const { objectKey } = state;
  return await underLocks(
    place,
    objectKey,
    { operation: 'crc state check', version: tool },
    async () => {
      const { md5, digest } = await md5AndDigest(place, state).catch((error: unknown) => {
        throw unchanged(place, error);
      });
      if (digest === md5) return false;
      await putDigest(place, objectKey, md5).catch((error: unknown) => {
        throw notSet(place, state, error);
      });
      return true;
    },
    () => `The digest of ${stateText(state)} was set.`,
  );
}

/** The newest version's digest, and the one in the lock table. */
async function md5AndDigest(
  place: StatePlace,
  state: ListedState,
): Promise<{ readonly md5: string; readonly digest: string | undefined }> {
  const { objectKey } = state;
  const [newest, digest] = await inListOrder([newestVersionOf(place, objectKey), digestOf(place, objectKey)]);
  if (newest === undefined || newest.marker) {
    throw new CrcError(`${stateText(state)} was deleted in the meantime.`, { hint: 'Run `crc state check` again.' });
  }
  const content = await readState(versionBytes(place.s3, place.bucket, newest));
  if (content.kind !== 'opaque') return { md5: content.md5, digest };
  throw new CrcError(`${stateText(state)} is not a readable state, so its digest was not set.`, {
    hint: `Restore a readable version, which also sets the digest. ${stateCommand('history', state)} shows them.`,
  });
}

function notSet(place: StatePlace, state: ListedState, error: unknown): CrcError {
  const { message, hint } = stateError(place, error);
  const outcome = mayHaveHappened(error)
    ? `It is not known whether the digest of ${stateText(state)} was set.`
    : `The digest of ${stateText(state)} was not set.`;
  return new CrcError(`${outcome} ${message}`, { hint: `${hint} Then: \`crc state check --fix\`.`, cause: error });
}
