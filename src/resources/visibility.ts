import { isNamed } from '../aws/error-names.ts';
import { retryWhile } from '../aws/retry.ts';

/** Milliseconds for which some servers of AWS may not know yet what was just created or changed. */
const VISIBILITY_DEADLINE = 20_000;

/**
 * Sends a call again while it fails because AWS is eventually consistent. `isTooEarly`: the names of the error that means so, or
 * a test where names do not tell.
 */
export async function untilVisible<T>(
  isTooEarly: readonly string[] | ((error: unknown) => boolean),
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const passes = typeof isTooEarly === 'function' ? isTooEarly : (error: unknown) => isNamed(error, isTooEarly);
  return await retryWhile(passes, call, { deadline: VISIBILITY_DEADLINE, signal });
}
