import { counted } from '../../counted.ts';
import { Interrupted, isInterruption } from '../../engine/interrupted.ts';
import { CrcError } from '../../errors.ts';
import { OWN_PACKAGE } from '../../own-package.ts';
import { type CheckInput, problemsOf } from '../../terraform/state/check.ts';
import { stateIn } from '../../terraform/state/content.ts';
import { examineStates, isMismatch } from '../../terraform/state/examine.ts';
import { stateError } from '../../terraform/state/failure.ts';
import { fixDigest } from '../../terraform/state/fix-digest.ts';
import type { ListedState } from '../../terraform/state/list.ts';
import type { StatePlace } from '../../terraform/state/place.ts';
import type { StateProblem } from '../../terraform/state/problem.ts';
import { wrongState } from '../../terraform/state/wrong-state.ts';
import type { Io } from '../../ui/io.ts';
import { printErr } from '../../ui/print.ts';
import { stateCheckDocument, stateCheckText } from '../../ui/state-check.ts';
import type { Connection } from '../connection.ts';
import { agree, askInAccount, needsNoConsent } from '../consent.ts';
import type { StateCheckOptions } from '../definitions/state-check.ts';
import { declaredKeys } from './place.ts';
import { withStates } from './with-states.ts';

/** The result of a check. */
interface Checked {
  readonly states: readonly ListedState[];
  readonly fixable: readonly ListedState[];
  readonly problems: readonly StateProblem[];
}

/** Looks for problems that would stop Terraform. 0 none, 2 a problem is left, 1 error. */
export async function stateCheck(options: StateCheckOptions, io: Io): Promise<number> {
  return await withStates({ command: 'state check', options, io }, async (connection, place) => {
    const fixed: string[] = [];
    try {
      if (options.fix) await fixDigests(connection, place, fixed, options, io);
      const { states, problems } = await checked(place, connection);
      const current = states.filter(({ deleted }) => !deleted).length;
      return {
        exitCode: problems.length === 0 ? 0 : 2,
        document: (run) => stateCheckDocument(run, problems, options.fix ? fixed : undefined),
        text: () => `${stateCheckText(problems, fixed, current, io.color)}\n`,
        cost: true,
      };
    } catch (error) {
      throw withFixed(fixed, error, place, connection);
    }
  });
}

/** Adds each state to `fixed` once its digest is set. */
async function fixDigests(
  connection: Connection,
  place: StatePlace,
  fixed: string[],
  options: StateCheckOptions,
  io: Io,
): Promise<void> {
  await connection.identity();
  for (const state of await agreedFixes(place, connection, options, io)) {
    // Each fix is complete in itself, so Ctrl-C takes effect between two.
    if (connection.signal.aborted) throw new Interrupted('stopped before every digest was set');
    const isFixed = await connection.uninterrupted(() => fixDigest(place, state, `crc ${OWN_PACKAGE.version}`));
    if (isFixed) fixed.push(state.objectKey);
  }
}

/** Adds the digests that were set so far to an error. If the run was stopped, lists them in a line of its own. */
function withFixed(fixed: readonly string[], error: unknown, place: StatePlace, { progress }: Connection): unknown {
  if (fixed.length === 0) return error;
  const done = `the digest of ${fixed.join(', ')}.`;
  if (isInterruption(error)) {
    progress.line(`Set before it was stopped: ${done}`);
    return error;
  }
  const { message, hint } = stateError(place, error);
  return new CrcError(`${message} Set before it: ${done}`, { hint, cause: error });
}

async function checked(place: StatePlace, { config, progress }: Connection): Promise<Checked> {
  const input = await examineStates(place, {
    declared: declaredKeys(config),
    written: declaredKeys(config, 'write'),
    report: progress.count,
  });
  const { states } = input.list;
  return { states, fixable: states.filter((state) => isFixable(state, input)), problems: problemsOf(input) };
}

/** The confirmed states whose digests will be set. */
async function agreedFixes(
  place: StatePlace,
  connection: Connection,
  options: StateCheckOptions,
  io: Io,
): Promise<readonly ListedState[]> {
  return await agree<readonly ListedState[]>(
    {
      plan: async () => (await checked(place, connection)).fixable,
      isEmpty: (states) => states.length === 0,
      isSame: (now, agreed) => identityOf(now) === identityOf(agreed),
      async show(states, { asked }) {
        const lines = states.map(
          ({ objectKey }) => `The digest of ${objectKey} will be set to that of its newest version.\n`,
        );
        if (asked) await printErr(io, lines.join(''));
      },
      ask: (states) => askInAccount(connection, `Set ${counted(states.length, 'digest')}?`),
      isAnswered: async () => options.yes === true || (await needsNoConsent(connection.config, options, io)),
      hint: 'Pass --yes to set the digests without a prompt.',
    },
    io,
    options,
  );
}

/** As long as the digest of a wrong state does not match, Terraform refuses to use it. */
function isFixable(state: ListedState, input: CheckInput): boolean {
  return isMismatch(state) && stateIn(state.newest.content) !== undefined && wrongState(state, input) === undefined;
}

function identityOf(states: readonly ListedState[]): string {
  return JSON.stringify(states.map(({ objectKey, newest, digest }) => [objectKey, newest.versionId, digest]));
}
