import { isLoopback } from '../aws/endpoints.ts';
import { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import type { GlobalOptions } from './options.ts';

/** The endpoint of all services, if it is not AWS's own. */
export function endpointOf({ endpointUrl }: GlobalOptions, { env }: Io): string | undefined {
  return endpointUrl ?? (env.AWS_ENDPOINT_URL || undefined);
}

/** The account belongs to an emulator on this machine, unknown to GitHub and to Terraform elsewhere. */
export function isEmulated(options: GlobalOptions, io: Io): boolean {
  const endpoint = endpointOf(options, io);
  return endpoint !== undefined && isLoopback(endpoint);
}

/**
 * @throws CrcError for an endpoint that no request can be sent to: the SDK reports a bad URL with an internal error,
 * and silently drops a user name, a password and a query. Endpoints appear in backend blocks and error messages, so
 * none that could contain a secret is accepted, and the value is not shown.
 */
export function checkEndpoints({ endpointUrl }: GlobalOptions, { env }: Io): void {
  const given = [
    ['--endpoint-url', endpointUrl] as const,
    ...Object.entries(env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL')),
  ];
  for (const [name, url] of given) {
    if (!url) continue;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new CrcError(`${name}: "${url}" is not a URL.`, { hint: 'Use one like http://127.0.0.1:5000.' });
    }
    const { username, password, search, hash } = new URL(url);
    if (`${username}${password}${search}${hash}` === '') continue;
    throw new CrcError(`${name} has a user name, a password, a query or a fragment, which no AWS endpoint takes.`, {
      hint: 'Use only scheme, host and port, for example http://127.0.0.1:5000.',
    });
  }
}
