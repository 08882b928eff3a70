import { STOP_GRACE } from './deadlines.ts';

/** The response to an attempt was missing or incomplete at its deadline. The SDK retries it because of its name. */
export class NoCompleteAnswer extends Error {
  override readonly name = 'TimeoutError';
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`no complete answer within ${milliseconds / 1_000} seconds`);
    this.milliseconds = milliseconds;
  }
}

/** A request was aborted, or not sent, because the run is stopping. */
export class StoppedRequest extends Error {
  override readonly name = 'AbortError';

  constructor() {
    super('stopped before it was answered');
  }
}

export interface AttemptOptions {
  /** Milliseconds for the whole attempt. */
  readonly timeout: number;
  /** When aborted, the attempt ends immediately. */
  readonly abortSignal: AbortSignal | undefined;
  /** Aborted: the run is stopping, and the attempt ends soon. */
  readonly stop: AbortSignal | undefined;
}

/**
 * Runs one attempt with one deadline for everything that it waits for. `send` receives the signal that ends it. @throws
 * NoCompleteAnswer at the deadline, and StoppedRequest if the run is stopping.
 */
export async function attempt<T>(options: AttemptOptions, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeout, abortSignal, stop } = options;
  const controller = new AbortController();
  const timers = [setTimeout(() => controller.abort(new NoCompleteAnswer(timeout)), timeout)];
  const onAbort = () => controller.abort(new StoppedRequest());
  const onStop = () => timers.push(setTimeout(onAbort, STOP_GRACE));
  abortSignal?.addEventListener('abort', onAbort);
  stop?.addEventListener('abort', onStop);
  try {
    if (abortSignal?.aborted || stop?.aborted) throw new StoppedRequest();
    return await send(controller.signal);
  } catch (error) {
    // The connection's error does not show why it was ended; the signal's reason does.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    abortSignal?.removeEventListener('abort', onAbort);
    stop?.removeEventListener('abort', onStop);
  }
}
