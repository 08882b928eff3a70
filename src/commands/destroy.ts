import { isDeepStrictEqual } from 'node:util';
import { Blocked } from '../engine/apply.ts';
import { foresee, planRemoval, type RemovalPlan, refuseRemovals, removeAll } from '../engine/remove.ts';
import { isIncomplete, type RemovalResult } from '../engine/types.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { askLine } from '../ui/confirm.ts';
import type { Io } from '../ui/io.ts';
import { type RunStatus, removalDocument } from '../ui/json.ts';
import { type RemovalOutcomeView, type RemovalView, removalOutcomeText, removalText } from '../ui/removal.ts';
import { costText, headText } from '../ui/text.ts';
import { canAsk } from './can-ask.ts';
import { agree } from './consent.ts';
import type { DestroyOptions } from './definitions/destroy.ts';
import { withInterruption } from './interruption.ts';
import { asCrcError, openSession, type Session } from './session.ts';

/**
 * Deletes all that crc created. 0 when everything is gone but what may stay; 1 when anything is held, failed or could not be
 * read.
 */
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
    try {
      if (options.dryRun) {
        const views = viewsOf(await inventory(session, signal), session);
        if (!options.json) show(session, views, false, io);
        return finish(session, views, undefined, options, io);
      }
      const agreed = await agreedInventory(session, options, io, signal);
      const { progress, users: readOnly } = session;
      const results = agreed.refused ?? (await removeAll(agreed.plan, { report: progress.report, signal, readOnly }));
      progress.stop();
      return finish(session, viewsOf(agreed, session), outcomesOf(results, agreed.plan), options, io);
    } finally {
      session.progress.stop();
    }
  });
}

/** What the removal of everything means. */
interface Inventory {
  readonly plan: RemovalPlan;
  /** What would become of each resource, if every call succeeded. */
  readonly foreseen: readonly RemovalResult[];
  /** The results, where an error puts the whole run in doubt: nothing at all may be deleted then. */
  readonly refused: readonly RemovalResult[] | undefined;
}

async function inventory({ planRemoval: ofAll, progress, users }: Session, signal: AbortSignal): Promise<Inventory> {
  const plan = await ofAll((resources) => planRemoval(resources, progress.report, signal));
  progress.stop();
  const fatal = plan.some(({ error }) => error instanceof CrcError && error.fatal);
  const refused = fatal ? refuseRemovals(plan, users) : undefined;
  return { plan, refused, foreseen: refused ?? (await foresee(plan, users)) };
}

/** The inventory that the user agreed to: what was agreed to is what is deleted. */
async function agreedInventory(
  session: Session,
  options: DestroyOptions,
  io: Io,
  signal: AbortSignal,
): Promise<Inventory> {
  const bucket = session.config.stateBucket.name;
  return await agree<Inventory>(
    {
      plan: () => inventory(session, signal),
      isEmpty: ({ foreseen }) => !foreseen.some(({ outcome }) => outcome === 'removed'),
      isSame: (now, agreed) => isDeepStrictEqual(comparable(now), comparable(agreed)),
      show(seen, { again, asked }) {
        if (again) session.progress.line('The account has changed since. This is the inventory now:');
        if (!options.json) show(session, viewsOf(seen, session), asked, io);
      },
      async ask() {
        const question = `Type the bucket's name (${bucket}) to delete all this for good:`;
        const typed = await session.asking(() => askLine(question, signal));
        if (typed === '') throw new Cancelled();
        if (typed === bucket) return;
        throw new CrcError('Nothing was removed: that is not the name of the bucket.', { hint: confirmHint(bucket) });
      },
      isAnswered: async () => options.confirm === bucket,
      hint: confirmHint(bucket),
    },
    io,
    options,
  );
}

function show(session: Session, views: readonly RemovalView[], asked: boolean, io: Io): void {
  const text = `${headText(session.run(), io.color)}\n\n${removalText(views, io.color)}\n`;
  io.out(text);
  // Who is asked must see what about, even if stdout is a file.
  if (asked && io.outColumns === undefined) io.err(text);
}

