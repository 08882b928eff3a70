import { type Reading, readAll } from './read-all.ts';
import type { Inspection, Resource } from './resource.ts';
import type { Change, Consent, Finding, Report, Status } from './types.ts';

/** One resource, what was found about it, and (unless it could not be read) what `apply` works from. */
export interface Planned {
  readonly resource: Resource;
  readonly finding: Finding;
  readonly inspection: Inspection | undefined;
}

export type Plan = readonly Planned[];

/**
 * Reads all resources at once and compares them with what is wanted. Never throws for what AWS answers. Once `signal` is
 * aborted no read is started any more, and what was not read is `unread`.
 */
export async function plan(
  resources: readonly Resource[],
  consent: Consent,
  report: Report,
  signal?: AbortSignal,
): Promise<Plan> {
  const reading: Reading<Planned> = {
    read: async (resource) => {
      const { id, type, name } = resource;
      const inspection = await resource.inspect();
      const changes = changesOf(inspection, consent);
      const warnings = [...resource.warnings, ...inspection.warnings];
      const status = statusOf(inspection, changes);
      return { resource, inspection, finding: { id, type, name, status, changes, warnings } };
    },
    unread: (resource, error) => {
      const { id, type, name, warnings } = resource;
      const finding = { id, type, name, status: 'unread' as const, changes: [], warnings, error };
      return { resource, inspection: undefined, finding };
    },
  };
  return await readAll(resources, reading, report, signal);
}

function statusOf(inspection: Inspection, changes: readonly Change[]): Status {
  if (!inspection.exists) return 'absent';
  if (changes.some(({ kind }) => kind === 'conflict')) return 'conflict';
  return changes.length === 0 ? 'in-sync' : 'drifted';
}

/** The tag that crc sets on everything it makes, in the very call that makes it. */
export const OWNER_TAG = { key: 'ManagedBy', value: 'crc' } as const;

const OWNER_PATH = `tags.${OWNER_TAG.key}`;

/** All that differs, with the adoption and the extras. Without consent to adopt, the missing tag is a conflict. */
export function changesOf(inspection: Inspection, consent: Consent): readonly Change[] {
  if (!inspection.exists) return [{ kind: 'create' }];
  const removals = inspection.extras.map(({ path, live }) => ({ kind: 'remove' as const, path, live, want: null }));
  if (inspection.mine || consent.adopt) return [...inspection.changes, ...removals];
  const others = inspection.changes.filter((change) => !('path' in change && change.path === OWNER_PATH));
  return [notMine(inspection), ...others, ...removals];
}

function notMine(inspection: Inspection): Change {
  const tag = inspection.changes.find((change) => change.kind !== 'create' && change.path === OWNER_PATH);
  return {
    kind: 'conflict',
    path: OWNER_PATH,
    live: tag !== undefined && 'live' in tag ? tag.live : null,
    want: OWNER_TAG.value,
    why: 'it exists, and crc did not make it; to let crc take it over with the changes shown here, run bootstrap with --adopt',
  };
}
