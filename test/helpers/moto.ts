import { beforeAll, beforeEach } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import { startMoto } from '../../src/sandbox/moto.ts';
import { ACCOUNT, REGION } from './context.ts';
import { clientsWith } from './sdk-clients.ts';

/** A Moto server for a test. */
export interface MotoBench {
  readonly endpoint: string;
  /** What makes a process talk to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Plain SDK clients, with nothing of crc: another user of the account. */
  readonly clients: Clients;
  /** Empties the account. */
  reset(): Promise<void>;
}

export interface MotoNeeds {
  /** AWS's own policies, which Moto takes a quarter of a second to load into each empty account. */
  readonly managedPolicies?: boolean;
}

/** An account that is empty before each test. */
export function useMoto(needs: MotoNeeds = {}): () => MotoBench {
  return useBench(beforeEach, needs);
}

/** One account for all tests of the file, which is empty before the first of them. */
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
 * One server for all files of a worker: Moto takes seconds to start and to load its services, and milliseconds to forget
 * an account. It ends with the worker (src/sandbox/moto.ts).
 */
function sharedBench(managedPolicies: boolean): Promise<MotoBench> {
  const bench =
    shared.get(managedPolicies) ??
    startMoto({ accountId: ACCOUNT, managedPolicies }).then(({ endpoint }) => benchAt(endpoint));
  shared.set(managedPolicies, bench);
  return bench;
}

const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };

/** A bench on any endpoint: a Moto, or a proxy before it. */
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
