import { isDeepStrictEqual } from 'node:util';
import { Blocked, Waiting } from '../engine/apply.ts';
import type { RemovalResult } from '../engine/outcome.ts';
import { foresee, planRemoval, type RemovalPlan, refuseRemovals, removeAll } from '../engine/remove.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { askLine } from '../ui/confirm.ts';
import { foreign } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { removalDocument } from '../ui/json.ts';
import { printErr, printOut } from '../ui/print.ts';
import { type RemovalOutcomeView, type RemovalView, removalOutcomeText, removalText } from '../ui/removal.ts';
import { headText } from '../ui/text.ts';
import type { RunView } from '../ui/view.ts';
import { canAsk } from './can-ask.ts';
import { agree } from './consent.ts';
import type { DestroyOptions } from './definitions/destroy.ts';
import { type Ending, withSession } from './frame.ts';
import { afterDestroy, afterInventory, removalLine, whenDenied } from './next.ts';
import type { Session } from './session.ts';
import { fatalError, inventoryStatus, removalStatus } from './status.ts';
import { asCrcError } from './views.ts';

/**
 * Deletes everything that crc created, or what is no longer in the config. 0 if everything is deleted except what may
 * be kept; 1 if anything is blocked, failed or could not be read.
 */
export async function destroy(options: DestroyOptions, io: Io): Promise<number> {
  return await withSession(
    {
      command: 'destroy',
      options,
      io,
      toWrite: false,
      deleteState: options.deleteState ?? false,
      removesOrphans: options.orphans,
      check: ({ stateBucket }) => checkConsent(options, stateBucket.name, io),
    },
    async (session) => (options.dryRun ? await dryRun(session, options, io) : await remove(session, options, io)),
  );
}

async function dryRun(session: Session, options: DestroyOptions, io: Io): Promise<Ending> {
  const views = viewsOf(await inventory(session), session);
  const status = inventoryStatus(views);
  return {
    exitCode: status === 'failed' ? 1 : 0,
    document: (run) => removalDocument(run, status, views),
    text: (run) => inventoryText(session, run, views, options, io),
    cost: true,
    next: afterInventory(views, options),
  };
}

async function remove(session: Session, options: DestroyOptions, io: Io): Promise<Ending> {
  const agreed = await agreedInventory(session, options, io);
  const { progress, users: readOnly, signal } = session;
  const results = agreed.refused ?? (await removeAll(agreed.plan, { report: progress.report, signal, readOnly }));
  const outcomes = outcomesOf(results, agreed.plan, removalLine(options));
  const status = removalStatus(outcomes);
  return {
    exitCode: status === 'failed' ? 1 : 0,
    document: (run) => removalDocument(run, status, viewsOf(agreed, session), outcomes),
    text: () =>
      `\n${removalOutcomeText(outcomes, { color: io.color, interrupted: signal.aborted, command: removalLine(options) })}\n`,
    cost: true,
    next: status === 'failed' ? whenDenied('destroy', outcomes) : afterDestroy(outcomes, options, io),
  };
}

/** What removing everything would do. */
interface Inventory {
  readonly plan: RemovalPlan;
  /** What would happen to each resource if every call succeeded. */
  readonly foreseen: readonly RemovalResult[];
  /** The results if an error puts the whole run in doubt: nothing at all may be deleted then. */
  readonly refused: readonly RemovalResult[] | undefined;
}

async function inventory({ planRemoval: ofAll, progress, users, signal }: Session): Promise<Inventory> {
  const plan = await ofAll((resources) => planRemoval(resources, progress.report, signal));
  progress.stop();
  const refused = fatalError(plan) === undefined ? undefined : refuseRemovals(plan, users);
  return { plan, refused, foreseen: refused ?? (await foresee(plan, users)) };
}

/** The confirmed inventory: exactly what was confirmed is deleted. */
async function agreedInventory(session: Session, options: DestroyOptions, io: Io): Promise<Inventory> {
  const bucket = session.config.stateBucket.name;
  return await agree<Inventory>(
    {
      plan: () => inventory(session),
      isEmpty: ({ foreseen }) => !foreseen.some(({ outcome }) => outcome === 'removed'),
      isSame: (now, agreed) => isDeepStrictEqual(comparable(now), comparable(agreed)),
      async show(seen, { again, asked }) {
        if (again) session.progress.line('The account has changed since. This is the inventory now:');
        if (!options.json) await show(session, viewsOf(seen, session), { ...options, asked }, io);
      },
      async ask() {
        const question = options.orphans
          ? `Type the name of the state bucket (${bucket}), which is kept, to delete all of this:`
          : `Type the bucket's name (${bucket}) to delete all of this:`;
        const typed = await session.asking(() => askLine(question, session.signal));
        if (typed === '') throw new Cancelled();
        if (typed === bucket) return;
        throw new CrcError('Nothing was removed: that is not the name of the bucket.', {
          hint: confirmHint(bucket, options),
        });
      },
      isAnswered: async () => options.confirm === bucket,
      hint: confirmHint(bucket, options),
    },
    io,
    options,
  );
}

