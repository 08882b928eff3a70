import pLimit from 'p-limit';
import { Interrupted } from './interrupted.ts';

/**
 * Runs a call for each item, `atOnce` at a time, and returns the results in the order of the items. After the first
 * failure, or once `signal` is aborted, no further call is started. @throws the first failure, or `Interrupted`.
 */
export async function pooled<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
): Promise<readonly R[]> {
  const limit = pLimit(atOnce);
  try {
    return await Promise.all(
      items.map((item) =>
        limit(async () => {
          if (signal.aborted) throw new Interrupted('stopped before everything was read');
          return await run(item);
        }),
      ),
    );
  } catch (error) {
    limit.clearQueue();
    throw error;
  }
}
