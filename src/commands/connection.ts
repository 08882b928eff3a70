import { dirname } from 'node:path';
import { isKeyAlias } from '../aws/arns.ts';
import { type Call, type CallCount, stopwatch } from '../aws/calls.ts';
import { type Clients, createClients } from '../aws/clients.ts';
import { cannotAsk, profileName } from '../aws/credentials.ts';
import { accountOf } from '../aws/identity.ts';
import { regionProblem } from '../aws/regions.ts';
import { environmentValues } from '../config/environment-values.ts';
import { type LoadedConfig, loadConfig, loadConfigIfAny } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { createProgress, type Progress } from '../ui/progress.ts';
import type { RunView } from '../ui/view.ts';
import { canAsk } from './can-ask.ts';
import { deferredSignal } from './deferred-signal.ts';
import { checkEndpoints, endpointOf } from './endpoint.ts';
import type { Interruption } from './interruption.ts';
import type { GlobalOptions } from './options.ts';

/** The connection to AWS. */
export interface AccountConnection {
  readonly clients: Clients;
  readonly progress: Progress;
  /** Aborted when the run must stop: no more work is started. */
  readonly signal: AbortSignal;
  /** Runs something that must not be interrupted midway: an interruption takes effect after it. */
  uninterrupted<T>(run: () => Promise<T>): Promise<T>;
  /** The endpoint is an emulator, or another one set by the user. */
  readonly customEndpoint: boolean;
  /** The environment for a child process that connects to AWS as crc does. */
  readonly childEnv: Io['env'];
  /**
   * Checks which account the credentials belong to, once. @throws if they are unusable or belong to another account.
   */
  identity(): Promise<string>;
  /**
   * Checks again after a prompt that may have waited for hours: renewed credentials come from the profile as it is
   * then. @throws if they belong to a different account than at first.
   */
  sameIdentity(): Promise<void>;
  /** Waits for an answer to a prompt, which does not count towards the run time. */
  asking<T>(ask: () => Promise<T>): Promise<T>;
  /** Marks the run as complete: if it is stopped afterwards, there is nothing to continue. */
  finished(): void;
  /** What the run has covered so far. */
  run(): RunView;
}

/** A config, and the connection to AWS. */
export interface Connection extends AccountConnection {
  readonly config: Config;
  /** Absolute folder of the config. */
  readonly root: string;
}

/** The connection to AWS for a command that also runs without a config. */
export interface OptionalConnection extends AccountConnection {
  readonly loaded: LoadedConfig | undefined;
}

export interface ConnectOptions {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly io: Io;
  /** When its signal is aborted, failing calls are not retried. */
  readonly interruption: Interruption;
}

/** Loads the config and creates clients. Sends nothing, except to resolve a key alias in the config. */
export async function connect(given: ConnectOptions): Promise<Connection> {
  const elapsed = stopwatch();
  checkEndpoints(given.options, given.io);
  const loaded = await loadConfig(lookup(given));
  const { config, file } = loaded;
  const connection = await connectTo(config.region, loaded, elapsed, given);
  return { ...connection, config: await withKey(config, connection), root: dirname(file) };
}

/** Replaces a key alias in the config with the key's ARN, which policies and comparisons use. Sends nothing else. */
async function withKey(config: Config, { clients, identity }: AccountConnection): Promise<Config> {
  const { encryption, region } = config.stateBucket;
  if (encryption.keyArn === undefined || !isKeyAlias(encryption.keyArn)) return config;
  const [{ keyOfAlias }, { explain }] = await Promise.all([import('../aws/keys.ts'), import('../aws/explain.ts')]);
  const keyArn = await keyOfAlias(clients.inRegion(region), encryption.keyArn).catch(async (error: unknown) => {
    // In the wrong account the alias may not exist, and then the account is the problem to report.
    await identity();
    throw explain(error, encryption.keyArn);
  });
  return { ...config, stateBucket: { ...config.stateBucket, encryption: { ...encryption, keyArn } } };
}

/** Like `connect`, if there may be no config: the region is then that of the flag, the environment or the profile. */
export async function connectWithOrWithout(given: ConnectOptions): Promise<OptionalConnection> {
  const elapsed = stopwatch();
  const { options, io } = given;
  checkEndpoints(options, io);
  const loaded = await loadConfigIfAny(lookup(given));
  const named = loaded?.config.region ?? (options.region || io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION);
  const region = named || (await profileRegion(options.profile)) || IAM_REGION;
  const problem = regionProblem(region);
  if (problem !== undefined) {
    throw new CrcError(`The region "${region}" ${problem}`, { hint: 'Pass another one with --region.' });
  }
  return { ...(await connectTo(region, loaded, elapsed, given)), loaded };
}

