import pLimit from 'p-limit';

/**
 * Number of resources processed at the same time. A resource takes up to nine calls at once, and there are 50
 * connections: more would only wait in line and use memory.
 */
const AT_ONCE = 32;

/** Runs a limited number of tasks at a time. A task that waits for others must do so before it takes a slot. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  return pLimit(AT_ONCE);
}
