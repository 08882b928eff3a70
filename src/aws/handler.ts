import { NodeHttpHandler } from '@smithy/node-http-handler';
import pLimit from 'p-limit';
import { CONNECTION_TIMEOUT, MAX_CONNECTIONS, REQUEST_TIMEOUT } from './deadlines.ts';

/**
 * Sends requests, so many at a time. What waits for its turn has no deadline running: left to the agent's own line, a request
 * counts the time in which it has no socket as time in which it could not connect, and fails for nothing where many are sent.
 */
export class Handler extends NodeHttpHandler {
  readonly #turn = pLimit(MAX_CONNECTIONS);

  constructor() {
    super({
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      // Without it the handler only warns and waits on.
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_CONNECTIONS },
      httpsAgent: { maxSockets: MAX_CONNECTIONS },
    });
  }

  override async handle(...request: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    return await this.#turn(() => super.handle(...request));
  }
}
