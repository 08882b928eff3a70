import { isDeepStrictEqual } from 'node:util';
import { apply, refuseAll } from '../engine/apply.ts';
import type { Plan } from '../engine/plan.ts';
import type { Consent, Result } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { confirm } from '../ui/confirm.ts';
import type { Io } from '../ui/io.ts';
import { planDocument, type RunStatus } from '../ui/json.ts';
import { costText, headText, outcomeText, planText } from '../ui/text.ts';
import type { OutcomeView } from '../ui/view.ts';
import { withInterruption } from './interruption.ts';
import type { GlobalOptions } from './options.ts';
import { openSession, outcomeViews, resourceViews, type Session, unhandled } from './session.ts';
import { planExitCode, planStatus } from './verify.ts';

export interface BootstrapOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly adopt?: boolean;
  readonly prune?: boolean;
}

/** Makes everything as the config says. 0 converged, 1 anything failed, is blocked, in conflict or could not be read. */
export async function bootstrap(options: BootstrapOptions, io: Io): Promise<number> {
  return await withInterruption(io, async (signal) => {
    const session = await openSession({ command: 'bootstrap', options, withNeeds: true, io, signal });
    try {
      for (const line of unhandled(session.config)) session.progress.line(line);
      return options.dryRun ? await dryRun(session, options, io) : await converge(session, options, io, signal);
    } finally {
      session.progress.stop();
    }
  });
}

async function dryRun(session: Session, options: BootstrapOptions, io: Io): Promise<number> {
  const plan = selected(session, await session.plan(consentOf(options)));
  const statuses = plan.map(({ finding }) => finding.status);
  if (options.json) io.out(`${planDocument(session.run(), planStatus(statuses), resourceViews(plan))}\n`);
  else showPlan(session, plan, options, io);
  return planExitCode(statuses);
}

async function converge(session: Session, options: BootstrapOptions, io: Io, signal: AbortSignal): Promise<number> {
  const consent = consentOf(options);
  const plan = await agree(session, options, io, signal);
  const fatal = plan.map(({ finding }) => finding.error).find((error) => error instanceof CrcError && error.fatal);
  const results =
    fatal === undefined
      ? await apply(plan, { consent, report: session.progress.report, signal, readOnly: session.readOnly })
      : refuseAll(plan, 'nothing was written, because of the error above', session.readOnly);
  session.progress.stop();

  const status = convergedStatus(results);
  const views = resourceViews(selected(session, plan));
  const outcomes = outcomeViews(results, plan);
  const run = session.run();
  if (options.json) io.out(`${planDocument(run, status, views, outcomes)}\n`);
  else {
    io.out(`${resultText(status, outcomes, io)}\n`);
    io.err(`${costText(run)}\n`);
  }
  return status === 'failed' ? 1 : 0;
}

/** Shows the plan and asks, if there is anything to write and anyone to ask. What was agreed to is what is carried out. */
async function agree(session: Session, options: BootstrapOptions, io: Io, signal: AbortSignal): Promise<Plan> {
  let plan = await session.plan(consentOf(options));
  if (!options.json) showPlan(session, selected(session, plan), options, io);
  if (!io.interactive || options.yes || options.json) return plan;
  while (selected(session, plan).some(({ finding }) => finding.status === 'absent' || finding.status === 'drifted')) {
    const yes = await confirm(`Make these changes in account ${session.run().accountId}?`, signal);
    if (!yes) throw new CrcError('Nothing was changed: you said no.', { hint: 'crc bootstrap --yes does not ask.' });
    // The question may have waited for hours.
    const now = await session.plan(consentOf(options));
    if (isDeepStrictEqual(findings(now), findings(plan))) return now;
    plan = now;
    session.progress.line('The account has changed in the meantime. This is what there is to do now:');
    showPlan(session, selected(session, plan), options, io);
  }
  return plan;
}

function showPlan(session: Session, plan: Plan, { prune = false }: BootstrapOptions, io: Io): void {
  const text = `${headText(session.run(), io.color)}\n\n${planText(resourceViews(plan), { color: io.color, prune })}\n`;
  io.out(text);
  // Whoever is asked must see what about.
  if (io.interactive && !io.outIsTerminal) io.err(text);
}

function resultText(status: RunStatus, outcomes: readonly OutcomeView[], io: Io): string {
  if (status === 'in-sync') return 'Nothing to do.';
  const said = { converged: 'Converged.', failed: 'Not everything is as the config says; running it again is safe.' };
  return `\n${outcomeText(outcomes, io.color)}\n\n${status === 'failed' ? said.failed : said.converged}`;
}

function convergedStatus(results: readonly Result[]): RunStatus {
  if (results.some(({ outcome }) => outcome === 'failed' || outcome === 'blocked')) return 'failed';
  return results.every(({ outcome }) => outcome === 'unchanged') ? 'in-sync' : 'converged';
}

function consentOf({ adopt = false, prune = false }: BootstrapOptions): Consent {
  return { adopt, prune };
}

function selected(session: Session, plan: Plan): Plan {
  return plan.filter(({ resource }) => !session.readOnly.has(resource.id));
}

function findings(plan: Plan): readonly object[] {
  return plan.map(({ finding: { id, status, changes } }) => ({ id, status, changes }));
}
