import { listStates } from '../../terraform/state/list.ts';
import type { Io } from '../../ui/io.ts';
import { stateListDocument, stateListText } from '../../ui/states.ts';
import type { StateListOptions } from '../definitions/state-list.ts';
import { declaredKeys } from './place.ts';
import { locksWithoutState, stateView } from './views.ts';
import { withStates } from './with-states.ts';

/** Lists all states in the bucket. */
export async function stateList(options: StateListOptions, io: Io): Promise<number> {
  return await withStates({ command: 'state list', options, io }, async ({ config, progress }, place) => {
    const { states, otherLocks } = await listStates(place, { declared: declaredKeys(config), report: progress.count });
    const locks = locksWithoutState(
      [...otherLocks, ...states.filter((state) => state.deleted).flatMap((state) => state.locks)],
      { bucket: place.bucket.Bucket, prefixes: place.prefixes },
    );
    const views = states.filter(({ deleted }) => !deleted).map(stateView);
    const deleted = states
      .filter((state) => state.deleted)
      .map(({ key, workspace, versions }) => ({ key, workspace, versions }));
    return {
      exitCode: 0,
      document: (run) => stateListDocument(run, { states: views, deleted, locks }),
      text: () => `${stateListText({ states: views, deleted, locks }, { color: io.color, columns: io.outColumns })}\n`,
      cost: true,
    };
  });
}
