import { apply, refuseAll } from '../engine/apply.ts';
import type { Plan } from '../engine/plan.ts';
import type { Consent, Result } from '../engine/types.ts';
import type { Io } from '../ui/io.ts';
import { planDocument, type RunStatus } from '../ui/json.ts';
import { planText } from '../ui/plan.ts';
import { printErr, printOut } from '../ui/print.ts';
import { headText, outcomeText } from '../ui/text.ts';
import type { OutcomeView, RunView } from '../ui/view.ts';
import type { Ending } from './frame.ts';
import type { Session } from './session.ts';
import { fatalError, planExitCode, planStatus } from './status.ts';
import { resourceViews } from './views.ts';

/** What the commands that plan and apply have in common. */
export interface PlanOptions {
  readonly json?: boolean;
  readonly prune?: boolean;
  /** The plan shows every value. */
  readonly details?: boolean;
  /** The user is asked about the plan next. */
  readonly asked?: boolean;
}

/** The plan without what is only read because others need it. */
export function selected(session: Session, plan: Plan): Plan {
  return plan.filter(({ resource }) => !session.readOnly.has(resource.id));
}

/** The plan and nothing else; the exit code tells whether there is anything to do. */
export function dryRun(session: Session, all: Plan, options: PlanOptions, io: Io): Ending {
  const plan = selected(session, all);
  return {
    exitCode: planExitCode(plan),
    document: (run) => planDocument(run, planStatus(plan), resourceViews(plan)),
    text: (run) => shownPlan(run, plan, options, io),
  };
}

export async function showPlan(session: Session, plan: Plan, options: PlanOptions, io: Io): Promise<void> {
  const text = shownPlan(session.run(), plan, options, io);
  await printOut(io, text);
  // Who is asked must see what about, even if stdout is a file.
  if (options.asked && io.outColumns === undefined) await printErr(io, text);
}

function shownPlan(run: RunView, plan: Plan, { prune, details }: PlanOptions, io: Io): string {
  return `${headText(run, io.color)}\n\n${planText(resourceViews(plan), { color: io.color, prune, details })}\n`;
}

/** Applies the plan; nothing at all when an error in it puts the whole run in doubt. */
export async function carryOut(session: Session, plan: Plan, consent: Consent): Promise<readonly Result[]> {
  const { progress, readOnly, signal } = session;
  const results =
    fatalError(plan.map(({ finding }) => finding)) === undefined
      ? await apply(plan, { consent, report: progress.report, signal, readOnly })
      : refuseAll(plan, readOnly);
  progress.stop();
  return results;
}

export function resultText(status: RunStatus, outcomes: readonly OutcomeView[], io: Io): string {
  if (status === 'in-sync') return 'Nothing to do.';
  const said = { converged: 'Converged.', failed: 'Not everything is as the config says; running it again is safe.' };
  return `\n${outcomeText(outcomes, io.color)}\n\n${status === 'failed' ? said.failed : said.converged}`;
}
