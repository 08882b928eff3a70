import type { PermissionsPlace, RecordedCall, TerraformPermissions } from './call.ts';

/** The least permissions with which the calls of each phase run. */
export function permissionsOf(calls: readonly RecordedCall[], _place: PermissionsPlace): TerraformPermissions {
  const unknown = calls.map(({ service, operation, address, resourceType }) => ({
    service,
    operation,
    address: address ?? resourceType ?? '',
  }));
  return { phases: { plan: [], apply: [], destroy: [] }, reasons: {}, unknown };
}
