import { closest } from '../closest.ts';
import type { Environment } from '../environment.ts';
import { CrcError, systemReason } from '../errors.ts';
import { shellWord } from '../shell.ts';
import type { AwsError } from './error-names.ts';

type Section = Readonly<Record<string, string | undefined>>;

/** What is known when no credentials were found. */
export interface CredentialFailure {
  /** The error of the provider chain. */
  readonly error: AwsError;
  /** The failure that each provider recorded. Never shown: it may contain the output of a command. */
  readonly recorded: readonly string[];
  readonly profile: string;
  /** Whether the profile was chosen with --profile or AWS_PROFILE. */
  readonly named: boolean;
  /** The profiles in ~/.aws/config and ~/.aws/credentials, by name. */
  readonly profiles: Readonly<Record<string, Section | undefined>>;
  /** The `[sso-session …]` sections. */
  readonly sessions: Readonly<Record<string, Section | undefined>>;
  /** Set when a profile file cannot be read, so that the profiles may be incomplete. */
  readonly unreadable?: CrcError;
}

const FILES = '~/.aws/config or ~/.aws/credentials';

/**
 * Why there are no credentials, and the one command that helps. Undefined for errors of AWS itself (a role that may not
 * be assumed, a network that is down), which have their own messages. Reveals only names, paths and exit codes.
 */
export function credentialProblem(failure: CredentialFailure, env: Environment): CrcError | undefined {
  const { error, profile, named, profiles } = failure;
  const isOfProvider = error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError';
  const known = Object.hasOwn(profiles, profile);
  if (!isOfProvider && !isStrange(failure)) return unreadableToken(error, env);
  const problem =
    (known ? undefined : failure.unreadable) ??
    (named && !known ? unknownProfile(profile, profiles, error) : undefined) ??
    (known ? profileProblem(failure) : undefined) ??
    environmentProblem(env, error) ??
    (named || known ? emptyProfile(profile, profiles[profile], error) : noneAtAll(profiles, error));
  return problem;
}

/** The SDK throws a TypeError for a missing sso-session. */
function isStrange({ error, profiles, profile }: CredentialFailure): boolean {
  return error.name === 'TypeError' && profiles[profile]?.sso_session !== undefined;
}

/**
 * The SDK reads the web identity token's file, set in the environment or a profile, and passes on the error if it
 * fails.
 */
function unreadableToken(
  error: AwsError & { readonly path?: string; readonly syscall?: string },
  env: Environment,
): CrcError | undefined {
  if (error.syscall === undefined || error.path === undefined) return undefined;
  const where =
    error.path === env.AWS_WEB_IDENTITY_TOKEN_FILE ? 'AWS_WEB_IDENTITY_TOKEN_FILE' : 'web_identity_token_file';
  return new CrcError(`The web identity token in ${error.path} cannot be read: ${systemReason(error)}.`, {
    hint: `Correct ${where}, or choose a profile with --profile.`,
    cause: error,
  });
}

function unknownProfile(profile: string, profiles: CredentialFailure['profiles'], cause: unknown): CrcError {
  const names = Object.keys(profiles);
  const meant = closest(profile, names);
  const create = `Create it with \`aws configure sso --profile ${shellWord(profile)}\`, or choose another with --profile.`;
  const choose =
    names.length === 0
      ? create
      : `Choose ${names.length === 1 ? '' : 'one of '}${listOf(names)} with --profile or AWS_PROFILE.`;
  const allProfiles = names.length > 1 ? ` The profiles are ${listOf(names)}.` : '';
  const hint = meant === undefined ? choose : `Did you mean --profile ${shellWord(meant)}?${allProfiles}`;
  return new CrcError(`The AWS profile ${JSON.stringify(profile)} was not found in ${FILES}.`, { hint, cause });
}

/** Quotes names only if necessary. */
function listOf(names: readonly string[]): string {
  return names.map((name) => (/^[\w@.+-]+$/.test(name) ? name : JSON.stringify(name))).join(', ');
}

/** The chain of profiles by source_profile, from the profile itself to one that is missing or repeats. */
function chainOf({ profile, profiles }: CredentialFailure): readonly string[] {
  const chain: string[] = [];
  for (let name: string | undefined = profile; name !== undefined && !chain.includes(name); ) {
    chain.push(name);
    const section: Section | undefined = profiles[name];
    // A profile that is its own source contains access keys.
    name = section?.source_profile === name ? undefined : section?.source_profile;
  }
  return chain;
}

function profileProblem(failure: CredentialFailure): CrcError | undefined {
  const { error, recorded, profile, profiles, sessions } = failure;
  const notes = [...recorded, error.message ?? ''].join('\n');
  const chain = chainOf(failure);
  const last = chain.at(-1) ?? profile;
  const section = profiles[last];
  const problem = (message: string, hint: string) => new CrcError(message, { hint, cause: error });
  if (notes.includes('Detected a cycle')) {
    return problem(
      `The AWS profiles ${listOf(chain)} name each other as their source_profile.`,
      'Edit ~/.aws/config: remove source_profile from the one that has credentials.',
    );
  }
  if (section === undefined) {
    return problem(
      `The AWS profile ${JSON.stringify(chain.at(-2))} takes its credentials from the profile ${JSON.stringify(last)} (source_profile), which was not found.`,
      `Correct source_profile in ~/.aws/config, or create the profile: \`aws configure sso --profile ${shellWord(last)}\`.`,
    );
  }
  if (section.credential_process !== undefined) return processProblem(last, notes, error);
  if (section.sso_session !== undefined && sessions[section.sso_session] === undefined) {
    return problem(
      `The AWS profile ${JSON.stringify(last)} names the sso-session ${JSON.stringify(section.sso_session)}, which was not found in ~/.aws/config.`,
      `Set it up again: \`aws configure sso --profile ${shellWord(last)}\`.`,
    );
  }
  if (Object.keys(section).some((key) => key.startsWith('sso_'))) return ssoProblem(last, notes, error);
  if (section.login_session !== undefined) return loginProblem(last, notes, error);
  if (section.credential_source !== undefined) {
    return problem(
      `The AWS profile ${JSON.stringify(last)} takes its credentials from ${section.credential_source} (credential_source), which returned none.`,
      sourceHint(section.credential_source),
    );
  }
  if (section.web_identity_token_file !== undefined) {
    return problem(
      `The AWS profile ${JSON.stringify(last)} could not get credentials with the web identity token in ${section.web_identity_token_file}.`,
      'Check that the file exists and that its token has not expired.',
    );
  }
  return undefined;
}

