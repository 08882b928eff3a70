import { CrcError } from '../../errors.ts';
import { compareStates } from '../../terraform/state/diff.ts';
import { chosenVersion, contentsOf, type StateVersion } from '../../terraform/state/history.ts';
import { versionBytes } from '../../terraform/state/object.ts';
import type { StatePlace } from '../../terraform/state/place.ts';
import type { Version } from '../../terraform/state/versions.ts';
import type { Io } from '../../ui/io.ts';
import { type StateDiffView, stateDiffDocument, stateDiffText, timeText } from '../../ui/states.ts';
import type { StateDiffOptions } from '../definitions/state-diff.ts';
import { chosenState, existingVersions } from './place.ts';
import { serialOf, versionName } from './views.ts';
import { withStates } from './with-states.ts';

/** Shows what changed between two versions of a state. */
export async function stateDiff(options: StateDiffOptions, io: Io): Promise<number> {
  return await withStates({ command: 'state diff', options, io }, async ({ config, progress }, place) => {
    const name = chosenState(config, options.key, options.workspace);
    const versions = await existingVersions(place, name);
    const read = (some: readonly Version[]) => contentsOf(place, some, progress.count);
    const from = await chosenVersion(options.from ?? '~1', versions, read);
    const to = await chosenVersion(options.to ?? '~0', versions, read);
    const compared = await comparedVersions(place, from, to);
    const lines = [
      versionText('From', compared.from),
      versionText('To  ', compared.to),
      '',
      stateDiffText(compared.diff, io.color),
    ];
    return {
      exitCode: 0,
      document: (run) =>
        stateDiffDocument(run, name, versionName(compared.from), versionName(compared.to), compared.diff),
      text: () => `${lines.join('\n')}\n`,
      cost: true,
    };
  });
}

/** Two versions with what is in them, and their difference. Throws a CrcError for what is no readable state. */
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
  throw new CrcError(
    unreadable?.content.kind === 'encrypted'
      ? `The version ${unreadable.versionId} is encrypted by OpenTofu, and cannot be compared.`
      : `The version ${unreadable?.versionId} is not a readable state.`,
    { hint: '`crc state history` shows which versions are.' },
  );
}

export function versionText(label: string, version: StateVersion): string {
  const serial = serialOf(version);
  const shown = serial === null ? '' : `serial ${serial}, `;
  return `${label}  ${shown}written ${timeText(new Date(version.modified).toISOString())}, version ${version.versionId}`;
}
