import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn } from './concurrency.ts';
import { Interrupted, isInterruption } from './interrupted.ts';
import { changesOf, type Plan, type Planned } from './plan.ts';
import type { Inspection, Resource } from './resource.ts';
import { type Consent, type Extra, isIncomplete, type Outcome, type Report, type Result } from './types.ts';

/** How long, in milliseconds, a write may take until every read shows it (IAM and S3 are eventually consistent). */
const CONSISTENCY_DEADLINE = 30_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 2_000;

export interface ApplyOptions {
  readonly consent: Consent;
  readonly report: Report;
  /** Aborted: no call is started any more; those in progress end. */
  readonly signal: AbortSignal;
  /** Ids that are in the plan only because others need them: never written. */
  readonly readOnly?: ReadonlySet<string>;
  /** Milliseconds after which a write that no read shows is a failure. */
  readonly deadline?: number;
}

/** A resource was not written, and why. */
export class Blocked extends Error {}

/** It has what the config does not name, which is removed only with the user's consent. The rest of it is in place. */
export class Unlisted extends Blocked {}

/** What was written is not what is read, after the deadline. */
export class NotConverged extends Error {
  readonly paths: readonly string[];
  constructor(paths: readonly string[]) {
    super(
      paths.length === 0
        ? 'AWS accepted the changes, but does not return the resource'
        : `AWS accepted the changes, but still returns other values for: ${paths.join(', ')}`,
    );
    this.paths = paths;
  }
}

/**
 * Carries a plan out: along `needs`, everything independent in parallel. A resource that fails stops itself and what
 * needs it, and nothing else. Never throws for what AWS answers; each resource has its result, in the plan's order.
 */
export async function apply(plan: Plan, options: ApplyOptions): Promise<readonly Result[]> {
  const running = new Map<string, Promise<Done>>();
  const byId = new Map(plan.map((planned) => [planned.resource.id, planned]));
  const turn = inTurn();
  const start = (planned: Planned): Promise<Done> => {
    const { id, needs } = planned.resource;
    const known = running.get(id);
    if (known !== undefined) return known;
    const promise = (async () => {
      const needed = await Promise.all(
        needs.flatMap((need) => {
          const other = byId.get(need);
          return other === undefined ? [] : [start(other)];
        }),
      );
      const done = await turn(() => applyOne(planned, needed, options));
      if (!options.readOnly?.has(id)) options.report({ kind: 'written', result: done.result });
      return done;
    })();
    running.set(id, promise);
    return promise;
  };
  const done = await Promise.all(plan.map(start));
  return done.map(({ result }) => result).filter(({ id }) => !options.readOnly?.has(id));
}

/** The results of a plan that must not be carried out at all, although something is to be done. */
export function refuseAll(plan: Plan, readOnly?: ReadonlySet<string>): readonly Result[] {
  return plan
    .filter(({ resource }) => !readOnly?.has(resource.id))
    .map(({ finding: { id, status, changes, error } }) => {
      if (status === 'unread') return { id, outcome: 'failed', error };
      if (status === 'conflict') return { id, outcome: 'blocked', error: conflictOf(changes) };
      return { id, outcome: status === 'in-sync' ? 'unchanged' : 'not-started' };
    });
}

/** `usable`: its facts are as wanted, so that what needs it may go on, even if something else about it is not done. */
interface Done {
  readonly result: Result;
  readonly usable: boolean;
}

async function applyOne(planned: Planned, needed: readonly Done[], options: ApplyOptions): Promise<Done> {
  const { resource, finding, inspection } = planned;
  const end = (outcome: Outcome, error?: unknown, usable = !isIncomplete(outcome)): Done => ({
    result: { id: resource.id, outcome, error },
    usable,
  });
  const inPlace = (outcome: Outcome, { address }: Inspection): Done => ({
    result: { id: resource.id, outcome, address },
    usable: true,
  });

  if (inspection === undefined) {
    return isInterruption(finding.error) ? end('not-started') : end('failed', finding.error);
  }
  if (finding.status === 'in-sync') return inPlace('unchanged', inspection);
  if (options.readOnly?.has(resource.id)) return end('blocked');
  if (finding.status === 'conflict') return end('blocked', conflictOf(finding.changes));
  if (options.signal.aborted) return end('not-started');
  const missing = needed.filter(({ usable }) => !usable).map(({ result }) => result.id);
  if (missing.length > 0) return end('blocked', new Blocked(`needs ${missing.join(' and ')}, which is not ready`));

  try {
    const { wrote, now } = await converge(resource, inspection, options);
    if (inspection.extras.length === 0 || options.consent.prune)
      return inPlace(inspection.exists ? 'updated' : 'created', now);
    return end('blocked', leftExtras(inspection, wrote), true);
  } catch (error) {
    return end(error instanceof Conflicted ? 'blocked' : 'failed', error);
  }
}

