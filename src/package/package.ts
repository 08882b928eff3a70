import { resolve } from 'node:path';
import { CrcError } from '../errors.ts';
import { bundle } from './bundle.ts';
import { type PackageFile, sourceFiles } from './files.ts';
import { isPython, parseHandler } from './handler.ts';
import { checkPython } from './python.ts';
import { sourceHash } from './source-hash.ts';
import { sha256, zip } from './zip.ts';

export interface PackageInput {
  /** Absolute folder of the config. */
  readonly root: string;
  /** Folder of the function, relative to it. */
  readonly source: string;
  readonly runtime: string;
  readonly handler: string;
}

/** What Lambda is given. */
export interface BuiltPackage {
  readonly files: readonly PackageFile[];
  readonly zip: Uint8Array;
  /** Base64, as Lambda's CodeSha256. */
  readonly sha256: string;
  /** The hash of the very source that it was built from. */
  readonly source: string;
  /** Worth telling, and no error. */
  readonly warnings: readonly string[];
}

/** The code of one function, from its folder to its package. */
export interface FunctionPackage {
  /** The hash of the source as it is now. Builds nothing. Throws a CrcError when the source is not there. */
  hash(): Promise<string>;
  /** Builds the package, once for each state of the source. Throws a CrcError when it cannot be built. */
  build(): Promise<BuiltPackage>;
}

/** Bytes of a zip that Lambda takes in a request (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
const MAX_BYTES = 50 * 1024 * 1024;

export function functionPackage({ root, source, runtime, handler }: PackageInput): FunctionPackage {
  const folder = resolve(root, source);
  const read = async () => {
    const files = await sourceFiles(folder);
    return { files, source: await sourceHash(files, { root, folder, runtime, handler }) };
  };
  let last: { readonly source: string; readonly built: Promise<BuiltPackage> } | undefined;

  async function make(files: readonly PackageFile[], hash: string): Promise<BuiltPackage> {
    const parsed = parseHandler(handler, runtime);
    if (isPython(runtime)) checkPython(files, parsed, source);
    const built = isPython(runtime)
      ? { files, warnings: [] }
      : await bundle({ folder, source, files, handler: parsed, runtime });
    const bytes = zip(built.files);
    if (bytes.length > MAX_BYTES) throw tooLarge(bytes.length, built.files);
    return { ...built, zip: bytes, sha256: sha256(bytes), source: hash };
  }

  return {
    hash: async () => (await read()).source,
    async build() {
      const { files, source: hash } = await read();
      if (last?.source !== hash) last = { source: hash, built: make(files, hash) };
      return await last.built;
    },
  };
}

function tooLarge(bytes: number, files: readonly PackageFile[]): CrcError {
  const largest = [...files].sort((a, b) => b.bytes.length - a.bytes.length).slice(0, 3);
  const named = largest.map(({ path, bytes: { length } }) => `${path} (${sizeText(length)})`).join(', ');
  return new CrcError(`The package is ${sizeText(bytes)}, but Lambda allows 50 MB per upload. Largest: ${named}.`, {
    hint: 'Exclude files that the function does not need in .crcignore, or move libraries to a layer.',
  });
}

/** `812 B`, `3.1 kB`, `2.4 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
