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
 * errors of the other calls are ignored, since they report the same under other names. Otherwise the first error in the
 * list is thrown, after all calls have ended. @throws Disagreement, see `siblingsProve`.
 */
export async function readTogether<E, T extends readonly unknown[] | []>(
  existence: Promise<E | undefined>,
  siblings: T,
  { siblingsProve = false }: ReadTogetherOptions = {},
) {
  const [first, ...rest] = await Promise.allSettled([existence, ...siblings]);
  if (first.status === 'rejected') throw first.reason;
  const { value } = first;
  if (value === undefined) {
    if (siblingsProve && rest.some(({ status }) => status === 'fulfilled')) throw new Disagreement();
    return undefined;
  }
  return [value, ...(await Promise.all(siblings))] as const;
}

/**
 * Like Promise.all, but of several errors it always throws that of the first call in the list, not whichever answer
 * comes first: the same run then always reports the same problem.
 */
export async function inListOrder<T extends readonly unknown[] | []>(calls: T) {
  await Promise.allSettled(calls);
  return await Promise.all(calls);
}
