import { extname, posix, relative } from 'node:path';
import { failingAs } from '../errors.ts';
import { literal } from '../literal.ts';
import { ifFile } from '../regular-file.ts';
import { slashes } from '../slashes.ts';
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
    const path = slashes(relative(folder, target));
    const ownFile = byPath.get(path);
    const isLibrary = path.includes('node_modules/');
    const bytes = ownFile?.bytes ?? (isLibrary && !isSecret(placeOf(path)) ? await ofLibrary(target, read) : undefined);
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

/** Undefined if a library names a file that it does not have. */
async function ofLibrary(path: string, read: ReturnType<typeof packageReader>): Promise<Uint8Array | undefined> {
  return await failingAs(`${path} cannot be read`, ifFile(read(path)));
}

/** Data that the sources name, but do not read by a path that crc follows. `readFileSync('words.txt')` would not find it. */
function unpackaged({ own, bundled }: AssetInput, packaged: readonly PackageFile[]): readonly string[] {
  const inPackage = new Set(packaged.map(({ path }) => path));
  const texts = own.filter(({ path }) => bundled.has(path)).map(({ bytes }) => new TextDecoder().decode(bytes));
  const data = own
    .map(({ path }) => path)
    .filter((path) => !bundled.has(path) && !inPackage.has(path) && !CODE.includes(extname(path)));
  const files = data.filter((path) => texts.some((text) => namesFile(text, posix.basename(path))));
  const folders = new Set(data.filter((path) => !files.includes(path)).flatMap(foldersOf));
  const read = [...folders].filter((folder) => texts.some((text) => readsIn(text, posix.basename(folder))));
  const outermost = read.filter((folder) => !read.some((other) => folder.startsWith(`${other}/`)));
  const lacking = [...files, ...outermost.map((folder) => `${folder}/**`)];
  if (lacking.length === 0) return [];
  return [
    `the code names ${lacking.join(', ')}, which ${lacking.length === 1 ? 'is' : 'are'} not in the package; if it reads ${lacking.length === 1 ? 'it' : 'them'} at run time, write "include": ${JSON.stringify(lacking)} in the config`,
  ];
}

/** A comment may name a file of tools, but only code that reads it quotes its name. */
function namesFile(text: string, name: string): boolean {
  if (!text.includes(name)) return false;
  return !isOfTools(name) || new RegExp(`["'\`/]${literal(name)}["'\`]`).test(text);
}

function isOfTools(name: string): boolean {
  return /^(package|package-lock|tsconfig.*|jsconfig|biome|.*rc)\.json$|\.md$|^licen[cs]e|\.lock$|\.ya?ml$/i.test(name);
}

/** The folders that contain a file, outermost first. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/**
 * A path that is put together at run time: `join(here, 'pages', name)`, `readFileSync('pages/' + name)`. What is in `/tmp`
 * was not packaged.
 */
function readsIn(text: string, folder: string): boolean {
  const name = literal(folder);
  const call = String.raw`\b(?:join|resolve|(?:readFile|readdir|opendir|createReadStream)\w*)\(`;
  const before = String.raw`(?:(?!\btmpdir\b|/tmp\b)[^\n;]){0,200}?`;
  const inCall = `${call}${before}["'\`/]${name}(?:/|["'\`]\\s*[,)+])`;
  const inUrl = String.raw`\bnew\s+URL\(\s*["'\x60](?!\w+:)(?:[^"'\x60\n]*/)?${name}/`;
  return text.includes(folder) && new RegExp(`${inCall}|${inUrl}`).test(text);
}
