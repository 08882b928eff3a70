import { isInterruption } from '../../engine/interrupted.ts';
import { Cancelled, CrcError, systemError } from '../../errors.ts';
import { keepMemoryLow } from '../../memory.ts';
import { stateError } from '../../terraform/state/failure.ts';
import type { StatePlace } from '../../terraform/state/place.ts';
import type { Connection } from '../connection.ts';
import { type Ending, type Invocation, withConnection } from '../frame.ts';
import { statePlace, UnknownState } from './place.ts';

/** Runs a command on the states of the config's bucket. What AWS answers is put into words. */
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
      // Nothing was sent that writes, so there is nothing to continue. A document says so by its error.
      const isUnchanged = connection.run().apiCalls.write === 0 && invocation.options.json !== true;
      if (isInterruption(error) && isUnchanged) throw new Cancelled(130);
      // In another account there is no such state, and then that is what is wrong.
      if (error instanceof UnknownState) await connection.identity();
      if (error instanceof CrcError || error instanceof Cancelled || isInterruption(error)) throw error;
      const known = systemError(error);
      // In another account there is no such bucket, and then that is what is wrong.
      if (known === undefined) await connection.identity();
      throw known ?? stateError(place, error, invocation.options.profile);
    }
  });
}
