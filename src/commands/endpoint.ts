import { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import type { GlobalOptions } from './options.ts';

/** The endpoint of all services, if it is not AWS's own. */
export function endpointOf({ endpointUrl }: GlobalOptions, { env }: Io): string | undefined {
  return endpointUrl ?? (env.AWS_ENDPOINT_URL || undefined);
}

/** The SDK itself answers a bad URL with a fault of its own. */
export function checkEndpoints({ endpointUrl }: GlobalOptions, { env }: Io): void {
  const given = [
    ['--endpoint-url', endpointUrl] as const,
    ...Object.entries(env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL')),
  ];
  for (const [name, url] of given) {
    if (!url || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) continue;
    throw new CrcError(`${name}: "${url}" is not a URL.`, { hint: 'Write one like http://127.0.0.1:5000.' });
  }
}
