import type { Json } from '../../json.ts';
import { accessPathsOfRole } from '../../trust/audit/audit.ts';
import { admitsProvider } from '../../trust/evaluate.ts';

/** Whether CI can assume a role, through the provider in the config (an ARN) or through another platform's. */
export function isOpenToCi(trust: Json, provider: string): boolean {
  if (!JSON.stringify(trust).includes('oidc-provider/')) return false;
  return admitsProvider(trust, provider) || accessPathsOfRole(trust, []).length > 0;
}

/**
 * Which CI jobs can assume a role: `GitHub can still assume it (repo:o/r:*)`. If crc cannot parse a policy, it cannot
 * rule anyone out.
 */
export function whoCanAssume(trust: Json | undefined): string {
  const paths = trust === undefined ? [] : accessPathsOfRole(trust, []);
  const platforms = [...new Set(paths.map(({ issuer }) => issuer.platform.name))];
  const subjects = [...new Set(paths.map(({ subject }) => subject ?? 'any subject'))];
  const who = platforms.length === 0 ? 'CI' : platforms.join(' and ');
  return `${who} can still assume it${subjects.length === 0 ? '' : ` (${subjects.join(', ')})`}`;
}
