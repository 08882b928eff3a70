import { resolve } from 'node:path';
import { CrcError } from '../errors.ts';
import { type SourceFolder, sourceFolder } from './files.ts';
import { isPython, parseHandler } from './handler.ts';
import { hasPassword } from './never.ts';
import { type Outside, outsideOf } from './outside.ts';
import { byCodeUnits, MAX_UNZIPPED_BYTES, type PackageFile } from './package-file.ts';
import type { SdkCall } from './sdk-calls/call.ts';
import { sha256 } from './sha256.ts';
import { sourceHash } from './source-hash.ts';

export interface PackageInput {
  /** Absolute folder of the config. */
  readonly root: string;
  /** Folder of the function, relative to it. */
  readonly source: string;
  readonly runtime: string;
  readonly handler: string;
  /** `arm64` or `x86_64`; undefined if the config leaves it to Lambda. It does not change the package. */
  readonly architecture?: string | undefined;
  /** The variables of the function. They do not change the package either. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Paths and globs in the folder: files that are packaged along with the code. */
  readonly include?: readonly string[] | undefined;
  /** npm packages that are packaged along with the code instead of in the bundle. */
  readonly external?: readonly string[] | undefined;
}

/** The package for Lambda. */
export interface BuiltPackage {
  readonly files: readonly PackageFile[];
  /** Excluded files and folders (with a trailing `/`) of the source: secrets, tests, and tool output. */
  readonly leftOut: readonly string[];
  readonly zip: Uint8Array;
  /** In base64, like Lambda's CodeSha256. */
  readonly sha256: string;
  /** The hash of the source that it was built from. */
  readonly source: string;
  /** Notable, but not an error. */
  readonly warnings: readonly string[];
}

/** The code of one function, from folder to package. */
export interface FunctionPackage {
  /** The hash of the current source. Builds nothing. @throws CrcError if the source does not exist. */
  hash(): Promise<string>;
  /** Builds the package, once for each state of the source. @throws CrcError if it cannot be built. */
  build(): Promise<BuiltPackage>;
  /** The AWS SDK calls in the source, as far as they can be determined without running it. The source must build. */
  calls(): Promise<readonly SdkCall[]>;
}

/** In bytes: Lambda's limit for a zip in a request, from the same page as the one for its unzipped files. */
const MAX_ZIP_BYTES = 50 * 1024 * 1024;

/** Python is packaged as is, without anything from outside the folder. */
const NOTHING: Outside = { files: [], manifests: [], lock: undefined, decoratorMetadata: false };

interface Source extends SourceFolder {
  readonly outside: Outside;
  readonly hash: string;
}

export function functionPackage(input: PackageInput): FunctionPackage {
  const { root, source, runtime, handler, architecture, environment, include = [], external = [] } = input;
  const folder = resolve(root, source);

  let reading: Promise<Source> | undefined;

  /** Concurrent callers share one read: a plan needs the hash and the package at the same time. */
  function read(): Promise<Source> {
    reading ??= readNow().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readNow(): Promise<Source> {
    const content = await sourceFolder(folder, { root, include });
    const outside = isPython(runtime) ? NOTHING : await outsideOf(content.files, folder);
    return { ...content, outside, hash: sourceHash(content.files, outside, { runtime, handler, include, external }) };
  }

  async function make({ files, leftOut, outside, hash }: Source): Promise<BuiltPackage> {
    const about = { folder, source, files, runtime, handler: parseHandler(handler, runtime) };
    // The build code is large, and most runs only compare hashes.
    const { checkInclusion } = await import('./include.ts');
    checkInclusion(
      include,
      source,
      files.map(({ path }) => path),
      leftOut,
    );
    const secret = files.filter(hasPassword);
    const built = isPython(runtime)
      ? {
          files: files.filter((file) => !secret.includes(file)),
          warnings: await (await import('./python.ts')).checkPython({ ...about, architecture, environment }),
        }
      : await (await import('./bundle.ts')).bundle({ ...about, outside, include, external });
    const unzipped = built.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (unzipped > MAX_UNZIPPED_BYTES) throw tooLarge(unzipped, '250 MB unzipped', built.files);
    const [{ zip }, { binaryWarnings }, { packageManagerOf }] = await Promise.all([
      import('./zip.ts'),
      import('./native-binaries.ts'),
      import('../package-manager.ts'),
    ]);
    const target = { source, runtime, architecture, manager: packageManagerOf(folder) };
    const bytes = zip(built.files);
    if (bytes.length > MAX_ZIP_BYTES) throw tooLarge(bytes.length, '50 MB per upload', built.files);
    return {
      ...built,
      leftOut: [...leftOut, ...secret.map(({ path }) => path)].sort(byCodeUnits),
      zip: bytes,
      sha256: sha256(bytes),
      source: hash,
      warnings: [...built.warnings, ...binaryWarnings(built.files, target)],
    };
  }

  let last: { readonly source: Source; readonly built: Promise<BuiltPackage> } | undefined;

  return {
    hash: async () => (await read()).hash,
    async build() {
      const now = await read();
      if (last?.source.hash !== now.hash) last = { source: now, built: make(now) };
      return await last.built;
    },
    async calls() {
      const { files } = last?.source ?? (await read());
      const { sdkCalls } = await import('./sdk-calls/index.ts');
      return await sdkCalls({ folder, source, files, runtime, handler: parseHandler(handler, runtime) });
    },
  };
}

function tooLarge(bytes: number, limit: string, files: readonly PackageFile[]): CrcError {
  const largest = [...files].sort((a, b) => b.bytes.length - a.bytes.length).slice(0, 3);
  const named = largest.map(({ path, bytes: { length } }) => `${path} (${sizeText(length)})`).join(', ');
  return new CrcError(`The package is ${sizeText(bytes)}, but Lambda allows ${limit}. Largest: ${named}.`, {
    hint: 'Exclude files that the function does not need in .crcignore, or move libraries to a layer.',
  });
}

/** `812 B`, `3.1 kB`, `2.4 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
