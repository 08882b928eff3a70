import { isNamed } from '../aws/error-names.ts';
import { retryWhile } from '../aws/retry.ts';

/** In milliseconds: how long some AWS servers may not know a new resource or change. */
const VISIBILITY_DEADLINE = 20_000;

/**
 * Retries a call while it fails because AWS is eventually consistent. `isTooEarly`: the error names that indicate it,
 * or a predicate if names are not enough.
 */
export async function untilVisible<T>(
  isTooEarly: readonly string[] | ((error: unknown) => boolean),
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const passes = typeof isTooEarly === 'function' ? isTooEarly : (error: unknown) => isNamed(error, isTooEarly);
  return await retryWhile(passes, call, { deadline: VISIBILITY_DEADLINE, signal });
}
