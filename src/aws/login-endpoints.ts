import type { defaultProvider } from '@aws-sdk/credential-provider-node';
import { parseKnownFiles } from '@smithy/core/config';
import type { AwsCredentialIdentityProvider, ParsedIniData } from '@smithy/types';
import { CrcError } from '../errors.ts';
import { configuredEndpoint } from './configured-endpoint.ts';

type Settings = Pick<
  NonNullable<Parameters<typeof defaultProvider>[0]>,
  'clientConfig' | 'roleAssumer' | 'roleAssumerWithWebIdentity'
>;

/**
 * With a profile other than the one in AWS_PROFILE, the SDK's credential providers would still call the endpoints of that
 * one. STS gets a client of its own; the services of SSO have one setting in the SDK, so they must share an endpoint.
 * @throws CrcError if they do not.
 */
export async function loginSettings(
  profile: string,
  requestHandler: object,
  caller: NonNullable<Parameters<AwsCredentialIdentityProvider>[0]>['callerClientConfig'],
): Promise<Settings> {
  const sections = await parseKnownFiles({});
  const services = loginServices(sections, profile);
  const [sts, endpoint, ...more] = await Promise.all(
    ['STS', ...services].map(async (service) => await configuredEndpoint(service, profile)),
  );
  if (more.some((other) => other !== endpoint)) {
    throw new CrcError(
      `The AWS profile ${JSON.stringify(profile)} has different endpoints for ${services.join(' and ')}, which crc can only use from AWS_PROFILE.`,
      { hint: 'Set AWS_PROFILE to it instead of passing --profile.' },
    );
  }
  const common = { requestHandler: requestHandler as never, ignoreConfiguredEndpointUrls: true };
  // The SDK prefers the region of the profile, too.
  const parentClientConfig = { region: sections[profile]?.region ?? caller?.region };
  const stsOptions = { ...common, endpoint: sts, parentClientConfig } as never;
  return {
    clientConfig: { ...common, endpoint } as never,
    async roleAssumer(source, params) {
      const { getDefaultRoleAssumer } = await import('@aws-sdk/client-sts');
      return await getDefaultRoleAssumer(stsOptions)(source, params as never);
    },
    async roleAssumerWithWebIdentity(params) {
      const { getDefaultRoleAssumerWithWebIdentity } = await import('@aws-sdk/client-sts');
      return await getDefaultRoleAssumerWithWebIdentity(stsOptions)(params as never);
    },
  };
}

/** The services other than STS that a login with a profile, or with the one that it gets its credentials from, calls. */
function loginServices(sections: ParsedIniData, profile: string, seen: readonly string[] = []): readonly string[] {
  const section = sections[profile] ?? {};
  if (section.login_session !== undefined) return ['Signin'];
  if (section.sso_session !== undefined) return ['SSO', 'SSO OIDC'];
  if (section.sso_start_url !== undefined) return ['SSO'];
  const { source_profile: source } = section;
  return source === undefined || seen.includes(source) ? [] : loginServices(sections, source, [...seen, source]);
}
