import { readdirSync, readFileSync } from 'node:fs';
import type { PermissionsPlace, RecordedCall } from '../../../src/terraform/permissions/call.ts';
import { permissionsOf } from '../../../src/terraform/permissions/permissions.ts';
import { readReference } from '../../../src/terraform/permissions/reference.ts';

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

/** The account in statements; it differs from the emulator's. */
export const ACCOUNT = '111122223333';

/** The place of a run. */
export function place(overrides: Partial<PermissionsPlace> = {}): PermissionsPlace {
  return { accountId: ACCOUNT, recordedAccountId: '123456789012', partition: 'aws', state: [], ...overrides };
}

type LooseCall = Partial<Omit<RecordedCall, 'request'>> & { readonly request?: Partial<RecordedCall['request']> };

/** A recorded call with default values for everything that does not matter to the test. */
export function call(service: string, operation: string, overrides: LooseCall = {}): RecordedCall {
  const request = { method: 'POST', path: '/', query: {}, headers: {}, body: undefined, ...overrides.request };
  return { service, operation, region: 'eu-west-2', phase: 'apply', ...overrides, request };
}

/** The resources of each action that the calls need, with the condition if there is one. */
export function granted(
  calls: readonly RecordedCall[],
  overrides: Partial<PermissionsPlace> = {},
): Record<string, readonly string[]> {
  const { phases } = permissionsOf(calls, place(overrides), readReference());
  const grants: Record<string, string[]> = {};
  for (const { Action, Resource, Condition } of phases.destroy) {
    for (const action of [Action].flat()) {
      const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
      grants[action] = [
        ...(grants[action] ?? []),
        ...[Resource ?? []].flat().map((arn) => `${arn}${condition}`),
      ].sort();
    }
  }
  return grants;
}
