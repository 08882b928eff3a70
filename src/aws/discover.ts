import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Environment } from '../environment.ts';
import { createClients } from './clients.ts';
import { cannotAsk } from './credentials.ts';

export interface DiscoverOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly env: Environment;
}

/** Milliseconds to wait for AWS; a new project can do without the answer. */
const TIMEOUT = 5_000;

/** Region and account of the available credentials. It is not an error if either is unknown. */
export async function discoverPlace({
  region,
  profile,
  endpointUrl,
  env,
}: DiscoverOptions): Promise<{ readonly region: string | undefined; readonly accountId: string | undefined }> {
  // An empty variable is not set.
  const named = region || env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
  const sts = await stsClient(named, profile, endpointUrl);
  const regionToAsk = named ?? (await sts.config.region().catch(() => undefined));
  if (!regionToAsk) return { region: undefined, accountId: undefined };
  const late = AbortSignal.timeout(TIMEOUT);
  // Aborting a request does not abort loading its credentials (a login, a metadata service).
  const noAnswer = new Promise<undefined>((resolve) => late.addEventListener('abort', () => resolve(undefined)));
  const identity = await Promise.race([
    noAnswer,
    sts.send(new GetCallerIdentityCommand({}), { abortSignal: late }).catch(() => undefined),
  ]);
  return { region: regionToAsk, accountId: identity?.Account };
}

/** The region of a profile, or of the default one; undefined if it has none. Sends nothing. */
export async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  const sts = await stsClient(undefined, profile, undefined);
  return await sts.config.region().catch(() => undefined);
}

async function stsClient(region: string | undefined, profile: string | undefined, endpointUrl: string | undefined) {
  const clients = createClients({
    region,
    profile,
    endpointUrl,
    askMfaCode: cannotAsk,
    count: { read: 0, write: 0 },
    report: () => undefined,
  });
  await clients.load('sts');
  return clients.sts;
}
