import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../engine/plan.ts';
import type { Consent } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import { disabledFunctions } from '../invoke/disabled.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { notCalledText, resultText } from '../ui/result.ts';
import { adoptedParts } from './adopted-terraform.ts';
import { agree, askYes, needsNoConsent } from './consent.ts';
import { carryOut, dryRun, isRefused, refusedText, resultOptions, selected, showPlan, writesAny } from './converge.ts';
import type { BootstrapOptions } from './definitions/bootstrap.ts';
import { type Ending, withSession } from './frame.ts';
import { afterBootstrap, commandText, flagsOf, hasNoNextStep } from './next.ts';
import type { Session } from './session.ts';
import { resultStatus } from './status.ts';
import { outcomeViews } from './views.ts';

/**
 * Creates and changes everything to match the config. 0 done, 1 anything failed, is blocked, in conflict or could not
 * be read.
 */
export async function bootstrap(options: BootstrapOptions, io: Io): Promise<number> {
  return await withSession({ command: 'bootstrap', options, io, toWrite: true }, async (session) =>
    options.dryRun ? await shownOnly(session, options, io) : await converge(session, options, io),
  );
}

async function shownOnly(session: Session, options: BootstrapOptions, io: Io): Promise<Ending> {
  const plan = await session.plan(consentOf(options));
  return { ...dryRun(session, plan, options, io), ...(await adoptedParts(session, plan, options)) };
}

async function converge(session: Session, options: BootstrapOptions, io: Io): Promise<Ending> {
  const plan = await agreedPlan(session, options, io);
  const results = await carryOut(session, plan);
  const status = resultStatus(results);
  const outcomes = outcomeViews(results, plan);
  return {
    exitCode: status === 'failed' ? 1 : 0,
    document: (run) => planDocument(run, status, selected(session, plan), outcomes),
    text: () => {
      const about = resultOptions(session, options, outcomes, io);
      if (isRefused(plan)) return refusedText(session, plan, about);
      const disabled = disabledFunctions(session.config.functions);
      // Once an emulator has stopped, there is nothing left to test.
      const ends = session.customEndpoint && hasNoNextStep(io);
      const notCalled = ends ? '' : notCalledText(outcomes, disabled, session.customEndpoint);
      return `${resultText(outcomes, about)}\n${notCalled}`;
    },
    ...(await adoptedParts(session, plan, options)),
    cost: true,
    next: afterBootstrap(outcomes, options, io),
  };
}

/** The confirmed plan: exactly what was confirmed is carried out. */
async function agreedPlan(session: Session, options: BootstrapOptions, io: Io): Promise<Plan<CrcError>> {
  return await agree<Plan<CrcError>>(
    {
      plan: () => session.plan(consentOf(options)),
      isEmpty: (plan) => isRefused(plan) || !writesAny(session, plan),
      isSame: (plan, agreed) => isDeepStrictEqual(findings(plan), findings(agreed)),
      async show(plan, { again, asked }) {
        if (again) session.progress.line('The account has changed since. This is the plan now:');
        if (!options.json && !isRefused(plan)) await showPlan(session, plan, { ...options, asked }, io);
      },
      ask: () =>
        session.asking(() => askYes(`Apply these changes in account ${session.run().accountId}?`, session.signal)),
      isAnswered: async () => options.yes === true || (await needsNoConsent(session.config, options, io)),
      hint: `Pass --yes to apply these changes without a prompt. ${commandText('bootstrap', options, '--dry-run', ...flagsOf(options))} shows them.`,
    },
    io,
    options,
  );
}

function consentOf({ adopt = false, prune = false }: BootstrapOptions): Consent {
  return { adopt, prune };
}

function findings(plan: Plan): readonly object[] {
  return plan.map(({ id, status, changes }) => ({ id, status, changes }));
}
