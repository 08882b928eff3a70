import { enumerated } from '../enumerated.ts';
import { BackOff } from './back-off.ts';
import { inTurn } from './concurrency.ts';
import { Interrupted, isInterruption } from './interrupted.ts';
import { isIncomplete, type Outcome, type Report, type Result } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { Change, Finding, Work } from './types.ts';

/** How long, in milliseconds, a write may take until every read shows it (IAM and S3 are eventually consistent). */
const CONSISTENCY_DEADLINE = 30_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 2_000;

export interface ApplyOptions {
  readonly report: Report;
  /** When aborted, no further call is started; calls in progress finish. */
  readonly signal: AbortSignal;
  /** Ids that are in the plan only because others need them: never written. */
  readonly readOnly?: ReadonlySet<string>;
  /** Milliseconds after which a write that no read shows counts as failed. */
  readonly deadline?: number;
}

/** A resource was not written, and why. */
export class Blocked extends Error {}

/** It waits for others, which need attention first. Nothing else is wrong with it. */
export class Waiting extends Blocked {}

/** It needs others, which this run does not write. */
export class Unselected extends Blocked {
  readonly ids: readonly string[];
  constructor(message: string, ids: readonly string[]) {
    super(message);
    this.ids = ids;
  }
}

/**
 * It has something that is not in the config, which crc removes only with consent. Everything else about it is in sync.
 */
export class Unlisted extends Blocked {}

/** After the deadline, reads still differ from what was written. */
export class NotConverged extends Error {
  constructor(paths: readonly string[]) {
    super(
      paths.length === 0
        ? 'AWS accepted the changes, but does not return the resource'
        : `AWS accepted the changes, but still returns other values for: ${paths.join(', ')}`,
    );
  }
}

/**
 * Carries out a plan in the order of `needs`, and independent resources in parallel. If a resource fails, only its
 * dependents are stopped. Never throws because of a response from AWS. Returns one result per resource, in the plan's
 * order.
 */
export async function apply(plan: Plan, options: ApplyOptions): Promise<readonly Result[]> {
  const running = new Map<string, Promise<Done>>();
  const byId = new Map(plan.map((finding) => [finding.id, finding]));
  const turn = inTurn();
  const start = (finding: Finding): Promise<Done> => {
    const { id, needs } = finding;
    const known = running.get(id);
    if (known !== undefined) return known;
    const promise = (async () => {
      const needed = await Promise.all(
        needs.flatMap((need) => {
          const other = byId.get(need);
          return other === undefined ? [] : [start(other)];
        }),
      );
      const done = await turn(() => applyOne(finding, needed, options));
      if (!options.readOnly?.has(id)) options.report({ kind: 'written', result: done.result });
      return done;
    })();
    running.set(id, promise);
    return promise;
  };
  const done = await Promise.all(plan.map(start));
  return done.map(({ result }) => result).filter(({ id }) => !options.readOnly?.has(id));
}

/** The results of a plan that has changes but must not be applied at all. */
export function refuseAll(plan: Plan, readOnly?: ReadonlySet<string>): readonly Result[] {
  return plan
    .filter(({ id }) => !readOnly?.has(id))
    .map(({ id, status, changes, error }) => {
      if (status === 'unread') return { id, outcome: 'failed', error };
      if (status === 'conflict') return { id, outcome: 'blocked', error: conflictOf(changes) };
      return { id, outcome: status === 'in-sync' ? 'unchanged' : 'not-started' };
    });
}

/**
 * `usable`: the resource's facts are as wanted, so its dependents may continue even if something else about it is
 * incomplete.
 */
interface Done {
  readonly result: Result;
  readonly usable: boolean;
}

async function applyOne(finding: Finding, needed: readonly Done[], options: ApplyOptions): Promise<Done> {
  const { id, status, work, error } = finding;
  const end = (outcome: Outcome, error?: unknown, usable = !isIncomplete(outcome)): Done => ({
    result: { id, outcome, error },
    usable,
  });
  const inPlace = (outcome: Outcome, { address }: Finding): Done => ({
    result: { id, outcome, address },
    usable: true,
  });

  if (status === 'unread') return isInterruption(error) ? end('not-started') : end('failed', error);
  if (status === 'in-sync') return inPlace('unchanged', finding);
  // This run does not write those that are not selected, so what needs them waits in vain, whatever they need themselves.
  const missing = needed.filter(({ usable }) => !usable).map(({ result }) => result);
  const unselected = new Set(
    missing.flatMap((need) =>
      options.readOnly?.has(need.id) ? [need.id, ...(need.error instanceof Unselected ? need.error.ids : [])] : [],
    ),
  );
  if (options.readOnly?.has(id)) return end('blocked', new Unselected('it is not selected', [...unselected]));
  if (work === undefined) return end('blocked', conflictOf(finding.changes));
  if (options.signal.aborted) return end('not-started');
  if (missing.length > 0) {
    const are = missing.length === 1 ? 'is' : 'are';
    const why = `needs ${enumerated(missing.map((need) => need.id))}, which ${are} not ready`;
    return end('blocked', unselected.size > 0 ? new Unselected(why, [...unselected]) : new Waiting(why));
  }

  try {
    const { wrote, now } = await converge(finding, work, options);
    if (work.kept !== undefined) return end('blocked', leftAsIs(work.kept, wrote), true);
    return inPlace(status === 'absent' ? 'created' : 'updated', now);
  } catch (error) {
    return end(error instanceof Conflicted ? 'blocked' : 'failed', error);
  }
}

