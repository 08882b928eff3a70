import type { Report } from './outcome.ts';
import { type Reading, readAll } from './read-all.ts';
import { type Resource, unread } from './resource.ts';
import type { Consent, Finding } from './types.ts';

/** What was found about each resource. `E`: how an error is kept. */
export type Plan<E = unknown> = readonly Finding<E>[];

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
  const reading: Reading<Finding> = { read: (resource) => resource.inspect(consent), unread };
  return await readAll(resources, reading, report, signal);
}
