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

/**
 * All that differs, with the adoption and the extras. What belongs to another owner is a conflict at the leaf that shows it,
 * unless the user consents to adopt it; then the change of that leaf says whose it was. What has no such leaf of its own is
 * adopted with the resource that it is a part of.
 */
export function changesOf(inspection: Inspection, consent: Consent): readonly Change[] {
  const { exists, foreign, changes, extras } = inspection;
  if (!exists) return [{ kind: 'create' }];
  const removals = extras.map(({ path, live }) => ({ kind: 'remove' as const, path, live, want: null }));
  if (foreign === undefined) return [...changes, ...removals];
  const { path, live, want, owner, why } = foreign;
  const showsIt = (change: Change) => 'path' in change && change.path === path;
  if (consent.adopt) {
    return [...changes.map((change) => (showsIt(change) ? { ...change, why: owner } : change)), ...removals];
  }
  const others = changes.filter((change) => !showsIt(change));
  return [{ kind: 'conflict', path, live, want, why }, ...others, ...removals];
}
