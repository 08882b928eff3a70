import { apply, refuseAll } from '../engine/apply.ts';
import type { Result } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import type { Finding } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import { foreignWord } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { planText } from '../ui/plan.ts';
import { printErr, printOut } from '../ui/print.ts';
import type { ResultOptions } from '../ui/result.ts';
import { headText, outcomeText } from '../ui/text.ts';
import type { OutcomeView } from '../ui/view.ts';
import { differs, waitingIds } from '../ui/waiting.ts';
import type { Ending } from './frame.ts';
import { afterPlan, commandLine, flagsOf, matchText } from './next.ts';
import type { ResourceOptions } from './options.ts';
import type { Session } from './session.ts';
import { fatalError, planExitCode, planStatus } from './status.ts';
import { outcomeViews } from './views.ts';

/** What commands that plan and apply have in common. */
export interface ConvergeOptions extends ResourceOptions {
  readonly adopt?: boolean;
  readonly prune?: boolean;
  readonly smokeTest?: boolean;
  /** The plan shows every value. */
  readonly details?: boolean;
  /** The given functions. */
  readonly names?: readonly string[];
  /** A prompt about the plan follows. */
  readonly asked?: boolean;
}

/**
 * The plan without resources that are only read because others need them. If one of those is not as the others need it, a
 * note says what to do.
 */
export function selected(session: Session, plan: Plan<CrcError>): Plan<CrcError> {
  const lacking = new Map(
    beside(session, plan).flatMap((finding) => (finding.status === 'in-sync' ? [] : [[finding.id, finding]])),
  );
  const lackedBy = ({ needs }: Pick<Finding, 'needs'>): readonly string[] =>
    needs.flatMap((id) => {
      const need = lacking.get(id);
      return need === undefined ? [] : [id, ...lackedBy(need)];
    });
  return plan
    .filter(({ id }) => !session.readOnly.has(id))
    .map((finding) => {
      const lacks = [...new Set(differs(finding) ? lackedBy(finding) : [])];
      const flags = lacks.map((id) => `--only ${id}`).join(' ');
      const [first, another] = lacks;
      const which = another === undefined ? `${first}, which` : `${lacks.length} resources that`;
      const notes = first === undefined ? [] : [`needs ${which} this run does not change: add ${flags}`];
      return { ...finding, notes: [...finding.notes, ...notes] };
    });
}

/** The rest of the plan. */
function beside({ readOnly }: Session, plan: Plan<CrcError>): Plan<CrcError> {
  return plan.filter(({ id }) => readOnly.has(id));
}

/** Whether a run would write: something differs that it may change, and that waits for nothing. */
export function writesAny(session: Session, plan: Plan<CrcError>): boolean {
  const own = selected(session, plan);
  const waiting = waitingIds(own, beside(session, plan));
  return own.some(
    ({ id, status, work }) =>
      !waiting.has(id) && (status === 'absent' || (work !== undefined && work.steps.length > 0)),
  );
}

/** Only the plan; the exit code shows whether there are changes. */
export function dryRun(session: Session, all: Plan<CrcError>, options: ConvergeOptions, io: Io): Ending {
  const plan = selected(session, all);
  return {
    exitCode: planExitCode(plan),
    document: (run) => planDocument(run, planStatus(plan), plan),
    text: () => shownPlan(session, all, options, io),
    next: afterPlan(session.run().command, plan, { ...options, beside: beside(session, all) }),
  };
}

export async function showPlan(session: Session, all: Plan<CrcError>, options: ConvergeOptions, io: Io): Promise<void> {
  const text = shownPlan(session, all, options, io);
  await printOut(io, text);
  // The user must see what the prompt is about, even if stdout is a file.
  if (options.asked && io.outColumns === undefined) await printErr(io, text);
}

function shownPlan(session: Session, all: Plan<CrcError>, { prune, details }: ConvergeOptions, io: Io): string {
  const plan = planText(selected(session, all), { color: io.color, prune, details, beside: beside(session, all) });
  return `${headText(session.run(), io.color)}\n\n${plan}\n`;
}

/** Whether an error in the plan puts the whole run in doubt. */
export function isRefused(plan: Plan): boolean {
  return fatalError(plan) !== undefined;
}

/** The text in that case: the causes, without a plan that is not carried out anyway. */
export function refusedText(session: Session, plan: Plan, { color, command }: ResultOptions): string {
  const failed = outcomeViews(refuseAll(plan), plan).filter(({ outcome }) => outcome === 'failed');
  const head = headText(session.run(), color);
  return `${head}\n\n${outcomeText(failed, color)}\n\nNothing was written. Fix this, then rerun \`crc ${command}\`.\n`;
}

/** Applies the plan, or nothing at all if an error in it puts the whole run in doubt. */
export async function carryOut(session: Session, plan: Plan): Promise<readonly Result[]> {
  const { progress, readOnly, signal } = session;
  const results = isRefused(plan)
    ? refuseAll(plan, readOnly)
    : await apply(plan, { report: progress.report, signal, readOnly });
  progress.stop();
  return results;
}

/** The subject of a result's text. The command to run again also selects what was needed and left out. */
export function resultOptions(
  session: Session,
  { only = [], ...options }: ConvergeOptions,
  outcomes: readonly OutcomeView[],
  io: Io,
): ResultOptions {
  const { names = [] } = options;
  const again = { only: [...new Set([...only, ...outcomes.flatMap(({ unselected = [] }) => unselected)])] };
  return {
    color: io.color,
    command: commandLine([session.run().command, ...names.map(foreignWord)].join(' '), again, ...flagsOf(options)),
    match: matchText({ ...options, only }),
    interrupted: session.signal.aborted,
  };
}