/** After planning, a resource turned out to conflict with the plan. */
class Conflicted extends Blocked {}

function conflictOf(changes: readonly Change[]): Blocked {
  const pathsOf = new Map<string, readonly string[]>();
  for (const change of changes) {
    if (change.kind === 'conflict') pathsOf.set(change.why, [...(pathsOf.get(change.why) ?? []), change.path]);
  }
  const reasons = [...pathsOf].map(([why, paths]) => `${subjectOf(paths)}: ${why}`);
  return new Blocked(reasons.join('; '));
}

/** `encryption` for `encryption.algorithm` and `encryption.key`: the leaves of a fact share one reason. */
function subjectOf(paths: readonly string[]): string {
  const facts = paths.length === 1 ? paths : paths.map((path) => path.split('.', 1)[0]);
  return [...new Set(facts)].join(', ');
}

function leftAsIs(kept: string, wrote: boolean): Unlisted {
  const subject = wrote ? 'everything else is up to date, but it' : 'it';
  return new Unlisted(`${subject} has ${kept}; add it to the config, or remove it with \`crc bootstrap --prune\``);
}

/** Creates the resource, sets what differs, removes what may be removed, and reads it until it matches. */
async function converge(
  planned: Finding,
  work: Work,
  options: ApplyOptions,
): Promise<{ readonly wrote: boolean; readonly now: Finding }> {
  const { report, signal } = options;
  const { id } = planned;
  let finding = planned;
  // Whether there is a write that no read has confirmed yet.
  let wrote = false;
  if (planned.status === 'absent') {
    checkpoint(signal);
    report({ kind: 'writing', id, what: 'create' });
    const created = await work.create();
    wrote = created !== undefined;
    // A read shows what the creation did not set, so a resource left incomplete by a killed run is simply drifted.
    finding =
      created ??
      (await readUntil(
        work,
        ({ status }) => status !== 'absent' && status !== 'conflict',
        options,
        (late) => conflictIn(late) ?? notConverged(late),
      ));
  }
  for (const step of finding.work?.steps ?? []) {
    checkpoint(signal);
    report({ kind: 'writing', id, what: step.what });
    await step.run();
    wrote = true;
  }
  if (!wrote) return { wrote, now: finding };
  return { wrote, now: await readUntil(work, isConverged, options, notConverged) };
}

/** Whether nothing is left to write, except for removals without consent. */
function isConverged({ status, work }: Finding): boolean {
  return status === 'in-sync' || (status === 'drifted' && work?.steps.length === 0);
}

/**
 * The conflict if another user or process created the resource after the plan was made. A read may also return a new
 * resource before its tags are visible, so a conflict only counts if it persists.
 */
function conflictIn({ status, changes }: Finding): Conflicted | undefined {
  return status === 'conflict' ? new Conflicted(conflictOf(changes).message) : undefined;
}

async function readUntil(
  work: Work,
  isDone: (finding: Finding) => boolean,
  options: ApplyOptions,
  tooLate: (finding: Finding) => Error,
): Promise<Finding> {
  const { signal, deadline = CONSISTENCY_DEADLINE } = options;
  const backOff = new BackOff({ first: FIRST_PAUSE, longest: LONGEST_PAUSE, signal });
  for (;;) {
    checkpoint(signal);
    const finding = await work.again();
    if (isDone(finding)) return finding;
    if (backOff.elapsed + backOff.next > deadline) throw tooLate(finding);
    // When stopped, the pause ends immediately.
    await backOff.pause().catch(() => checkpoint(signal));
  }
}

function notConverged({ changes }: Finding): NotConverged {
  const paths = changes.flatMap((change) => ('path' in change ? [change.path] : []));
  return new NotConverged([...new Set(paths)]);
}

function checkpoint(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted('stopped before it was finished');
}
