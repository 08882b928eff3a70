import { setImmediate } from 'node:timers/promises';
import { inTurn } from './concurrency.ts';
import { Interrupted } from './interrupted.ts';
import type { Report } from './outcome.ts';
import type { Resource } from './resource.ts';

/** How each resource is read, and what the plan contains for one that could not be read. */
export interface Reading<T> {
  read(resource: Resource): Promise<T>;
  unread(resource: Resource, error: unknown): T;
}

/**
 * Reads all resources, a limited number at a time, and reports progress. Catches the errors of `read`. Once `signal` is
 * aborted, no further read is started, and nothing is reported.
 */
export async function readAll<T>(
  resources: readonly Resource[],
  { read, unread }: Reading<T>,
  report: Report,
  signal?: AbortSignal,
): Promise<readonly T[]> {
  const total = resources.length;
  let done = 0;
  report({ kind: 'reading', total });
  const readOne = async (resource: Resource) => {
    try {
      if (signal?.aborted) throw new Interrupted('stopped before it was read');
      return await read(resource);
    } catch (error) {
      return unread(resource, error);
    } finally {
      done += 1;
      if (!signal?.aborted) report({ kind: 'read', done, total });
    }
  };
  const turn = inTurn();
  const readings: Promise<T>[] = [];
  for (const resource of resources) {
    readings.push(turn(() => readOne(resource)));
    // Its requests leave while those of the next one are being prepared.
    await setImmediate();
  }
  return await Promise.all(readings);
}
