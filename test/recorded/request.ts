import type { HttpRequest } from '@smithy/types';
import { SETTINGS, type SentCall, sendTo } from '../helpers/fake-aws.ts';
import { CLIENTS } from '../helpers/sdk-clients.ts';
import type { WireRequest } from '../helpers/wire.ts';
import { CLIENT_MODULES } from './clients.ts';

/** The request of a call, as the SDK sends it. The bucket is in the path, where the proxies see it. */
export async function requestOf({ service, operation, input }: SentCall): Promise<WireRequest> {
  const requests: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    requests.push(request);
    throw new Error('sent');
  };
  const client = new CLIENTS[service]({ ...SETTINGS, maxAttempts: 1, requestHandler: { handle } as never });
  const Command = (await CLIENT_MODULES[service]())[`${operation}Command`] as new (input: object) => object;
  const error: unknown = await sendTo(client, new Command(input)).catch((thrown: unknown) => thrown);
  const [request] = requests;
  if (request === undefined) throw error;
  const { method, hostname, path, query, headers, body } = request;
  const parameters = new URLSearchParams(query as Record<string, string>).toString();
  const bucket = hostname.startsWith(`${input.Bucket}.`) ? `/${input.Bucket}` : '';
  return { method, url: `${bucket}${path}?${parameters}`, headers, body: Buffer.from(body ?? '').toString() };
}
