import { chosenVersion, contentsReader } from '../../terraform/state/history.ts';
import type { Io } from '../../ui/io.ts';
import { stateDiffDocument, stateDiffText } from '../../ui/state-versions.ts';
import type { StateDiffOptions } from '../definitions/state-diff.ts';
import { comparedVersions, versionText } from './compared.ts';
import { chosenState, existingVersions, workspaceOf } from './place.ts';
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