interface ShowOptions extends DestroyOptions {
  readonly asked: boolean;
}

async function show(
  session: Session,
  views: readonly RemovalView[],
  { asked, ...options }: ShowOptions,
  io: Io,
): Promise<void> {
  const text = inventoryText(session, session.run(), views, options, io);
  await printOut(io, text);
  // The user must see what the prompt is about, even if stdout is a file.
  if (asked && io.outColumns === undefined) await printErr(io, text);
}

function inventoryText(
  { config }: Session,
  run: RunView,
  views: readonly RemovalView[],
  { orphans }: DestroyOptions,
  io: Io,
): string {
  const inventory =
    orphans && views.length === 0 ? 'All resources of this project are in the config.' : removalText(views, io.color);
  // Configs that share a state bucket are one project by default, and crc sees only this one.
  const caution =
    orphans && views.some(({ what }) => what === 'goes')
      ? `\nIf another config has the project ${foreign(config.project)} too, check that it does not name these. --only limits what is deleted.\n`
      : '';
  return `${headText(run, io.color)}\n\n${inventory}\n${caution}`;
}

/** What the user confirmed: the verdict on each resource, and exactly what will be deleted. */
function comparable({ plan, foreseen }: Inventory): object {
  const removals = plan.map(({ resource: { id }, removal, error }) => ({
    id,
    exists: removal !== undefined,
    unread: error !== undefined,
    notes: removal?.notes,
    snapshot: removal?.snapshot,
  }));
  return { removals, foreseen: foreseen.map(({ id, outcome, why }) => ({ id, outcome, why })) };
}

/** Checks the flags that give consent to delete: a config alone is not consent. */
function checkConsent({ confirm, dryRun, json = false, ...options }: DestroyOptions, bucket: string, io: Io): void {
  if (options.orphans && options.deleteState) {
    throw new CrcError('Nothing was removed: --delete-state and --orphans cannot be used together.', {
      hint: '--orphans never deletes the state bucket. Pass only one of them.',
    });
  }
  if (dryRun || confirm === bucket || (confirm === undefined && canAsk(io, { json }))) return;
  throw new CrcError(
    confirm === undefined
      ? 'Nothing was removed: crc cannot ask for confirmation here.'
      : `Nothing was removed: --confirm says "${confirm}", and the bucket is ${bucket}.`,
    { hint: confirmHint(bucket, options) },
  );
}

function confirmHint(bucket: string, options: Omit<DestroyOptions, 'dryRun'>): string {
  return `Pass --confirm ${bucket} to delete without a prompt. \`crc ${removalLine(options)} --dry-run\` shows what would be deleted.`;
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
    const result = foreseen.find((outcome) => outcome.id === id);
    if (result === undefined || users.has(id)) return [];
    const view = { id, type, name, notes: [] };
    if (error !== undefined) return [{ ...view, what: 'unread', error: asCrcError(error, name) }];
    // Not started: its outcome is unknown because something else could not be read.
    if (result.outcome === 'not-started')
      return [{ ...view, what: 'held', why: 'nothing was deleted because of an error' }];
    const what = WHAT[result.outcome];
    // They list what is deleted with it.
    const notes = what === 'goes' ? (removal?.notes ?? []) : [];
    return [{ ...view, what, why: result.why, notes }];
  });
}

function outcomesOf(
  results: readonly RemovalResult[],
  plan: RemovalPlan,
  command: string,
): readonly RemovalOutcomeView[] {
  return results.map(({ id, outcome, error }) => ({
    id,
    outcome,
    waits: error instanceof Waiting,
    error:
      error === undefined
        ? undefined
        : removalError(
            error,
            plan.find(({ resource }) => resource.id === id),
            command,
          ),
  }));
}

function removalError(error: unknown, planned: RemovalPlan[number] | undefined, command: string): CrcError {
  if (!(error instanceof Blocked)) return asCrcError(error, planned?.resource.name);
  return new CrcError(error.message, { hint: `Fix this and rerun \`crc ${command}\`.`, cause: error });
}
