import pLimit from 'p-limit';

/**
 * The number of resources processed at the same time. A resource makes up to nine concurrent calls, and there are 50
 * connections; more resources would only queue and use memory.
 */
const AT_ONCE = 32;

/** Runs a limited number of tasks at a time. A task that waits for others must do so before it takes a slot. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  return pLimit(AT_ONCE);
}
