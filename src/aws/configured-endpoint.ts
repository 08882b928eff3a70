import { resolveEndpointConfig } from '@smithy/core/endpoints';

/**
 * The endpoint that the SDK uses for a service, from the environment or the shared config file, as written there;
 * undefined for AWS's own. Asks the SDK itself, since its rules are complex (services sections, settings that disable
 * others). `sdkName`: as in `Service`. @throws the SDK's error for a config file that it cannot use.
 */
export async function configuredEndpoint(sdkName: string): Promise<string | undefined> {
  const { serviceConfiguredEndpoint } = resolveEndpointConfig({
    serviceId: sdkName,
    urlParser: unused,
    endpointProvider: unused,
  });
  return await serviceConfiguredEndpoint?.();
}

function unused(): never {
  throw new Error('no request is made here');
}
