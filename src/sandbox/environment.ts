import { devNull } from 'node:os';
import type { Environment } from '../environment.ts';

/** Moto's own account, for a folder whose config names none. */
export const MOTO_ACCOUNT = '123456789012';

export interface SandboxPlace {
  readonly endpoint: string;
  readonly region: string;
}

/**
 * Variables that take precedence over the sandbox's own, and would send a call elsewhere or sign it with real
 * credentials.
 */
const BEATING = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  // An endpoint for one service takes precedence over the general one.
  ...['S3', 'DynamoDB', 'IAM', 'STS', 'Lambda', 'CloudWatch Logs', 'KMS', 'Resource Groups Tagging API'].map(
    (sdkName) => `AWS_ENDPOINT_URL_${sdkName.replaceAll(' ', '_').toUpperCase()}`,
  ),
];

/** Removed if set, in any case. */
const REMOVED = [
  ...BEATING,
  'AWS_SECURITY_TOKEN',
  // The expiry of the real credentials: with it, boto3 would consider the dummies expired.
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  // Terraform's S3 backend still supports its older names:
  // https://developer.hashicorp.com/terraform/language/backend/s3
  ...['S3', 'DYNAMODB', 'IAM', 'STS'].map((service) => `AWS_${service}_ENDPOINT`),
];

const PROXIES = /^(https?|all|no)_proxy$/i;

/** The variables that the sandbox sets. The credentials are dummies, since Moto accepts any. */
export function sandboxVariables(env: Environment, { endpoint, region }: SandboxPlace): Record<string, string> {
  const noProxy = (name: string) =>
    [...new Set([...(env[name]?.split(',') ?? []), '127.0.0.1', 'localhost'])].filter(Boolean).join(',');
  const hasProxy = Object.entries(env).some(([name, value]) => PROXIES.test(name) && value);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    // A profile can set or disable endpoints, and have credentials of a real account.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...(hasProxy ? { NO_PROXY: noProxy('NO_PROXY'), no_proxy: noProxy('no_proxy') } : {}),
  };
}

/**
 * The variables that another shell has to unset: those set in this process, and those that take precedence over the
 * sandbox, which may only be set there.
 */
export function removedVariables(env: Environment): readonly string[] {
  return [...new Set([...BEATING, ...Object.keys(env).filter(isRemoved)])];
}

/** The environment of a command in the sandbox. */
export function sandboxEnvironment(env: Environment, place: SandboxPlace): Environment {
  const kept = Object.entries(env).filter(([name]) => !isRemoved(name));
  return { ...Object.fromEntries(kept), ...sandboxVariables(env, place) };
}

/**
 * The environment of the emulator itself, without the user's AWS settings. Moto returns an error for everything if
 * AWS_PROFILE names a profile that does not exist.
 */
export function emulatorEnvironment(env: Environment): Environment {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('AWS_'));
  return { ...Object.fromEntries(kept), AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };
}

function isRemoved(name: string): boolean {
  return REMOVED.includes(name) || name.startsWith('AWS_ENDPOINT_URL_');
}
