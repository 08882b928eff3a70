import { isDeepStrictEqual } from 'node:util';
import type {
  Architecture,
  FunctionConfiguration,
  Runtime,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { CrcError } from '../../errors.ts';

/** A function's settings in the config. An undefined setting is not managed: any live value is accepted. */
export interface FunctionSettings {
  readonly name: string;
  readonly roleArn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly architecture: Architecture | undefined;
  readonly memoryMb: number | undefined;
  readonly timeoutSeconds: number | undefined;
  /** If set, crc manages all variables. */
  readonly environment: Readonly<Record<string, string>> | undefined;
}

/** The settings as facts, both wanted and live. */
export type ConfigurationFacts = {
  readonly settings: {
    readonly runtime: string | null;
    readonly handler: string | null;
    readonly role: string | null;
    readonly memoryMb: number | null;
    readonly timeoutSeconds: number | null;
  };
  /**
   * By name, whether the value matches the config. Neither the value nor a digest is ever shown, since a short value
   * can be guessed from its digest.
   */
  readonly environment: Readonly<Record<string, EnvironmentValue>>;
  readonly architecture: string | null;
};

/** Shown instead of the value of an environment variable. */
export const ENVIRONMENT_VALUE = { configured: '(as in the config)', other: '(another value)' } as const;

type EnvironmentValue = (typeof ENVIRONMENT_VALUE)[keyof typeof ENVIRONMENT_VALUE];

/** Shown as the runtime of a function that is not a zip. */
export const CONTAINER_IMAGE = 'container image';

export function wantedConfiguration(want: FunctionSettings): ConfigurationFacts {
  return {
    settings: {
      runtime: want.runtime,
      handler: want.handler,
      role: want.roleArn,
      memoryMb: want.memoryMb ?? null,
      timeoutSeconds: want.timeoutSeconds ?? null,
    },
    environment: environmentFact(want.environment ?? {}, want.environment),
    architecture: want.architecture ?? null,
  };
}

/** @throws CrcError if Lambda cannot decrypt the environment, since its content is then unknown. */
export function liveConfiguration(want: FunctionSettings, live: FunctionConfiguration): ConfigurationFacts {
  const { Environment, PackageType, Architectures } = live;
  if (want.environment !== undefined && Environment?.Error !== undefined) {
    throw new CrcError(
      `Lambda cannot read the environment variables of ${want.name}: ${Environment.Error.ErrorCode ?? 'unknown error'}.`,
      { hint: 'They are encrypted with a KMS key that these credentials cannot use: allow kms:Decrypt on it.' },
    );
  }
  return {
    settings: {
      runtime: PackageType === 'Image' ? CONTAINER_IMAGE : (live.Runtime ?? null),
      handler: live.Handler ?? null,
      role: live.Role ?? null,
      memoryMb: want.memoryMb === undefined ? null : (live.MemorySize ?? null),
      timeoutSeconds: want.timeoutSeconds === undefined ? null : (live.Timeout ?? null),
    },
    environment: want.environment === undefined ? {} : environmentFact(Environment?.Variables ?? {}, want.environment),
    architecture: want.architecture === undefined ? null : (Architectures?.[0] ?? 'x86_64'),
  };
}

/** Whether a version has the settings in the config. */
export function isConfigured(want: FunctionSettings, live: FunctionConfiguration): boolean {
  return isDeepStrictEqual(liveConfiguration(want, live), wantedConfiguration(want));
}

/** The input of CreateFunction and UpdateFunctionConfiguration. Omitted settings are unchanged. */
export function configurationInput(
  want: FunctionSettings,
): Omit<UpdateFunctionConfigurationCommandInput, 'FunctionName'> & { readonly Role: string } {
  return {
    Role: want.roleArn,
    Runtime: want.runtime as Runtime,
    Handler: want.handler,
    MemorySize: want.memoryMb,
    Timeout: want.timeoutSeconds,
    Environment: want.environment === undefined ? undefined : { Variables: want.environment },
  };
}

function environmentFact(
  variables: Readonly<Record<string, string>>,
  want: FunctionSettings['environment'] = {},
): ConfigurationFacts['environment'] {
  const names = Object.keys(variables).sort();
  const value = (name: string) =>
    Object.hasOwn(want, name) && want[name] === variables[name]
      ? ENVIRONMENT_VALUE.configured
      : ENVIRONMENT_VALUE.other;
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}
