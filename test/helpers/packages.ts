import { join } from 'node:path';
import { CrcError } from '../../src/errors.ts';
import { type FunctionPackage, functionPackage, type PackageInput } from '../../src/package/package.ts';
import { folderWith } from './folder.ts';

export interface TestPackage extends FunctionPackage {
  /** Folder of the config. */
  readonly root: string;
  /** `fn` in it. */
  readonly folder: string;
  /** The same files, as a later run finds them. */
  again(change?: Partial<PackageInput>): FunctionPackage;
}

type Files = Readonly<Record<string, string | Uint8Array>>;

/** The package of a Node function in `fn` with these files. */
export function nodePackage(files: Files, change: Partial<PackageInput> = {}): TestPackage {
  return packageIn(
    folderWith(Object.fromEntries(Object.entries(files).map(([path, text]) => [`fn/${path}`, text]))),
    change,
  );
}

/** The package of a Python function in `fn` with these files. */
export function pythonPackage(files: Files, handler = 'app.handler'): TestPackage {
  return nodePackage(files, { handler, runtime: 'python3.13' });
}

/** The package of a function in a folder that has it. */
export function packageIn(root: string, change: Partial<PackageInput> = {}): TestPackage {
  const input = { root, source: 'fn', runtime: 'nodejs24.x', handler: 'index.handler', ...change };
  return {
    root,
    folder: join(input.root, input.source),
    ...functionPackage(input),
    again: (other) => functionPackage({ ...input, ...other }),
  };
}

/** The CrcError with which a promise ends. */
export async function problemOf(promise: Promise<unknown>): Promise<CrcError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CrcError) return error;
  throw new Error('expected a CrcError', { cause: error });
}
