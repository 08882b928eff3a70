import { booleanSelector, CONFIG_PREFIX_SEPARATOR, loadConfig, SelectorType } from '@smithy/core/config';
import { resolveEndpointConfig } from '@smithy/core/endpoints';

/**
 * The endpoint for a service from the environment or the shared config file, as written there; undefined for AWS's own.
 * Without a profile, asks the SDK itself, since its rules are complex (services sections, settings that disable
 * others). It only knows the profile in AWS_PROFILE, so for another one its rules are applied here. `sdkName`: as in
 * `Service`. @throws the SDK's error for a config file that it cannot use.
 */
export async function configuredEndpoint(sdkName: string, profile?: string): Promise<string | undefined> {
  if (profile) return await endpointWith(sdkName, profile);
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

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
async function endpointWith(sdkName: string, profile: string): Promise<string | undefined> {
  const isIgnored = loadConfig(
    {
      environmentVariableSelector: (env) =>
        booleanSelector(env, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', SelectorType.ENV),
      configFileSelector: (section) => booleanSelector(section, 'ignore_configured_endpoint_urls', SelectorType.CONFIG),
      default: false,
    },
    { profile },
  );
  if (await isIgnored()) return undefined;
  const words = sdkName.split(' ');
  const endpoint = loadConfig<string | undefined>(
    {
      environmentVariableSelector: (env) =>
        env[`AWS_ENDPOINT_URL_${words.join('_').toUpperCase()}`] || env.AWS_ENDPOINT_URL || undefined,
      configFileSelector: ({ services, endpoint_url: ofAll }, file) => {
        const section = services === undefined ? {} : file?.[`services${CONFIG_PREFIX_SEPARATOR}${services}`];
        // The SDK takes no endpoint from a profile that names a section without a definition.
        if (section === undefined) return undefined;
        const ofService = section[`${words.join('_').toLowerCase()}${CONFIG_PREFIX_SEPARATOR}endpoint_url`];
        return ofService || ofAll || undefined;
      },
      default: undefined,
    },
    { profile },
  );
  return await endpoint();
}