/** Like `connect`, without any config, ignoring those in parent folders: for a project that has none yet. */
export async function connectWithoutConfig(
  given: ConnectOptions,
  region: string | undefined,
): Promise<AccountConnection> {
  const elapsed = stopwatch();
  checkEndpoints(given.options, given.io);
  return await connectTo(
    region || (await profileRegion(given.options.profile)) || IAM_REGION,
    undefined,
    elapsed,
    given,
  );
}

async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  const { regionOfProfile } = await import('../aws/discover.ts');
  return await regionOfProfile(profile);
}

/**
 * The region through which IAM, a global service, is reached if none is set:
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const IAM_REGION = 'us-east-1';

function lookup({ options, io }: ConnectOptions): Parameters<typeof loadConfig>[0] {
  return { cwd: io.cwd, file: options.config, region: options.region };
}

async function connectTo(
  region: string,
  loaded: LoadedConfig | undefined,
  elapsed: () => number,
  { command, options, io, interruption }: ConnectOptions,
): Promise<AccountConnection> {
  const { signal, uninterrupted } = deferredSignal(interruption.signal);
  const config = loaded?.config;
  const profile = profileName(options.profile, io.env);
  const progress = await createProgress(io);
  const apiCalls: CallCount = { read: 0, write: 0 };
  const clients = createClients({
    region,
    regionFlag: options.region !== undefined,
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    signal,
    hidden: config === undefined ? [] : environmentValues(config),
    async askMfaCode(question) {
      if (!canAsk(io, {})) return await cannotAsk(question);
      const { askMfaCode } = await import('../ui/mfa.ts');
      return await asking(() => progress.pause(() => askMfaCode(question)));
    },
    count: apiCalls,
    report: (call) => {
      if (options.verbose) progress.line(callLine(call));
    },
  });
  let account = config?.accountId;
  let checkedIdentity: Promise<string> | undefined;
  let waited = 0;
  async function asking<T>(ask: () => Promise<T>): Promise<T> {
    const answering = stopwatch();
    try {
      return await interruption.asking(ask);
    } finally {
      waited += answering();
    }
  }
  return {
    clients,
    progress,
    signal,
    uninterrupted,
    customEndpoint: Boolean(endpointOf(options, io) ?? io.env.AWS_ENDPOINT_URL_LAMBDA),
    childEnv: childEnvironment(options, io.env),
    identity() {
      checkedIdentity ??= (async () => {
        await clients.load('sts');
        account = await accountOf(clients, config?.accountId, profile);
        return account;
      })();
      return checkedIdentity;
    },
    async sameIdentity() {
      const now = await accountOf(clients, undefined, profile);
      if (now === account) return;
      throw new CrcError(
        `The credentials changed while crc waited for an answer: account ${now} now, account ${account} before.`,
        {
          hint: `Nothing was changed. Run the command again, and choose the right account with --profile.`,
        },
      );
    },
    asking,
    finished: interruption.finished,
    run: () => ({
      command,
      accountId: account ?? '',
      region,
      stateRegion: config?.stateBucket.region === region ? undefined : config?.stateBucket.region,
      configFile: loaded?.above,
      apiCalls: { ...apiCalls },
      durationMs: elapsed() - waited,
    }),
  };
}

/** Credentials in the environment. */
const KEYS = /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|CREDENTIAL_EXPIRATION)$/;

/** crc prefers a profile to keys in the environment. boto3 prefers the keys, which may be of another account. */
function childEnvironment({ endpointUrl, profile }: GlobalOptions, env: Io['env']): Io['env'] {
  const named = profile ?? env.AWS_PROFILE;
  const kept = named ? Object.fromEntries(Object.entries(env).filter(([name]) => !KEYS.test(name))) : env;
  return { ...kept, AWS_ENDPOINT_URL: endpointUrl ?? env.AWS_ENDPOINT_URL, AWS_PROFILE: named };
}

function callLine({ service, operation, milliseconds, requestId, attempts, error }: Call): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const failed = error === undefined ? '' : `, ${error}`;
  return `${service}:${operation} ${milliseconds} ms${tries}${failed} (${requestId ?? 'no request id'})`;
}

/** What was read while the account is checked. An error about the account comes first: all others may be due to it. */
export async function inAccount<T>(read: Promise<T>, account: Promise<unknown>): Promise<T> {
  read.catch(() => undefined);
  await account;
  return await read;
}