/** What a person agreed to: the verdict on each resource, and what exactly goes. */
function comparable({ plan, foreseen }: Inventory): object {
  const removals = plan.map(({ resource: { id }, removal, error }) => ({
    id,
    found: removal !== undefined,
    unread: error !== undefined,
    notes: removal?.notes,
    snapshot: removal?.snapshot,
  }));
  return { removals, foreseen: foreseen.map(({ id, outcome, why }) => ({ id, outcome, why })) };
}

/** The config is no consent to delete anything. */
function checkConsent({ confirm, dryRun, json = false }: DestroyOptions, bucket: string, io: Io): void {
  if (dryRun || confirm === bucket || (confirm === undefined && canAsk(io, { json }))) return;
  throw new CrcError(
    confirm === undefined
      ? 'Nothing was removed: crc cannot ask for confirmation here.'
      : `Nothing was removed: --confirm says "${confirm}", and the bucket is ${bucket}.`,
    { hint: confirmHint(bucket) },
  );
}

function confirmHint(bucket: string): string {
  return `Pass --confirm ${bucket} to delete without a prompt. \`crc destroy --dry-run\` shows what would be deleted.`;
}

function finish(
  session: Session,
  views: readonly RemovalView[],
  outcomes: readonly RemovalOutcomeView[] | undefined,
  { json }: DestroyOptions,
  io: Io,
): number {
  const status = statusOf(views, outcomes);
  const run = session.run();
  if (json) io.out(`${removalDocument(run, status, views, outcomes)}\n`);
  else {
    if (outcomes !== undefined) io.out(`\n${removalOutcomeText(outcomes, io.color)}\n`);
    io.err(`${costText(run)}\n`);
  }
  return status === 'failed' ? 1 : 0;
}

function statusOf(views: readonly RemovalView[], outcomes: readonly RemovalOutcomeView[] | undefined): RunStatus {
  if (outcomes !== undefined) {
    return outcomes.some(({ outcome }) => isIncomplete(outcome)) ? 'failed' : 'converged';
  }
  if (views.some(({ what }) => what === 'unread' || what === 'held')) return 'failed';
  return views.some(({ what }) => what === 'goes') ? 'changes' : 'in-sync';
}

const WHAT = {
  removed: 'goes',
  absent: 'absent',
  kept: 'stays',
  blocked: 'held',
  failed: 'unread',
} as const;

function viewsOf({ plan, foreseen }: Inventory, { users }: Session): readonly RemovalView[] {
  return plan.flatMap(({ resource, removal, error }): readonly RemovalView[] => {
    const { id, type, name } = resource;
    const result = foreseen.find((one) => one.id === id);
    if (result === undefined || users.has(id)) return [];
    const view = { id, type, name, notes: removal?.notes ?? [] };
    if (error !== undefined) return [{ ...view, what: 'unread', error: asCrcError(error, resource) }];
    // Not started: what would become of it is not known, since something else could not be read.
    if (result.outcome === 'not-started')
      return [{ ...view, what: 'held', why: 'nothing is deleted because of an error' }];
    return [{ ...view, what: WHAT[result.outcome], ...(result.why === undefined ? {} : { why: result.why }) }];
  });
}

function outcomesOf(results: readonly RemovalResult[], plan: RemovalPlan): readonly RemovalOutcomeView[] {
  return results.map(({ id, outcome, error }) => ({
    id,
    outcome,
    error:
      error === undefined
        ? undefined
        : removalError(
            error,
            plan.find(({ resource }) => resource.id === id),
          ),
  }));
}

function removalError(error: unknown, planned: RemovalPlan[number] | undefined): CrcError {
  if (!(error instanceof Blocked)) return asCrcError(error, planned?.resource);
  return new CrcError(error.message, { hint: 'Resolve this, and run crc destroy again.', cause: error });
}
