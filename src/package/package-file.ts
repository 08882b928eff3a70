/** One file in a function's folder or package. */
export interface PackageFile {
  /** Relative to the folder, with `/` on every platform. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Not by locale: the order must be the same on every machine. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}
