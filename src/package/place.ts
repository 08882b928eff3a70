import { dirname, extname, join, posix, relative } from 'node:path';
import type { Loader, Metafile, Plugin } from 'esbuild';
import { uriDecoded } from '../decoded.ts';
import { slashes } from '../slashes.ts';
import { CODE } from './outside.ts';
import type { PackageFile } from './package-file.ts';
import { packageReader } from './yarn-zips.ts';

/** A file that the code reads by a path relative to its own: `new URL('./page.html', import.meta.url)`. */
export interface Mention {
  /** Absolute path of the file that is read. */
  readonly target: string;
  /** The file that reads it, relative to the source folder. */
  readonly from: string;
}

/**
 * Names in the bundle for values that Node provides to each module: one file contains many modules, each with its own
 * path.
 */
export const OWN_PLACE = {
  __dirname: 'crcDirname',
  __filename: 'crcFilename',
  'import.meta.dirname': 'crcDirname',
  'import.meta.filename': 'crcFilename',
  'import.meta.url': 'crcUrl',
} as const;

const ASKS = /__dirname|__filename|\bimport\s*\.\s*meta\b/;

/**
 * The path that a module or file would have in the package as a separate file: its own path in the folder, below the
 * package's node_modules for a library, and without the leading `..` for a file elsewhere in the repository.
 */
export function placeOf(path: string): string {
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  const library = normal.lastIndexOf('node_modules/');
  return library >= 0 ? normal.slice(library) : normal.replace(/^(\.\.\/)+/, '');
}

/** How esbuild names a module in a bundle: in a comment before its code, and as the key of one that is CommonJS. */
const NAME = /^(\/\/ | {2}(?:async )?")([^"\n]+)(?=$|"\()/gm;

/**
 * The bundle, with libraries named as in the package. Package managers keep them in different folders, some of them
 * outside the repository (Yarn's cache, the global stores of pnpm and Bun), so the same source would become another
 * package on each machine, with the user's home directory in it.
 */
export function withLibraryNames(text: string, inputs: Metafile['inputs']): string {
  return text.replace(NAME, (name, start: string, path: string) =>
    Object.hasOwn(inputs, path) ? `${start}${libraryName(path)}` : name,
  );
}

/** A path of the project's own files stays as it is. */
export function libraryName(path: string): string {
  return path.includes('node_modules/') ? placeOf(path) : path;
}

/**
 * Lines at the start of a bundle whose modules use their paths. `module`: the bundle's own path, without extension.
 */
export function placeLines(module: string, text: string): readonly string[] {
  const usesFolder = text.includes('crcFolderOf(');
  if (!usesFolder && !text.includes('crcUrlOf(')) return [];
  const up = '../'.repeat(module.split('/').length - 1) || './';
  return [
    "import { fileURLToPath as crcFileURLToPath } from 'node:url';",
    `const crcUrlOf = (path) => new URL(path, new URL('${up}', import.meta.url)).href;`,
    // Without the slash that the URL of the package itself ends with.
    ...(usesFolder
      ? [String.raw`const crcFolderOf = (path) => crcFileURLToPath(crcUrlOf(path)).replace(/(.)[\\/]$/, '$1');`]
      : []),
  ];
}

/** Gives each module its own path, and records the files that modules read relative to it. */
export function ownPlace(folder: string, mentions: Mention[]): Plugin {
  return {
    name: 'own-place',
    setup(build) {
      const read = packageReader();
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
        const text = new TextDecoder().decode(await read(path));
        if (!ASKS.test(text)) return undefined;
        const from = slashes(relative(folder, path));
        for (const name of mentionedFiles(text)) mentions.push({ target: join(dirname(path), name), from });
        return { contents: withPlace(text, placeOf(from)), loader: loaderOf(path) };
      });
    },
  };
}

/** The declaration is added to the first line, so that line numbers in the source map do not change. */
function withPlace(text: string, place: string): string {
  const encoded = JSON.stringify(place.split('/').map(encodeURIComponent).join('/'));
  const folder = JSON.stringify(posix.dirname(place).split('/').map(encodeURIComponent).join('/'));
  const declared = [
    `crcUrl=/* @__PURE__ */crcUrlOf(${encoded})`,
    `crcFilename=/* @__PURE__ */crcFileURLToPath(/* @__PURE__ */crcUrlOf(${encoded}))`,
    `crcDirname=/* @__PURE__ */crcFolderOf(${folder})`,
  ].map((name) => `var ${name};`);
  return `${declared.join('')}${text.replace(/^\uFEFF/, '').replace(/^#!/, '//')}`;
}

function loaderOf(path: string): Loader {
  const extension = extname(path).slice(1);
  if (extension.endsWith('sx')) return extension as Loader;
  return CODE.includes(`.${extension}`) && extension.endsWith('ts') ? 'ts' : 'js';
}

const LITERAL = String.raw`(["'\x60])((?:(?!\1)[^\\\n$])+)\1`;
const BESIDE_URL = new RegExp(String.raw`new\s+URL\(\s*${LITERAL}\s*,\s*import\s*\.\s*meta\s*\.\s*url\b`, 'g');
const FOLDER = String.raw`(?:__dirname|import\s*\.\s*meta\s*\.\s*dirname)`;
const BESIDE_FOLDER = new RegExp(
  String.raw`\b(?:join|resolve)\(\s*${FOLDER}\s*((?:,\s*(["'\x60])[^"'\x60\\\n$]+\2\s*)+),?\s*\)`,
  'g',
);
const AFTER_FOLDER = new RegExp(String.raw`${FOLDER}\s*\+\s*(["'\x60])[\\/]([^"'\x60\\\n$]+)\1`, 'g');
const IN_TEMPLATE = new RegExp(String.raw`\x60\$\{\s*${FOLDER}\s*\}/([^\x60\\\n$]+)`, 'g');

function mentionedFiles(text: string): readonly string[] {
  return [
    ...[...text.matchAll(BESIDE_URL)].flatMap(([, , name = '']) =>
      /^[a-z]+:|^\//i.test(name) ? [] : [uriDecoded(name.replace(/[?#].*$/, ''))],
    ),
    ...[...text.matchAll(BESIDE_FOLDER)].map(([, parts = '']) =>
      posix.join(...[...parts.matchAll(/["'`]([^"'`]+)["'`]/g)].map(([, part = '']) => part)),
    ),
    ...[...text.matchAll(AFTER_FOLDER)].map(([, , name = '']) => name),
    ...[...text.matchAll(IN_TEMPLATE)].map(([, name = '']) => name),
  ];
}

/** Each file once, by the path at which the code finds it. */
export function uniqueFiles(files: readonly PackageFile[]): readonly PackageFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
