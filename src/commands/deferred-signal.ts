import { setMaxListeners } from 'node:events';

/** A signal that waits for work that must not be interrupted. */
export interface DeferredSignal {
  readonly signal: AbortSignal;
  /** Runs something to the end: an interruption takes effect after it. */
  uninterrupted<T>(run: () => Promise<T>): Promise<T>;
}

/**
 * A signal that follows another, but is deferred while something runs that must not be left incomplete: a state without
 * its digest. Requests sent meanwhile are limited by their own deadlines.
 */
export function deferredSignal(interruption: AbortSignal): DeferredSignal {
  const controller = new AbortController();
  // Every request in progress listens, and stops listening when it ends.
  setMaxListeners(0, controller.signal);
  let running = 0;
  const follow = () => {
    if (running === 0) controller.abort(interruption.reason);
  };
  if (interruption.aborted) follow();
  interruption.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    async uninterrupted(run) {
      running += 1;
      try {
        return await run();
      } finally {
        running -= 1;
        if (interruption.aborted) follow();
      }
    },
  };
}
