import { NodeHttpHandler, streamCollector } from '@smithy/node-http-handler';
import pLimit from 'p-limit';
import { attempt } from './attempt.ts';
import { CONNECTION_TIMEOUT, MAX_CONNECTIONS, REQUEST_TIMEOUT } from './deadlines.ts';
import { hasProxy, ProxyError, proxyFor } from './proxy.ts';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Options = Parameters<NodeHttpHandler['handle']>[1];
type Answered = ReturnType<NodeHttpHandler['handle']>;

const SETTINGS = {
  connectionTimeout: CONNECTION_TIMEOUT,
  // A client's own default would apply to all clients that share this handler, and an Invoke may be silent for 15
  // minutes.
  socketTimeout: 0,
};

/**
 * Limits concurrent requests, and gives each a deadline for its complete response; otherwise, a stalled body would
 * never time out. Returns response bodies as bytes. The deadline does not run while a request is queued here. In the
 * agent's own queue, waiting for a socket counts as connection time, so requests would time out whenever many are sent.
 * Uses the proxies from the environment.
 */
export class Handler extends NodeHttpHandler {
  readonly #turn = pLimit(MAX_CONNECTIONS);
  readonly #stop: AbortSignal | undefined;
  /** By proxy address. */
  readonly #throughProxies = new Map<string, Promise<NodeHttpHandler>>();

  /** Once `stop` is aborted, nothing more is sent, and requests in progress get a short grace period. */
  constructor(stop?: AbortSignal) {
    super({
      ...SETTINGS,
      httpAgent: { maxSockets: MAX_CONNECTIONS },
      httpsAgent: { maxSockets: MAX_CONNECTIONS },
    });
    this.#stop = stop;
  }

  override async handle(request: Request, options: Options = {}): Answered {
    const { abortSignal, requestTimeout: timeout = REQUEST_TIMEOUT } = options;
    const limits = { timeout, abortSignal: abortSignal as AbortSignal | undefined, stop: this.#stop };
    return await this.#turn(() =>
      attempt(limits, async (signal) => {
        const { response } = await this.#send(request, { abortSignal: signal, requestTimeout: 0 });
        // Throws an ECONNRESET when the connection is closed before the end.
        response.body = await streamCollector(response.body);
        return { response };
      }),
    );
  }

  override destroy(): void {
    super.destroy();
    for (const through of this.#throughProxies.values()) void through.then((handler) => handler.destroy());
  }

  async #send(request: Request, options: Options): Answered {
    const proxy = hasProxy(process.env) ? proxyFor(urlOf(request), process.env) : undefined;
    if (proxy === undefined) return await super.handle(request, options);
    const handler = this.#throughProxies.get(proxy.href) ?? throughProxy(proxy);
    this.#throughProxies.set(proxy.href, handler);
    const answer = await (await handler).handle(request, options);
    // AWS never requests proxy credentials.
    if (answer.response.statusCode !== 407) return answer;
    answer.response.body.destroy();
    throw new ProxyError(proxy, { status: 407 });
  }
}

async function throughProxy(proxy: URL): Promise<NodeHttpHandler> {
  const { proxyAgents } = await import('./proxy-agents.ts');
  return new NodeHttpHandler({ ...SETTINGS, ...proxyAgents(proxy) });
}

function urlOf({ protocol, hostname, port }: Request): URL {
  return new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`);
}