function sourceHint(source: string): string {
  if (source === 'Environment') return 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
  if (source === 'EcsContainer')
    return 'EcsContainer works only in an ECS or EKS container that has a role. Elsewhere, choose another profile with --profile.';
  if (source === 'Ec2InstanceMetadata')
    return 'Ec2InstanceMetadata works only on an EC2 instance that has a role. Elsewhere, choose another profile with --profile.';
  return 'Set credential_source in ~/.aws/config to Environment, EcsContainer or Ec2InstanceMetadata.';
}

function processProblem(profile: string, notes: string, cause: unknown): CrcError {
  const ended = /credential_process ended with (exit code \d+|SIG\w+)/.exec(notes)?.[1];
  const returned =
    /credential_process (did not return Version 1|returned (?:invalid JSON|invalid credentials|expired credentials))/.exec(
      notes,
    )?.[1];
  const how = ended === undefined ? (returned ?? 'returned no credentials') : `ended with ${ended}`;
  return new CrcError(`The credential_process of the AWS profile ${JSON.stringify(profile)} ${how}.`, {
    hint: `Run that command yourself (\`aws configure get credential_process --profile ${shellWord(profile)}\` shows it). It must print credentials as JSON with "Version": 1.`,
    cause,
  });
}

function ssoProblem(profile: string, notes: string, cause: unknown): CrcError {
  if (notes.includes('invalid SSO credentials')) {
    return new CrcError(
      `The AWS profile ${JSON.stringify(profile)} is missing one or more of sso_account_id, sso_region, sso_role_name and sso_start_url.`,
      {
        hint: `Set it up again: \`aws configure sso --profile ${shellWord(profile)}\`.`,
        cause,
      },
    );
  }
  if (/ForbiddenException|No access/.test(notes)) {
    return new CrcError(
      `The AWS profile ${JSON.stringify(profile)} is logged in, but has no access to its account or role.`,
      {
        hint: `Check sso_account_id and sso_role_name: \`aws configure sso --profile ${shellWord(profile)}\` lists the accounts and roles that you can use.`,
        cause,
      },
    );
  }
  return new CrcError(`The SSO login of the AWS profile ${JSON.stringify(profile)} has expired or is missing.`, {
    hint: `Log in: \`aws sso login --profile ${shellWord(profile)}\`.`,
    cause,
  });
}

function loginProblem(profile: string, notes: string, cause: unknown): CrcError {
  if (notes.includes('insufficient permissions')) {
    return new CrcError(
      `The login of the AWS profile ${JSON.stringify(profile)} cannot be renewed: your user or role is not allowed signin:CreateOAuth2Token.`,
      {
        hint: 'Attach the AWS managed policy SignInLocalDevelopmentAccess to your user or role.',
        cause,
      },
    );
  }
  return new CrcError(`The login of the AWS profile ${JSON.stringify(profile)} has expired or is missing.`, {
    hint: `Log in: \`aws login --profile ${shellWord(profile)}\`.`,
    cause,
  });
}

/** Environment variables that should provide credentials, but do not. */
function environmentProblem(env: Environment, cause: unknown): CrcError | undefined {
  if (Boolean(env.AWS_ACCESS_KEY_ID) !== Boolean(env.AWS_SECRET_ACCESS_KEY)) {
    const [set, unset] = env.AWS_ACCESS_KEY_ID
      ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
      : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    return new CrcError(`No AWS credentials were found: ${set} is set, but ${unset} is not.`, {
      hint: `Set ${unset} as well, or choose a profile with --profile.`,
      cause,
    });
  }
  const container = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'].find(
    (name) => env[name],
  );
  if (container === undefined) return undefined;
  return new CrcError(
    `No AWS credentials were found: the container's credentials endpoint (${container}) returned none.`,
    {
      hint: 'Check that the task or pod has a role, or choose a profile with --profile.',
      cause,
    },
  );
}

function emptyProfile(profile: string, section: Section | undefined, cause: unknown): CrcError {
  const half = section?.aws_access_key_id !== undefined && section.aws_secret_access_key === undefined;
  const what = half ? 'has aws_access_key_id but no aws_secret_access_key' : 'has no credentials';
  return new CrcError(`The AWS profile ${JSON.stringify(profile)} ${what}.`, {
    hint: `Log in with it: \`aws login --profile ${shellWord(profile)}\`, or \`aws configure sso --profile ${shellWord(profile)}\` if you use IAM Identity Center.`,
    cause,
  });
}

function noneAtAll(profiles: CredentialFailure['profiles'], cause: unknown): CrcError {
  const names = Object.keys(profiles);
  const hint =
    names.length > 0
      ? `Choose a profile with --profile or AWS_PROFILE: ${listOf(names)}.`
      : 'Log in: `aws login` (AWS CLI 2.32 or later), or `aws configure sso` if you use IAM Identity Center. No AWS account yet? Try `crc demo`.';
  return new CrcError('No AWS credentials were found.', {
    hint,
    cause,
  });
}
