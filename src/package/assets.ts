import { extname, posix, relative, sep } from 'node:path';
import { inclusion } from './include.ts';
import { isSecret } from './never.ts';
import { CODE } from './outside.ts';
import type { PackageFile } from './package-file.ts';
import { type Mention, placeOf } from './place.ts';
import { packageReader } from './yarn-zips.ts';

export interface Assets {
  readonly files: readonly PackageFile[];
  /** Files in the folder that the function appears to read, but that are not in the package. */
  readonly warnings: readonly string[];
}

export interface AssetInput {
  /** An absolute path without links. */
  readonly folder: string;
  readonly source: string;
  /** All files in the folder. */
  readonly own: readonly PackageFile[];
  readonly include: readonly string[];
  readonly mentions: readonly Mention[];
  /** The function's own bundled files, relative to the folder. */
  readonly bundled: ReadonlySet<string>;
}

/**
 * The files next to the bundle: those that the code reads by a path relative to its own, and those that the config
 * includes.
 */
export async function assetsOf(input: AssetInput): Promise<Assets> {
  const { folder, own, include, mentions } = input;
  const { has } = inclusion(include);
  const read = packageReader();
  const byPath = new Map(own.map((file) => [file.path, file]));
  const files = own.filter(({ path }) => has(path));
  const missing: string[] = [];
  for (const { target, from } of mentions) {
    const path = relative(folder, target).replaceAll(sep, '/');
    const ownFile = byPath.get(path);
    const isLibrary = path.includes('node_modules/');
    const bytes =
      ownFile?.bytes ?? (isLibrary && !isSecret(placeOf(path)) ? await read(target).catch(() => undefined) : undefined);
    const inFolder = own.filter((file) => file.path.startsWith(`${path.replace(/\/$/, '')}/`));
    if (bytes !== undefined) files.push({ path: placeOf(path), bytes });
    else if (inFolder.length > 0) files.push(...inFolder);
    else if (!isLibrary && extname(path) !== '') {
      missing.push(
        `${posix.join(input.source, from)} reads ${path}, which is not in ${input.source} or is never packaged`,
      );
    }
  }
  return { files, warnings: [...new Set(missing), ...unpackaged(input, files)] };
}

/** Non-code files that the sources name. `readFileSync('words.txt')` would not find them. */
function unpackaged({ own, bundled }: AssetInput, packaged: readonly PackageFile[]): readonly string[] {
  const inPackage = new Set(packaged.map(({ path }) => path));
  const texts = own.filter(({ path }) => bundled.has(path)).map(({ bytes }) => new TextDecoder().decode(bytes));
  const lacking = own
    .map(({ path }) => path)
    .filter((path) => !bundled.has(path) && !inPackage.has(path) && !isOfTools(path))
    .filter((path) => texts.some((text) => text.includes(posix.basename(path))));
  if (lacking.length === 0) return [];
  return [
    `the code names ${lacking.join(', ')}, which ${lacking.length === 1 ? 'is' : 'are'} not in the package; if it reads ${lacking.length === 1 ? 'it' : 'them'} at run time, write "include": ${JSON.stringify(lacking)} in the config`,
  ];
}

function isOfTools(path: string): boolean {
  const name = posix.basename(path);
  return (
    CODE.includes(extname(name)) ||
    /^(package|package-lock|tsconfig.*|jsconfig|biome|.*rc)\.json$|\.md$|^licen[cs]e|\.lock$|\.ya?ml$/i.test(name)
  );
}
