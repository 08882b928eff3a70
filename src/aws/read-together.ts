/**
 * Reads a resource with several calls at once. The first decides whether it exists: when it says absent (undefined), the
 * errors of its siblings are ignored, for they only say the same in other words. Otherwise the first error is thrown, after
 * all calls have ended.
 */
export async function readTogether<E, T extends readonly unknown[]>(
  existence: Promise<E | undefined>,
  siblings: { readonly [K in keyof T]: Promise<T[K]> },
): Promise<readonly [E, ...T] | undefined> {
  const [first, ...rest] = await Promise.allSettled([existence, ...siblings]);
  if (first.status === 'rejected') throw first.reason;
  if (first.value === undefined) return undefined;
  const values = rest.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return [first.value as E, ...(values as unknown as T)];
}
