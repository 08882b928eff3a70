import { CrcError } from '../../errors.ts';
import { contentsOf } from '../../terraform/state/history.ts';
import type { Io } from '../../ui/io.ts';
import { stateHistoryDocument, stateHistoryText } from '../../ui/states.ts';
import { costText } from '../../ui/text.ts';
import type { StateHistoryOptions } from '../definitions/state-history.ts';
import { chosenState, existingVersions, statePlace } from './place.ts';
import { versionView } from './views.ts';
import { withStates } from './with-states.ts';

/** Lists all versions of one state. */
export async function stateHistory(options: StateHistoryOptions, io: Io): Promise<number> {
  const limit = limitOf(options.limit);
  return await withStates('state history', options, io, async ({ connection, interruption }) => {
    const name = chosenState(connection.config, options.key, options.workspace);
    const place = await statePlace(connection, interruption);
    const versions = await existingVersions(place, name);
    const read = await contentsOf(place, versions.slice(0, limit));
    await connection.identity();
    connection.progress.stop();
    const run = connection.run();
    if (options.json) io.out(`${stateHistoryDocument(run, name, read.map(versionView))}\n`);
    else {
      io.out(`${stateHistoryText(name, read.map(versionView), io.color)}\n`);
      io.err(`${costText(run)}\n`);
    }
    return 0;
  });
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CrcError(`--limit: "${text}" must be a whole number from 1.`, { hint: 'For example `--limit 20`.' });
}
