import { apply, refuseAll } from '../engine/apply.ts';
import type { Plan } from '../engine/plan.ts';
import { type Consent, isIncomplete, type Result } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { planDocument, type RunStatus } from '../ui/json.ts';
import { headText, outcomeText, planText } from '../ui/text.ts';
import type { OutcomeView } from '../ui/view.ts';
import { resourceViews, type Session } from './session.ts';
import { planExitCode, planStatus } from './verify.ts';

/** What the commands that plan and apply have in common. */
export interface PlanOptions {
  readonly json?: boolean;
  readonly prune?: boolean;
  /** The user is asked about the plan next. */
  readonly asked?: boolean;
}

/** The plan without what is only read because others need it. */
export function selected(session: Session, plan: Plan): Plan {
  return plan.filter(({ resource }) => !session.readOnly.has(resource.id));
}

/** Prints the plan and nothing else; the exit code tells whether there is anything to do. */
export function showDryRun(session: Session, all: Plan, options: PlanOptions, io: Io): number {
  const plan = selected(session, all);
  const statuses = plan.map(({ finding }) => finding.status);
  session.progress.stop();
  if (options.json) io.out(`${planDocument(session.run(), planStatus(statuses), resourceViews(plan))}\n`);
  else showPlan(session, plan, options, io);
  return planExitCode(statuses);
}

export function showPlan(session: Session, plan: Plan, { prune = false, asked = false }: PlanOptions, io: Io): void {
  const text = `${headText(session.run(), io.color)}\n\n${planText(resourceViews(plan), { color: io.color, prune })}\n`;
  io.out(text);
  // Who is asked must see what about, even if stdout is a file.
  if (asked && io.outColumns === undefined) io.err(text);
}

/** An error that puts the whole run in doubt: nothing at all may be written. */
export function fatalError(plan: Plan): CrcError | undefined {
  return plan.flatMap(({ finding: { error } }) => (error instanceof CrcError && error.fatal ? [error] : []))[0];
}

/** Applies the plan; nothing at all when an error in it puts the whole run in doubt. */
export async function carryOut(
  session: Session,
  plan: Plan,
  consent: Consent,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const { progress, readOnly } = session;
  const results =
    fatalError(plan) === undefined
      ? await apply(plan, { consent, report: progress.report, signal, readOnly })
      : refuseAll(plan, readOnly);
  progress.stop();
  return results;
}

export function resultStatus(results: readonly Result[]): RunStatus {
  if (results.some(({ outcome }) => isIncomplete(outcome))) return 'failed';
  return results.every(({ outcome }) => outcome === 'unchanged') ? 'in-sync' : 'converged';
}

export function resultText(status: RunStatus, outcomes: readonly OutcomeView[], io: Io): string {
  if (status === 'in-sync') return 'Nothing to do.';
  const said = { converged: 'Converged.', failed: 'Not everything is as the config says; running it again is safe.' };
  return `\n${outcomeText(outcomes, io.color)}\n\n${status === 'failed' ? said.failed : said.converged}`;
}
