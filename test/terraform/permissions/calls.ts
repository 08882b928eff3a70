import { readdirSync, readFileSync } from 'node:fs';
import type { PermissionsPlace, RecordedCall } from '../../../src/terraform/permissions/call.ts';

/** Names of the recorded configurations. */
export function recordedNames(): readonly string[] {
  return readdirSync(new URL('./recorded/', import.meta.url))
    .filter((file) => !file.endsWith('.permissions.json'))
    .map((file) => file.replace('.json', ''));
}

/**
 * Calls of Terraform 1.11 and AWS provider 5.100 to Moto, and the resulting state. Recorded by
 * test/e2e/terraform-permissions.
 */
export function recorded(name: string): { readonly calls: readonly RecordedCall[]; readonly place: PermissionsPlace } {
  const { calls, state } = JSON.parse(readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), 'utf8'));
  return { calls, place: place({ state }) };
}

/** The account in the statements differs from the emulator's. */
export function place(overrides: Partial<PermissionsPlace> = {}): PermissionsPlace {
  return { accountId: '111122223333', recordedAccountId: '123456789012', partition: 'aws', state: [], ...overrides };
}

type LooseCall = Partial<Omit<RecordedCall, 'request'>> & { readonly request?: Partial<RecordedCall['request']> };

/** A recorded call with default values for everything that does not matter to the test. */
export function call(service: string, operation: string, overrides: LooseCall = {}): RecordedCall {
  const request = { method: 'POST', path: '/', query: {}, headers: {}, body: undefined, ...overrides.request };
  return { service, operation, region: 'eu-west-2', phase: 'apply', ...overrides, request };
}
