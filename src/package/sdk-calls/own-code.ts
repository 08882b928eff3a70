import { SourceMap } from 'node:module';
import { posix, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { ENTRY, modulesOf } from '../bundle.ts';

export interface OwnCodeInput {
  /** Absolute, without links. */
  readonly folder: string;
  /** The file of the handler, from the folder. */
  readonly entry: string;
  /** The name of what is exported there. */
  readonly name: string;
}

/** The code of the user alone. */
export interface OwnCode {
  readonly text: string;
  /** Where a place of it is in the source; `line` and `column` from 0. Undefined: the bundler has written it. */
  placeOf(line: number, column: number): { readonly path: string; readonly line: number } | undefined;
}

/** Syntax that every parser knows by now: the bundler rewrites what is newer. */
const TARGET = 'es2022';

/**
 * The modules of a function as one, without what npm has installed. In it each variable is one variable, whichever module imports it,
 * types are gone, and so is what nothing uses. The package itself has libraries in it, whose calls nobody may reach.
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

/** Files are of the user, packages of the repository too; all else stays an import. */
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
        /\.[cm]?[jt]sx?$/.test(resolved.path);
      return isOwn ? resolved : { path, external: true };
    });
  },
};
const OWN_QUESTION = { own: true };
