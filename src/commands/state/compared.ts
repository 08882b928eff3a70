import { CrcError } from '../../errors.ts';
import { compareStates } from '../../terraform/state/diff.ts';
import type { StateVersion } from '../../terraform/state/history.ts';
import { versionBytes } from '../../terraform/state/object.ts';
import type { StatePlace } from '../../terraform/state/place.ts';
import type { Version } from '../../terraform/state/versions.ts';
import { timeText } from '../../ui/state-common.ts';
import type { StateDiffView } from '../../ui/state-versions.ts';
import { serialOf } from './views.ts';

/** A version that is not a state, or cannot be read. */
export class UnreadableVersion extends CrcError {
  readonly versionId: string | undefined;

  constructor(message: string, versionId: string | undefined) {
    super(message, { hint: '`crc state history` shows which versions are.' });
    this.versionId = versionId;
  }
}

/** Two versions with their contents and differences. Throws an UnreadableVersion for what is not a readable state. */
export async function comparedVersions(
  place: StatePlace,
  from: Version,
  to: Version,
): Promise<{ readonly from: StateVersion; readonly to: StateVersion; readonly diff: StateDiffView }> {
  const bytes = (version: Version) => async () => versionBytes(place.s3, place.bucket, version);
  const { from: old, to: now, diff } = await compareStates(bytes(from), bytes(to));
  const versions = [
    { ...from, content: old, retainedUntil: undefined },
    { ...to, content: now, retainedUntil: undefined },
  ] as const;
  if (diff !== undefined) return { from: versions[0], to: versions[1], diff };
  const unreadable = versions.find(({ content }) => content.kind !== 'state');
  throw new UnreadableVersion(
    unreadable?.content.kind === 'encrypted'
      ? `The version ${unreadable.versionId} is encrypted by OpenTofu, and cannot be compared.`
      : `The version ${unreadable?.versionId} is not a readable state.`,
    unreadable?.versionId,
  );
}

export function versionText(label: string, version: StateVersion): string {
  const serial = serialOf(version);
  const shown = serial === null ? '' : `serial ${serial}, `;
  return `${label}  ${shown}written ${timeText(new Date(version.modified).toISOString())}, version ${version.versionId}`;
}
