import type { Report } from './outcome.ts';
import { type Reading, readAll } from './read-all.ts';
import { type Resource, unread } from './resource.ts';
import type { Consent, Finding } from './types.ts';

/** The findings for each resource. `E`: how an error is represented. */
export type Plan<E = unknown> = readonly Finding<E>[];

/**
 * Reads all resources in parallel and compares them with the wanted state. Never throws because of a response from AWS.
 * Once `signal` is aborted, no further read is started, and the remaining resources are `unread`.
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
