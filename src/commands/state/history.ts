import { CrcError } from '../../errors.ts';
import { contentsOf } from '../../terraform/state/history.ts';
import type { Io } from '../../ui/io.ts';
import { stateHistoryDocument, stateHistoryText } from '../../ui/state-versions.ts';
import type { StateHistoryOptions } from '../definitions/state-history.ts';
import { workspaceOf } from '../workspace.ts';
import { chosenState, existingVersions } from './place.ts';
import { versionView } from './views.ts';
import { withStates } from './with-states.ts';

/** Lists all versions of one state. */
export async function stateHistory(options: StateHistoryOptions, io: Io): Promise<number> {
  const workspace = workspaceOf(options.workspace);
  const limit = limitOf(options.limit);
  return await withStates({ command: 'state history', options, io }, async ({ config, progress }, place) => {
    const name = chosenState(config, options.key, workspace);
    const versions = await existingVersions(place, name, config);
    const read = await contentsOf(place, versions.slice(0, limit), progress.count);
    const views = read.map(versionView);
    return {
      exitCode: 0,
      document: (run) => stateHistoryDocument(run, name, views),
      text: () => `${stateHistoryText(name, views, { color: io.color, columns: io.outColumns })}\n`,
      cost: true,
    };
  });
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CrcError(`--limit: "${text}" must be a whole number from 1.`, { hint: 'For example `--limit 20`.' });
}
