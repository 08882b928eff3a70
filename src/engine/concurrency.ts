import pLimit from 'p-limit';

/**
 * Resources that are worked on at the same time. A resource takes up to nine calls at once, and there are 50 connections: more
 * would only wait in line, with their memory taken.
 */
const AT_ONCE = 32;

/** Runs tasks, so many at a time. A task that waits for others must do so before it asks for its turn. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  return pLimit(AT_ONCE);
}
