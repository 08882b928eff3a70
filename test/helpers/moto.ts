import { beforeAll, beforeEach } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import { startMoto } from '../../src/sandbox/moto.ts';
import { ACCOUNT, REGION } from './context.ts';
import { clientsWith } from './sdk-clients.ts';

/** A Moto server with an empty account. */
export interface MotoBench {
  readonly endpoint: string;
  /** Environment variables for processes that should use this server. */
  readonly env: Readonly<Record<string, string>>;
  /** Plain SDK clients that share no code with crc, to act as another user of the account. */
  readonly clients: Clients;
  reset(): Promise<void>;
}

export interface MotoNeeds {
  /** Whether AWS's managed policies exist. Moto needs 250 ms per reset to load them. */
  readonly managedPolicies?: boolean;
}

/** The account is reset before each test. */
export function useMoto(needs: MotoNeeds = {}): () => MotoBench {
  return useBench(beforeEach, needs);
}

/** The account is reset once, before the first test of the file. */
export function useMotoForAll(needs: MotoNeeds = {}): () => MotoBench {
  return useBench(beforeAll, needs);
}

function useBench(before: typeof beforeAll, { managedPolicies = false }: MotoNeeds): () => MotoBench {
  let bench: MotoBench | undefined;
  beforeAll(async () => {
    bench = await sharedBench(managedPolicies);
  });
  before(() => bench?.reset());
  return () => {
    if (bench === undefined) throw new Error('Moto does not run yet');
    return bench;
  };
}

const shared = new Map<boolean, Promise<MotoBench>>();

/**
 * A server for all test files of a worker: starting Moto takes seconds, resetting its account milliseconds. It stops
 * when the worker ends (src/sandbox/moto.ts).
 */
function sharedBench(managedPolicies: boolean): Promise<MotoBench> {
  const bench =
    shared.get(managedPolicies) ??
    startMoto({ accountId: ACCOUNT, managedPolicies }).then(({ endpoint }) => benchAt(endpoint));
  shared.set(managedPolicies, bench);
  return bench;
}

const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };

/** Clients and settings for any endpoint: Moto, or a proxy in front of it. */
export function benchAt(endpoint: string, region = REGION): MotoBench {
  const settings = { endpoint, region, credentials: CREDENTIALS };
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    clients: clientsWith(settings),
    async reset() {
      await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
    },
  };
}
