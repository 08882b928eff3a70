import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Tokenizer, TokenParser } from '@streamparser/json';
import { pooled } from '../../engine/pooled.ts';
import { readState, type StateContent, stateIn } from './content.ts';
import { versionBytes } from './object.ts';
import type { StatePlace } from './place.ts';
import { readableOrWhy } from './readable.ts';
import type { Version } from './versions.ts';

/**
 * The number of bytes of a state to read for its lineage, which Terraform and OpenTofu write before any large parts.
 */
const HEAD = 1024;

/** Concurrently read starts of states. */
const AT_ONCE = 16;

/**
 * The lineage of each version, in the order of `versions`; undefined for what is not a state or cannot be read. For a
 * state written by Terraform, only the start is read, so that thousands of versions take less than a minute. @throws
 * the errors from AWS.
 */
export async function lineagesOf(
  place: StatePlace,
  versions: readonly Version[],
  report: (done: number, total: number) => void = () => undefined,
): Promise<readonly (string | undefined)[]> {
  let done = 0;
  return await pooled(
    versions,
    async (version) => {
      const lineage = await readableOrWhy(() => lineageOf(place, version));
      done += 1;
      report(done, versions.length);
      return typeof lineage === 'object' ? lineage.lineage : undefined;
    },
    { atOnce: AT_ONCE, signal: place.signal },
  );
}

/**
 * The newest version that has a lineage, and that lineage. A write that was cut off still starts with it, and an empty
 * one does not show whose state the key had. Undefined if no version has one.
 */
export async function newestLineage(
  place: StatePlace,
  versions: readonly (Version & { readonly content?: StateContent | undefined })[],
): Promise<{ readonly version: Version; readonly lineage: string } | undefined> {
  for (const version of versions) {
    const state = stateIn(version.content);
    const lineage = state === undefined ? (await lineagesOf(place, [version]))[0] : (state.lineage ?? '');
    if (lineage !== undefined) return { version, lineage };
  }
  return undefined;
}

async function lineageOf(place: StatePlace, version: Version): Promise<{ readonly lineage: string | undefined }> {
  const { s3, bucket } = place;
  if (version.marker || version.size === 0) return { lineage: undefined };
  const { key: Key, versionId: VersionId, size } = version;
  const Range = `bytes=0-${Math.min(HEAD, size) - 1}`;
  const { Body } = await s3.send(new GetObjectCommand({ ...bucket, Key, VersionId, Range }));
  const lineage = lineageIn((await Body?.transformToByteArray()) ?? new Uint8Array());
  if (lineage !== undefined || size <= HEAD) return { lineage };
  // A tool may have sorted the keys.
  return { lineage: stateIn(await readState(versionBytes(s3, bucket, version), undefined, true))?.lineage };
}

/** The top-level `lineage` in JSON that may be truncated after it. */
function lineageIn(bytes: Uint8Array): string | undefined {
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: ['$.lineage'], keepStack: false });
  let lineage: string | undefined;
  tokenizer.onToken = (token) => parser.write(token);
  tokenizer.onError = () => undefined;
  parser.onError = () => undefined;
  parser.onValue = ({ value }) => {
    if (typeof value === 'string') lineage = value;
  };
  tokenizer.write(bytes);
  return lineage;
}
