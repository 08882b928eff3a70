import type { Finding } from '../engine/types.ts';

/**
 * The resources that differ but cannot be written yet, because one of their direct or indirect dependencies is in
 * conflict or could not be read. Predicts what `apply` decides while it runs.
 */
export function waitingIds(plan: readonly Pick<Finding, 'id' | 'needs' | 'status'>[]): ReadonlySet<string> {
  const byId = new Map(plan.map((finding) => [finding.id, finding]));
  const isReady = (id: string): boolean => {
    const finding = byId.get(id);
    if (finding === undefined || finding.status === 'in-sync') return true;
    return differs(finding) && finding.needs.every(isReady);
  };
  return new Set(plan.filter((finding) => differs(finding) && !finding.needs.every(isReady)).map(({ id }) => id));
}

function differs({ status }: Pick<Finding, 'status'>): boolean {
  return status === 'absent' || status === 'drifted';
}
