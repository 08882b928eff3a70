import { listStates } from '../../terraform/state/list.ts';
import type { Io } from '../../ui/io.ts';
import { stateListDocument, stateListText } from '../../ui/states.ts';
import { costText } from '../../ui/text.ts';
import type { StateListOptions } from '../definitions/state-list.ts';
import { declaredKeys, statePlace } from './place.ts';
import { stateView } from './views.ts';
import { withStates } from './with-states.ts';

/** Lists all states in the bucket. */
export async function stateList(options: StateListOptions, io: Io): Promise<number> {
  return await withStates('state list', options, io, async ({ connection, interruption }) => {
    const place = await statePlace(connection, interruption);
    const { states } = await listStates(place, { declared: declaredKeys(connection.config) });
    const views = states.filter(({ deleted }) => !deleted).map(stateView);
    const deleted = states
      .filter((state) => state.deleted)
      .map(({ key, workspace, versions }) => ({ key, workspace, versions }));
    await connection.identity();
    connection.progress.stop();
    const run = connection.run();
    if (options.json) io.out(`${stateListDocument(run, views, deleted)}\n`);
    else {
      io.out(`${stateListText(views, deleted, io.color)}\n`);
      io.err(`${costText(run)}\n`);
    }
    return 0;
  });
}
