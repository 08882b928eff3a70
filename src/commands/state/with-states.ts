import { explain } from '../../aws/explain.ts';
import { isInterruption } from '../../engine/interrupted.ts';
import { CrcError, systemError } from '../../errors.ts';
import type { StatePlace } from '../../terraform/state/place.ts';
import type { Connection } from '../connection.ts';
import { type Ending, type Invocation, withConnection } from '../frame.ts';
import { collectOften } from '../memory.ts';
import { statePlace } from './place.ts';

/** Runs a command on the states of the config's bucket. What AWS answers is put into words. */
export async function withStates(
  invocation: Invocation,
  run: (connection: Connection, place: StatePlace) => Promise<Ending>,
): Promise<number> {
  await collectOften();
  return await withConnection(invocation, async (connection) => {
    try {
      const ending = await run(connection, await statePlace(connection));
      await connection.identity();
      return ending;
    } catch (error) {
      if (error instanceof CrcError || isInterruption(error)) throw error;
      throw systemError(error) ?? explain(error, connection.config.stateBucket.name, invocation.options.profile);
    }
  });
}
