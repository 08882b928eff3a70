import { isInterruption } from '../../engine/interrupted.ts';
import { Cancelled, CrcError, systemError } from '../../errors.ts';
import { keepMemoryLow } from '../../memory.ts';
import { stateError } from '../../terraform/state/failure.ts';
import type { StatePlace } from '../../terraform/state/place.ts';
import type { Connection } from '../connection.ts';
import { type Ending, type Invocation, withConnection } from '../frame.ts';
import { withPermissions } from '../missing-permissions.ts';
import { statePlace, UnknownState } from './place.ts';

/** Runs a command on the states in the config's bucket, and explains errors from AWS. */
export async function withStates(
  invocation: Invocation,
  run: (connection: Connection, place: StatePlace) => Promise<Ending>,
): Promise<number> {
  await keepMemoryLow();
  return await withConnection(invocation, async (connection) => {
    const place = await statePlace(connection);
    try {
      const ending = await run(connection, place);
      await connection.identity();
      return ending;
    } catch (error) {
      // No write was sent, so there is nothing to resume. In a document, the error shows that.
      const isUnchanged = connection.run().apiCalls.write === 0 && invocation.options.json !== true;
      if (isInterruption(error) && isUnchanged) throw new Cancelled(130);
      // In the wrong account the state does not exist, and then the account is the problem to report.
      if (error instanceof UnknownState) await connection.identity();
      if (error instanceof CrcError) throw withPermissions(error, permissionsOf(invocation));
      if (error instanceof Cancelled || isInterruption(error)) throw error;
      const known = systemError(error);
      // In the wrong account the bucket does not exist, and then the account is the problem to report.
      if (known === undefined) await connection.identity();
      throw known ?? withPermissions(stateError(place, error, invocation.options.profile), permissionsOf(invocation));
    }
  });
}

/** The argument of `crc permissions` for a command on states. */
function permissionsOf({ command }: Invocation): 'state' | 'state-check' {
  return ['state restore', 'state unlock'].includes(command) ? 'state' : 'state-check';
}
