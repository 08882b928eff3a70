import { NodeHttpHandler } from '@smithy/node-http-handler';
import pLimit from 'p-limit';
import { attempt, received } from './attempt.ts';
import { CONNECTION_TIMEOUT, MAX_CONNECTIONS, REQUEST_TIMEOUT } from './deadlines.ts';

/**
 * Sends requests, so many at a time, each under a deadline for its whole answer: a body that stalls would otherwise be waited
 * for without end. What waits for its turn has no deadline running: left to the agent's own queue, a request counts the time
 * in which it has no socket as time in which it could not connect, and fails for nothing where many are sent.
 */
export class Handler extends NodeHttpHandler {
  readonly #turn = pLimit(MAX_CONNECTIONS);
  readonly #stop: AbortSignal | undefined;

  /** Once `stop` is aborted nothing is sent any more, and what is in progress gets a short grace. */
  constructor(stop?: AbortSignal) {
    super({
      connectionTimeout: CONNECTION_TIMEOUT,
      // A client's own default would hold for all that share this handler: an Invoke may be silent for a quarter of an hour.
      socketTimeout: 0,
      httpAgent: { maxSockets: MAX_CONNECTIONS },
      httpsAgent: { maxSockets: MAX_CONNECTIONS },
    });
    this.#stop = stop;
  }

  override async handle(
    request: Parameters<NodeHttpHandler['handle']>[0],
    { abortSignal, requestTimeout: timeout = REQUEST_TIMEOUT }: Parameters<NodeHttpHandler['handle']>[1] = {},
  ): ReturnType<NodeHttpHandler['handle']> {
    const options = { timeout, abortSignal: abortSignal as AbortSignal | undefined, stop: this.#stop };
    return await this.#turn(() =>
      attempt(options, async (signal) => {
        const { response } = await super.handle(request, { abortSignal: signal, requestTimeout: 0 });
        response.body = await received(response.body);
        return { response };
      }),
    );
  }
}
