import { apply, refuseAll } from '../engine/apply.ts';
import type { Result } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import type { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { planText } from '../ui/plan.ts';
import { printErr, printOut } from '../ui/print.ts';
import type { ResultOptions } from '../ui/result.ts';
import { headText, outcomeText } from '../ui/text.ts';
import type { RunView } from '../ui/view.ts';
import type { Ending } from './frame.ts';
import { afterPlan, matchText } from './next.ts';
import type { ResourceOptions } from './options.ts';
import type { Session } from './session.ts';
import { fatalError, planExitCode, planStatus } from './status.ts';
import { outcomeViews } from './views.ts';

/** What commands that plan and apply have in common. */
export interface PlanOptions extends ResourceOptions {
  readonly adopt?: boolean;
  readonly prune?: boolean;
  /** The plan shows every value. */
  readonly details?: boolean;
  /** The given functions. */
  readonly names?: readonly string[];
  /** A prompt about the plan follows. */
  readonly asked?: boolean;
}

/** The plan without resources that are only read because others need them. */
export function selected(session: Session, plan: Plan<CrcError>): Plan<CrcError> {
  return plan.filter(({ id }) => !session.readOnly.has(id));
}

/** Only the plan; the exit code shows whether there are changes. */
export function dryRun(session: Session, all: Plan<CrcError>, options: PlanOptions, io: Io): Ending {
  const plan = selected(session, all);
  return {
    exitCode: planExitCode(plan),
    document: (run) => planDocument(run, planStatus(plan), plan),
    text: (run) => shownPlan(run, plan, options, io),
    next: afterPlan(session.run().command, plan, options),
  };
}

export async function showPlan(session: Session, plan: Plan<CrcError>, options: PlanOptions, io: Io): Promise<void> {
  const text = shownPlan(session.run(), plan, options, io);
  await printOut(io, text);
  // The user must see what the prompt is about, even if stdout is a file.
  if (options.asked && io.outColumns === undefined) await printErr(io, text);
}

function shownPlan(run: RunView, plan: Plan<CrcError>, { prune, details }: PlanOptions, io: Io): string {
  return `${headText(run, io.color)}\n\n${planText(plan, { color: io.color, prune, details })}\n`;
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

/** The subject of a result's text. */
export function resultOptions(session: Session, options: ResourceOptions, io: Io): ResultOptions {
  return {
    color: io.color,
    command: session.run().command,
    match: matchText(options),
    interrupted: session.signal.aborted,
  };
}
