import { join } from 'node:path';
import { CrcError } from '../../src/errors.ts';
import { type FunctionPackage, functionPackage, type PackageInput } from '../../src/package/package.ts';
import { folderWith } from './folder.ts';

export interface TestPackage extends FunctionPackage {
  /** The config's folder. */
  readonly root: string;
  /** The function's folder, `fn`. */
  readonly folder: string;
  /** A new package object for the same files, like that of a later run. */
  again(change?: Partial<PackageInput>): FunctionPackage;
}

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A package of a Node function with these files in `fn`. */
export function nodePackage(files: Files, change: Partial<PackageInput> = {}): TestPackage {
  return packageIn(
    folderWith(Object.fromEntries(Object.entries(files).map(([path, text]) => [`fn/${path}`, text]))),
    change,
  );
}

/** A package of a Python function with these files in `fn`. */
export function pythonPackage(files: Files, handler = 'app.handler'): TestPackage {
  return nodePackage(files, { handler, runtime: 'python3.13' });
}

/** A package of the function in an existing folder. */
export function packageIn(root: string, change: Partial<PackageInput> = {}): TestPackage {
  const input = { root, source: 'fn', runtime: 'nodejs24.x', handler: 'index.handler', ...change };
  return {
    root,
    folder: join(input.root, input.source),
    ...functionPackage(input),
    again: (other) => functionPackage({ ...input, ...other }),
  };
}

/** The CrcError that rejects the promise. */
export async function crcErrorOf(promise: Promise<unknown>): Promise<CrcError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CrcError) return error;
  throw new Error('expected a CrcError', { cause: error });
}
