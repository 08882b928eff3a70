import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { Meaning } from '../../engine/types.ts';

/** `unmanaged`: a new table gets the default, which Application Auto Scaling or another tool may then change. */
export type Capacity = 'on-demand' | 'unmanaged' | { readonly read: number; readonly write: number };

/** Capacity as a fact; null if not managed. */
export type CapacityFact = {
  readonly mode: string;
  readonly read: number | null;
  readonly write: number | null;
} | null;

/** The initial capacity of an unmanaged table: the config's default. */
export const INITIAL_CAPACITY = { read: 5, write: 5 } as const;

/** Capacity for CreateTable and UpdateTable. */
export function throughput(capacity: Capacity) {
  if (capacity === 'on-demand') return { BillingMode: 'PAY_PER_REQUEST' as const };
  const { read, write } = capacity === 'unmanaged' ? INITIAL_CAPACITY : capacity;
  return {
    BillingMode: 'PROVISIONED' as const,
    ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write },
  };
}

export function wantedCapacity(capacity: Capacity): CapacityFact {
  if (capacity === 'unmanaged') return null;
  return capacity === 'on-demand'
    ? { mode: 'on-demand', read: null, write: null }
    : { mode: 'provisioned', read: capacity.read, write: capacity.write };
}

/** A table that was always provisioned has no BillingModeSummary; an on-demand one reports a throughput of 0. */
export function liveCapacity({ BillingModeSummary, ProvisionedThroughput }: TableDescription): CapacityFact {
  if (BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST') return wantedCapacity('on-demand');
  return wantedCapacity({
    read: ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    write: ProvisionedThroughput?.WriteCapacityUnits ?? 0,
  });
}

/** Application Auto Scaling changes the throughput, and DescribeTable does not show whether it is active. */
export function capacityMeaning(live: CapacityFact, capacity: Capacity): Meaning | undefined {
  if (live?.mode !== 'provisioned' || typeof capacity === 'string') return undefined;
  return { why: 'if Application Auto Scaling manages it, set "capacity": "unmanaged" in the config' };
}

/** `capacity 5 read, 5 write`, `on-demand`; undefined if not managed. */
export function capacityText(capacity: CapacityFact): string | undefined {
  return capacity?.mode === 'provisioned' ? `capacity ${capacity.read} read, ${capacity.write} write` : capacity?.mode;
}
