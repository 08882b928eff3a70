import { addressesOf } from './addresses.ts';
import type { PermissionsPlace, RecordedCall, TerraformPermissions, UnknownCall } from './call.ts';
import { grantsOf } from './grants.ts';
import { Names } from './names.ts';
import { type Reference, readReference } from './reference.ts';
import { type PhaseGrant, statementsOf } from './statements.ts';
import { commonTag } from './tag-condition.ts';
import { valuesOf } from './values.ts';

/** The minimal permissions for the calls of each phase. Denied calls count as well, since they show what is missing. */
export function permissionsOf(
  calls: readonly RecordedCall[],
  place: PermissionsPlace,
  reference: Reference = readReference(),
): TerraformPermissions {
  const names = new Names(place);
  const tag = commonTag(place.state, names);
  const grants: PhaseGrant[] = [];
  const reasons = new Map<string, Set<string>>();
  const unknown = new Map<string, UnknownCall>();
  for (const call of calls) {
    const values = valuesOf(call.request);
    const addresses = addressesOf(call, values, place.state);
    const needed = grantsOf(call, values, { place, names, reference, tag });
    for (const grant of needed ?? []) {
      grants.push({ ...grant, phase: call.phase });
      const known = reasons.get(grant.action) ?? new Set();
      reasons.set(grant.action, known);
      for (const address of addresses) known.add(address);
    }
    if (needed === undefined) {
      const address = addresses[0] ?? '';
      unknown.set(`${call.service} ${call.operation} ${address}`, {
        service: call.service,
        operation: call.operation,
        address,
      });
    }
  }
  const ofPhase = (phase: RecordedCall['phase']) => statementsOf(grants, phase, reference);
  return {
    phases: { plan: ofPhase('plan'), apply: ofPhase('apply'), destroy: ofPhase('destroy') },
    reasons: Object.fromEntries(
      [...reasons].map(([action, addresses]) => [action, [...addresses].sort()] as const).sort(byFirst),
    ),
    unknown: [...unknown].sort(byFirst).map(([, call]) => call),
  };
}

function byFirst(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