/** A resource turned out, after the plan was made, to be in conflict with it. */
class Conflicted extends Blocked {}

function conflictOf(changes: Planned['finding']['changes']): Blocked {
  const reasons = changes.flatMap((change) => (change.kind === 'conflict' ? [`${change.path}: ${change.why}`] : []));
  return new Blocked([...new Set(reasons)].join('; '));
}

/** `an inline policy that is not in the config: Extra` */
export function extrasText(extras: readonly Extra[]): string {
  const paths = [...new Set(extras.map(({ path }) => path))];
  return paths
    .map((path) => {
      const [first, ...rest] = extras.filter((extra) => extra.path === path);
      if (first === undefined) return '';
      const kind = rest.length === 0 ? `${first.kind.one} that is` : `${first.kind.many} that are`;
      return `${kind} not in the config: ${[first, ...rest].map(({ live }) => String(live)).join(', ')}`;
    })
    .join(', and ');
}

function leftExtras(inspection: Inspection, wrote: boolean): Unlisted {
  const updated = wrote ? 'everything else is up to date, but it' : 'it';
  return new Unlisted(
    `${updated} has ${extrasText(inspection.extras)}; add it to the config, or remove it with \`crc bootstrap --prune\``,
  );
}

/** Makes it exist, sets what differs, removes what may be removed, and reads back until it is so. */
async function converge(
  resource: Resource,
  planned: Inspection,
  options: ApplyOptions,
): Promise<{ readonly wrote: boolean; readonly now: Inspection }> {
  const { consent, report, signal } = options;
  let inspection = planned;
  // Whether something was written that no read has shown yet.
  let wrote = false;
  if (!inspection.exists) {
    checkpoint(signal);
    report({ kind: 'writing', id: resource.id, what: 'create' });
    const made = await resource.create();
    wrote = made !== undefined;
    // What the creation did not set is found by reading, so a run that died half-way is simply a drifted resource.
    inspection =
      made ??
      (await readUntil(
        resource,
        (now) => now.exists && conflictIn(now, consent) === undefined,
        options,
        (late) => conflictIn(late, consent) ?? notConverged(late),
      ));
  }
  for (const step of inspection.steps) {
    checkpoint(signal);
    report({ kind: 'writing', id: resource.id, what: step.fact });
    await step.run();
    wrote = true;
  }
  if (consent.prune) {
    for (const extra of inspection.extras) {
      checkpoint(signal);
      report({ kind: 'writing', id: resource.id, what: `remove ${extra.path} ${String(extra.live)}` });
      await extra.remove();
      wrote = true;
    }
  }
  if (!wrote) return { wrote, now: inspection };
  const now = await readUntil(
    resource,
    (read) => read.exists && read.changes.length === 0 && (!consent.prune || read.extras.length === 0),
    options,
    notConverged,
  );
  return { wrote, now };
}

/**
 * Another user or process may have been faster between the plan and the creation. It may also be a read that shows the resource
 * before it shows its tags, so this is a verdict only when it lasts.
 */
function conflictIn(inspection: Inspection, consent: Consent): Conflicted | undefined {
  const conflicts = changesOf(inspection, consent).filter(({ kind }) => kind === 'conflict');
  return conflicts.length === 0 ? undefined : new Conflicted(conflictOf(conflicts).message);
}

async function readUntil(
  resource: Resource,
  settled: (inspection: Inspection) => boolean,
  options: ApplyOptions,
  tooLate: (inspection: Inspection) => Error,
): Promise<Inspection> {
  const end = Date.now() + (options.deadline ?? CONSISTENCY_DEADLINE);
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    checkpoint(options.signal);
    const inspection = await resource.inspect();
    if (settled(inspection)) return inspection;
    if (Date.now() + pause > end) throw tooLate(inspection);
    // Told to stop, the pause ends at once.
    await sleep(pause, undefined, { signal: options.signal }).catch(() => checkpoint(options.signal));
  }
}

function notConverged({ exists, changes, extras }: Inspection): NotConverged {
  if (!exists) return new NotConverged([]);
  const paths = changes.flatMap((change) => ('path' in change ? [change.path] : []));
  return new NotConverged([...new Set([...paths, ...extras.map(({ path }) => path)])]);
}

function checkpoint(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted('stopped before it was finished');
}
