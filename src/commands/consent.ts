import { allOnThisMachine } from '../aws/endpoints.ts';
import type { Config } from '../config/schema.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { servicesOf } from '../resources/list.ts';
import { confirm } from '../ui/confirm.ts';
import { type Io, isCi } from '../ui/io.ts';
import { canAsk } from './can-ask.ts';
import type { AccountConnection } from './connection.ts';
import type { GlobalOptions } from './options.ts';

/**
 * True if nothing real is at stake and no prompt is possible: without a terminal, and with a local endpoint for every
 * service of the run.
 */
export async function needsNoConsent(config: Config, options: GlobalOptions, io: Io): Promise<boolean> {
  if (io.interactive && !isCi(io.env)) return false;
  return await allOnThisMachine(servicesOf(config), options);
}

/** A plan that is carried out once the user confirms it. */
export interface Proposal<P> {
  /** Reads what exists and plans the changes. */
  plan(): Promise<P>;
  /** True if nothing would be written, so that there is nothing to confirm. */
  isEmpty(plan: P): boolean;
  /** True if it equals the confirmed plan. */
  isSame(plan: P, agreed: P): boolean;
  /** Shows a plan. `again`: it differs from the one shown before; `asked`: a prompt about it follows. */
  show(plan: P, about: { readonly again: boolean; readonly asked: boolean }): Promise<void>;
  /** Prompts about the plan that was shown. @throws Cancelled if the answer is no. */
  ask(plan: P): Promise<void>;
  /** Whether the flag that replaces the prompt was given, or none is needed. */
  isAnswered(): Promise<boolean>;
  /** What to do without a terminal: `Pass --yes to apply these changes without a prompt.` */
  readonly hint: string;
}

/**
 * Obtains the consent that a command needs before it writes to AWS. Returns the confirmed plan. After the answer a new
 * plan is made, since the prompt may have waited for hours; if it differs, it is shown and the user is asked again.
 * @throws Cancelled if the answer is no, and a CrcError that names the flag if no prompt is possible.
 */
export async function agree<P>(proposal: Proposal<P>, io: Io, options: Pick<GlobalOptions, 'json'>): Promise<P> {
  const asks = canAsk(io, options) && !(await proposal.isAnswered());
  let plan = await proposal.plan();
  for (let again = false; ; again = true) {
    const asked = asks && !proposal.isEmpty(plan);
    await proposal.show(plan, { again, asked });
    if (proposal.isEmpty(plan)) return plan;
    if (!asked) {
      if (await proposal.isAnswered()) return plan;
      throw new CrcError('No changes were made: crc cannot ask for confirmation here.', {
        hint: proposal.hint,
      });
    }
    await proposal.ask(plan);
    const now = await proposal.plan();
    if (proposal.isSame(now, plan)) return now;
    plan = now;
  }
}

/**
 * Asks a yes-or-no question before a write to AWS. The prompt may wait for hours. @throws Cancelled if the answer is no, a
 * CrcError if the credentials then belong to another account, and an AbortError when the signal fires.
 */
export async function askInAccount(
  { asking, sameIdentity, signal }: AccountConnection,
  question: string,
): Promise<void> {
  await asking(() => askYes(question, signal));
  await sameIdentity();
}

/** Asks a yes-or-no question. @throws Cancelled if the answer is no, and an AbortError when the signal fires. */
export async function askYes(question: string, signal: AbortSignal): Promise<void> {
  if (!(await confirm(question, signal))) throw new Cancelled();
}
