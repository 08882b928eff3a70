import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../engine/plan.ts';
import type { Consent } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { confirm } from '../ui/confirm.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { costText } from '../ui/text.ts';
import { carryOut, resultStatus, resultText, selected, showDryRun, showPlan } from './converge.ts';
import { withInterruption } from './interruption.ts';
import type { GlobalOptions } from './options.ts';
import { openSession, outcomeViews, resourceViews, type Session } from './session.ts';

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
      if (options.dryRun) return showDryRun(session, await session.plan(consentOf(options)), options, io);
      return await converge(session, options, io, signal);
    } finally {
      session.progress.stop();
    }
  });
}

async function converge(session: Session, options: BootstrapOptions, io: Io, signal: AbortSignal): Promise<number> {
  const plan = await agree(session, options, io, signal);
  const results = await carryOut(session, plan, consentOf(options), signal);
  const status = resultStatus(results);
  const outcomes = outcomeViews(results, plan);
  const run = session.run();
  if (options.json) io.out(`${planDocument(run, status, resourceViews(selected(session, plan)), outcomes)}\n`);
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

function consentOf({ adopt = false, prune = false }: BootstrapOptions): Consent {
  return { adopt, prune };
}

function findings(plan: Plan): readonly object[] {
  return plan.map(({ finding: { id, status, changes } }) => ({ id, status, changes }));
}
