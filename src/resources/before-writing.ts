import { CrcError, systemError } from '../errors.ts';
import type { Context } from './context.ts';

/**
 * Runs what the files of the project may make impossible, for a resource that is only read so far. Where this run is going to
 * write, its error ends the run before the first write: half a project that cannot be finished helps nobody.
 */
export async function beforeWriting<T>(
  id: string,
  { willWrite }: Pick<Context, 'willWrite'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const problem = error instanceof CrcError ? error : systemError(error);
    if (problem === undefined || !willWrite(id)) throw error;
    const { message, hint, details } = problem;
    throw new CrcError(message, { hint, details, cause: error, fatal: true });
  }
}
