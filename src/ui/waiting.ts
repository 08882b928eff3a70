import type { Finding } from '../engine/types.ts';

type Entry = Pick<Finding, 'id' | 'needs' | 'status'>;

/**
 * The resources that differ but cannot be written yet, because one of their direct or indirect dependencies is in
 * conflict or could not be read. Predicts what `apply` decides while it runs. `beside`: dependencies that are only read
 * and never written.
 */
export function waitingIds(plan: readonly Entry[], beside: readonly Entry[] = []): ReadonlySet<string> {
  const byId = new Map([...plan, ...beside].map((finding) => [finding.id, finding]));
  const isReady = (id: string): boolean => {
    const finding = byId.get(id);
    if (finding === undefined || finding.status === 'in-sync') return true;
    return !beside.includes(finding) && differs(finding) && finding.needs.every(isReady);
  };
  return new Set(plan.filter((finding) => differs(finding) && !finding.needs.every(isReady)).map(({ id }) => id));
}

export function differs({ status }: Pick<Finding, 'status'>): boolean {
  return status === 'absent' || status === 'drifted';
}
