import { configuredEndpoint } from './configured-endpoint.ts';
import { SERVICES, type ServiceName } from './services.ts';

/** URLs whose host is this machine by its spelling. Names are not resolved. */
const LOOPBACK = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?(\/.*)?$/i;

export function isLoopback(url: string): boolean {
  return LOOPBACK.test(url);
}

/** True if every one of these services has an endpoint on this machine. Unknown endpoints count as elsewhere. */
export async function allOnThisMachine(
  services: readonly ServiceName[],
  { endpointUrl, profile }: { readonly endpointUrl?: string | undefined; readonly profile?: string | undefined },
): Promise<boolean> {
  if (endpointUrl !== undefined) return isLoopback(endpointUrl);
  try {
    const endpoints = await Promise.all(
      services.map((service) => configuredEndpoint(SERVICES[service].sdkName, profile)),
    );
    return endpoints.every((endpoint) => endpoint !== undefined && isLoopback(endpoint));
  } catch {
    return false;
  }
}
