import { planRemoval, type RemovalPlan, removeAll } from '../engine/remove.ts';
import { isIncomplete, type RemovalResult } from '../engine/types.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { askLine } from '../ui/confirm.ts';
import type { Io } from '../ui/io.ts';
import { removalDocument } from '../ui/json.ts';
import { type RemovalView, removalOutcomeText, removalText } from '../ui/removal.ts';
import { costText, headText } from '../ui/text.ts';
import { canAsk } from './consent.ts';
import { withInterruption } from './interruption.ts';
import type { GlobalOptions } from './options.ts';
import { asCrcError, openSession, type Session } from './session.ts';

export interface DestroyOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  /** The bucket's name, typed as consent. */
  readonly confirm?: string;
  readonly deleteState?: boolean;
}

/** Removes all that crc made. 0 when everything that should go is gone; 1 when anything is held, failed or could not be read. */
export async function destroy(options: DestroyOptions, io: Io): Promise<number> {
  return await withInterruption(io, async (signal) => {
    const session = await openSession({
      command: 'destroy',
      options,
      withNeeds: false,
      deleteState: options.deleteState ?? false,
      check: ({ stateBucket }) => checkConsent(options, stateBucket.name, io),
      io,
      signal,
    });
    const { progress, config } = session;
    const bucket = config.stateBucket.name;
    try {
      const plan = await session.planRemoval((resources) => planRemoval(resources, progress.report, signal));
      progress.stop();
      const views = plan.filter(({ resource }) => !session.users.has(resource.id)).map(viewOf);
      if (!options.json) io.out(`${headText(session.run(), io.color)}\n\n${removalText(views, io.color)}\n`);
      if (options.dryRun) return finish(session, views, undefined, options, io);
      if (options.confirm === undefined && views.some(({ what }) => what === 'goes')) {
        const question = `Type the bucket's name (${bucket}) to remove all this for ever:`;
        const typed = await session.asking(() => askLine(question, signal));
        if (typed === '') throw new Cancelled();
        if (typed !== bucket) {
          throw new CrcError('Nothing was removed: that is not the name of the bucket.', {
            hint: `crc destroy --confirm ${bucket} does not ask.`,
          });
        }
      }
      const results = await removeAll(plan, { report: progress.report, signal, readOnly: session.users });
      progress.stop();
      return finish(session, views, toOutcomes(results, plan), options, io);
    } finally {
      progress.stop();
    }
  });
}

/** The config is no consent to remove anything. */
function checkConsent({ confirm, dryRun, json = false }: DestroyOptions, bucket: string, io: Io): void {
  if (dryRun) return;
  if (confirm === undefined && canAsk(io, { json })) return;
  if (confirm === bucket) return;
  throw new CrcError(
    confirm === undefined
      ? 'Nothing was removed, since nobody could be asked.'
      : `Nothing was removed: --confirm says "${confirm}", and the bucket is ${bucket}.`,
    { hint: `Look first: crc destroy --dry-run. Then: crc destroy --confirm ${bucket}` },
  );
}

interface Outcome {
  readonly id: string;
  readonly outcome: RemovalResult['outcome'];
  readonly error?: CrcError | undefined;
}

function finish(
  session: Session,
  views: readonly RemovalView[],
  outcomes: readonly Outcome[] | undefined,
  { json }: DestroyOptions,
  io: Io,
): number {
  const unread = views.some(({ what }) => what === 'unread');
  const failed = outcomes?.some(({ outcome }) => isIncomplete(outcome)) ?? unread;
  const goes = views.some(({ what }) => what === 'goes' || what === 'held');
  const status = failed ? 'failed' : outcomes === undefined ? (goes ? 'changes' : 'in-sync') : 'converged';
  const run = session.run();
  if (json) io.out(`${removalDocument(run, status, views, outcomes)}\n`);
  else {
    if (outcomes !== undefined) io.out(`\n${removalOutcomeText(outcomes, io.color)}\n`);
    io.err(`${costText(run)}\n`);
  }
  return failed ? 1 : 0;
}

function viewOf({ resource: { id, type, name }, removal, error, resource }: RemovalPlan[number]): RemovalView {
  const view = { id, type, name, notes: removal?.notes ?? [] };
  if (error !== undefined) return { ...view, what: 'unread', error: asCrcError(error, resource) };
  if (removal === undefined) return { ...view, what: 'absent' };
  if (removal.stays !== undefined) return { ...view, what: 'stays', why: removal.stays };
  return removal.held === undefined ? { ...view, what: 'goes' } : { ...view, what: 'held', why: removal.held };
}

function toOutcomes(results: readonly RemovalResult[], plan: RemovalPlan): readonly Outcome[] {
  return results.map(({ id, outcome, error }) => ({
    id,
    outcome,
    error:
      error === undefined ? undefined : asCrcError(error, plan.find(({ resource }) => resource.id === id)?.resource),
  }));
}
