import { resolveEndpointConfig } from '@smithy/core/endpoints';
import { SERVICES, type ServiceName } from './services.ts';

/**
 * The endpoint that the SDK uses for a service, from the environment or the shared config file, as written there;
 * undefined for AWS's own. Asks the SDK itself, since its rules are complex (services sections, settings that disable
 * others). @throws the SDK's error for a config file that it cannot use.
 */
async function configuredEndpoint(service: ServiceName): Promise<string | undefined> {
  const { serviceConfiguredEndpoint } = resolveEndpointConfig({
    serviceId: SERVICES[service].sdkName,
    urlParser: unused,
    endpointProvider: unused,
  });
  return await serviceConfiguredEndpoint?.();
}

function unused(): never {
  throw new Error('no request is made here');
}

/** URLs whose host is this machine by its spelling. Names are not resolved. */
const LOOPBACK = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?(\/.*)?$/i;

export function isLoopback(url: string): boolean {
  return LOOPBACK.test(url);
}

/** True if every one of these services has an endpoint on this machine. Unknown endpoints count as elsewhere. */
export async function allOnThisMachine(
  services: readonly ServiceName[],
  endpointUrl: string | undefined,
): Promise<boolean> {
  if (endpointUrl !== undefined) return isLoopback(endpointUrl);
  try {
    const endpoints = await Promise.all(services.map(configuredEndpoint));
    return endpoints.every((endpoint) => endpoint !== undefined && isLoopback(endpoint));
  } catch {
    return false;
  }
}
