import { CrcError } from '../errors.ts';

/** The calls that read one resource disagree about whether it exists. */
export class Disagreement extends CrcError {
  constructor() {
    super('Could not be read: one request reports that it does not exist, others return it.', {
      hint: 'It is probably being created or deleted: wait a minute, then run the command again. If that does not help, check HTTPS_PROXY and the endpoint.',
    });
  }
}

export interface ReadTogetherOptions {
  /**
   * Whether a successful response to any other call proves that the resource exists. If the first call then reports
   * that it does not, this throws.
   */
  readonly siblingsProve?: boolean;
}

/**
 * Reads a resource with several concurrent calls. The first decides whether it exists: if it does not (undefined),
 * errors of the other calls are ignored, since they report the same under other names. Otherwise the first error is
 * thrown after all calls have ended. @throws Disagreement, see `siblingsProve`.
 */
export async function readTogether<E, T extends readonly unknown[]>(
  existence: Promise<E | undefined>,
  siblings: { readonly [K in keyof T]: Promise<T[K]> },
  { siblingsProve = false }: ReadTogetherOptions = {},
): Promise<readonly [E, ...T] | undefined> {
  const [first, ...rest] = await Promise.allSettled([existence, ...siblings]);
  if (first.status === 'rejected') throw first.reason;
  if (first.value === undefined) {
    if (siblingsProve && rest.some(({ status }) => status === 'fulfilled')) throw new Disagreement();
    return undefined;
  }
  const values = rest.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  return [first.value as E, ...(values as unknown as T)];
}

/**
 * Like Promise.all, but of several errors it always throws that of the first call in the list, not whichever answer
 * comes first: the same run then always reports the same problem.
 */
export async function inListOrder<T extends readonly unknown[] | []>(calls: T) {
  await Promise.allSettled(calls);
  return await Promise.all(calls);
}
