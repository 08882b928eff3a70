import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { externalDataInterceptor, loadSsoSessionData, parseKnownFiles } from '@smithy/core/config';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import type { Environment } from '../environment.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { shellWord } from '../shell.ts';
import { asAwsError } from './error-names.ts';

/** Prompts for the six digits that an MFA device shows. Throws a CrcError when it cannot prompt. */
export type AskMfaCode = (question: MfaQuestion) => Promise<string>;

export interface MfaQuestion {
  /** The profile that requires it. */
  readonly profile: string;
  /** ARN or serial number of the device. */
  readonly device: string;
  /** Aborted when the run is stopping, or when the credentials that need the code turned out to be unusable. */
  readonly signal: AbortSignal;
}

export interface CredentialsOptions {
  /** Undefined: the profile in AWS_PROFILE, or the default profile. */
  readonly profile: string | undefined;
  readonly askMfaCode: AskMfaCode;
  /** When aborted, a prompt is cancelled. */
  readonly signal: AbortSignal | undefined;
  /** For the requests that are needed to get credentials: roles, logins. */
  readonly requestHandler: object;
  /** Receives credentials, so that no output shows them. */
  readonly onCredentials: (credentials: AwsCredentialIdentity) => void;
}

/**
 * The SDK's own provider chain, called once for all clients. If it finds no credentials, this throws a CrcError that
 * names the cause: the chain continues after most failures, so its final error is about the last provider.
 */
export function credentialsOf(options: CredentialsOptions): AwsCredentialIdentityProvider {
  const { requestHandler } = options;
  const named = profileName(options.profile, process.env);
  const profile = named ?? 'default';
  const recorded: string[] = [];
  const note = (...texts: readonly unknown[]) => void recorded.push(texts.map(String).join(' '));
  const isOther = options.profile !== undefined && named !== (process.env.AWS_PROFILE || undefined);
  let provider: ReturnType<typeof defaultProvider> | undefined;
  async function createProvider(properties: Parameters<AwsCredentialIdentityProvider>[0]) {
    const settings = isOther
      ? await (await import('./login-endpoints.ts')).loginSettings(
          profile,
          requestHandler,
          properties?.callerClientConfig,
        )
      : { clientConfig: { requestHandler: requestHandler as never } };
    return defaultProvider({
      ...(options.profile === undefined ? {} : { profile }),
      // The SDK records each provider's failure, and would warn on the console when both a profile and keys are set.
      logger: { debug: note, info: ignore, warn: ignore, error: ignore },
      mfaCodeProvider: (device) => ask(options, profile, device),
      ...settings,
    });
  }
  let problem: unknown;
  let looking: Promise<AwsCredentialIdentity> | undefined;
  async function look(properties: Parameters<AwsCredentialIdentityProvider>[0]): Promise<AwsCredentialIdentity> {
    recorded.length = 0;
    nameExitCodes();
    try {
      provider ??= await createProvider(properties);
      const credentials = await provider(properties);
      options.onCredentials(credentials);
      return credentials;
    } catch (error) {
      if (error instanceof Cancelled || error instanceof CrcError) problem = error;
      else problem = await problemOf(error, recorded, profile, named !== undefined);
      throw problem ?? error;
    }
  }
  return async (properties) => {
    // The problem lasts for the whole run, so no call asks, or runs a command, again.
    if (problem !== undefined) throw problem;
    // Clients that ask in the meantime share the result: starting again would discard what the providers recorded.
    looking ??= look(properties).finally(() => {
      looking = undefined;
    });
    return await looking;
  };
}

/**
 * The profile from the flag or AWS_PROFILE; undefined if neither names one. The SDK and the AWS CLI treat an empty variable as
 * not set, as CI and compose files often pass it.
 */
export function profileName(flag: string | undefined, env: Environment): string | undefined {
  return flag || env.AWS_PROFILE || undefined;
}

function ignore(): undefined {
  return undefined;
}

async function problemOf(error: unknown, recorded: readonly string[], profile: string, named: boolean) {
  const [{ credentialProblem }, { unreadableProfileFile }] = await Promise.all([
    import('./credential-problems.ts'),
    import('./profile-files.ts'),
  ]);
  const [sections, sessions, unreadable] = await Promise.all([
    parseKnownFiles({}),
    loadSsoSessionData(),
    unreadableProfileFile(process.env),
  ]);
  // Sections of other kinds are included, prefixed with their kind and a dot.
  const profiles = Object.fromEntries(
    Object.entries(sections).filter(([name]) => !/^(sso-session|services)\./.test(name)),
  );
  return credentialProblem(
    { error: asAwsError(error), recorded, profile, named, profiles, sessions, unreadable },
    process.env,
  );
}

/** Used without a terminal. */
export const cannotAsk: AskMfaCode = async ({ profile, device }) => {
  throw new CrcError(
    `The AWS profile ${JSON.stringify(profile)} needs a code from the MFA device ${device}, and crc cannot prompt for it here.`,
    {
      hint: `Run the command in a terminal. Elsewhere, get credentials first with \`eval "$(aws configure export-credentials --profile ${shellWord(profile)} --format env)"\`, then run the command without a profile.`,
    },
  );
};

/**
 * The SDK prompts for the code while it is still looking for the credentials to assume the role with, and only handles
 * their failure afterwards. By then Node would have ended the process for the unhandled rejection, so it is handled
 * here and cancels the prompt.
 */
async function ask({ askMfaCode, signal }: CredentialsOptions, profile: string, device: string): Promise<string> {
  const end = new AbortController();
  const onAbort = () => end.abort();
  let unheard: (reason: unknown) => void = ignore;
  const failed = new Promise<never>((_, reject) => {
    unheard = (reason) => {
      reject(reason);
      end.abort();
    };
  });
  process.on('unhandledRejection', unheard);
  signal?.addEventListener('abort', onAbort);
  try {
    return await Promise.race([failed, askMfaCode({ profile, device, signal: end.signal })]);
  } finally {
    process.removeListener('unhandledRejection', unheard);
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * If a `credential_process` fails, the SDK keeps its output, which may be a secret, and drops its exit code. The SDK's
 * hook for replacing `exec` allows the reverse.
 */
function nameExitCodes(): void {
  externalDataInterceptor.interceptToken('exec', execWithCode);
}

type ExecCallback = (error: Error | null, output?: { readonly stdout: string }) => void;

function execWithCode(command: string, done: ExecCallback): void {
  const run = ({ exec }: typeof import('node:child_process')) =>
    exec(command, (error, stdout) => {
      if (error === null) done(null, { stdout });
      else done(new Error(`credential_process ended with ${error.signal ?? `exit code ${error.code}`}`));
    });
  // Few runs need it, and loading it takes time.
  import('node:child_process').then(run, done);
}
