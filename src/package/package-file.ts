/** One file in a function's folder or package. */
export interface PackageFile {
  /** Relative to the folder, with `/` on every platform. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * In bytes: Lambda's limit for the unzipped files of a package
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
export const MAX_UNZIPPED_BYTES = 250 * 1024 * 1024;

/** Not by locale: the order must be the same on every machine. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}
