import { stat } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { posix, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { ENTRY, modulesOf } from '../bundle.ts';
import { withoutVirtual } from '../yarn-zips.ts';

export interface OwnCodeInput {
  /** An absolute path without links. */
  readonly folder: string;
  /** The file of the handler, relative to the folder. */
  readonly entry: string;
  /** The name that it exports. */
  readonly name: string;
}

/** The user's code without libraries. */
export interface OwnCode {
  readonly text: string;
  /**
   * Converts a position to its place in the source; `line` and `column` from 0. Undefined if the bundler generated the
   * code.
   */
  placeOf(line: number, column: number): { readonly path: string; readonly line: number } | undefined;
}

/** Syntax that every parser supports; the bundler rewrites newer syntax. */
const TARGET = 'es2022';

/**
 * The modules of a function as one, without npm packages. Each variable has one identity, whichever module imports it;
 * types and unused code are removed. The package itself is not suitable, since it contains libraries with calls that
 * may be unreachable.
 */
export async function ownCode({ folder, entry, name }: OwnCodeInput): Promise<OwnCode> {
  const esbuild = await import('esbuild');
  const { outputFiles } = await esbuild.build({
    ...modulesOf(folder, entry, name),
    outfile: 'own.mjs',
    target: TARGET,
    sourcesContent: false,
    plugins: [withoutPackages],
  });
  const text = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
  const map = new SourceMap(JSON.parse(text('.map')));
  return {
    text: text('.mjs'),
    placeOf(line, column) {
      const place = map.findEntry(line, column);
      if (!('originalLine' in place) || place.originalSource === ENTRY) return undefined;
      return { path: posix.normalize(place.originalSource), line: place.originalLine + 1 };
    },
  };
}

/** In bytes: larger modules are data, whose syntax tree takes seconds and two hundred times as much memory. */
const MAX_MODULE_BYTES = 2 * 1024 * 1024;

/** Files belong to the user, and so do packages in the repository; all others remain imports, as do very large modules. */
const withoutPackages: Plugin = {
  name: 'without-packages',
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, kind, importer, namespace, resolveDir, pluginData }) => {
      if (pluginData === OWN_QUESTION || kind === 'entry-point') return undefined;
      const resolved = await build.resolve(path, { kind, importer, namespace, resolveDir, pluginData: OWN_QUESTION });
      const isOwn =
        resolved.errors.length === 0 &&
        !resolved.external &&
        !resolved.path.includes(`${sep}node_modules${sep}`) &&
        /\.[cm]?[jt]sx?$/.test(resolved.path) &&
        (await stat(withoutVirtual(resolved.path))).size <= MAX_MODULE_BYTES;
      return isOwn ? resolved : { path, external: true };
    });
  },
};
const OWN_QUESTION = { own: true };
