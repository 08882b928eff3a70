import { stateIn } from '../../terraform/state/content.ts';
import { chosenVersion, contentsReader, type StateVersion } from '../../terraform/state/history.ts';
import type { Version } from '../../terraform/state/versions.ts';
import type { Io } from '../../ui/io.ts';
import { stateDiffDocument, stateDiffText } from '../../ui/state-versions.ts';
import type { StateDiffOptions } from '../definitions/state-diff.ts';
import { workspaceOf } from '../workspace.ts';
import { comparedVersions, UnreadableVersion, versionText } from './compared.ts';
import { chosenState, existingVersions } from './place.ts';
import { versionName } from './views.ts';
import { withStates } from './with-states.ts';

/** Shows what changed between two versions of a state. */
export async function stateDiff(options: StateDiffOptions, io: Io): Promise<number> {
  const workspace = workspaceOf(options.workspace);
  return await withStates({ command: 'state diff', options, io }, async ({ config, progress }, place) => {
    const name = chosenState(config, options.key, workspace);
    const versions = await existingVersions(place, name, config);
    const read = contentsReader(place, progress.count);
    const from = await chosenVersion(options.from ?? '~1', versions, read);
    const to = await chosenVersion(options.to ?? '~0', versions, read);
    const compared = await comparedVersions(place, from, to).catch(async (error: unknown) => {
      // After restoring past a broken version, the version before the newest is the broken one.
      const isDefault = options.from === undefined && error instanceof UnreadableVersion;
      if (!isDefault || error.versionId !== from.versionId) throw error;
      const earlier = await newestReadable(versions.slice(versions.indexOf(from) + 1), read);
      if (earlier === undefined) throw error;
      return await comparedVersions(place, earlier, to);
    });
    const lines = [
      versionText('From', compared.from),
      versionText('To  ', compared.to),
      ...(compared.from.versionId === from.versionId
        ? []
        : [`The version ${from.versionId} between them is not a readable state.`]),
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

/** The newest readable state in `versions`, tried in order: it is usually the first. */
async function newestReadable(
  versions: readonly Version[],
  read: (versions: readonly Version[]) => Promise<readonly StateVersion[]>,
): Promise<StateVersion | undefined> {
  for (const version of versions.filter(({ marker }) => !marker)) {
    const [withContent] = await read([version]);
    if (stateIn(withContent?.content) !== undefined) return withContent;
  }
  return undefined;
}
