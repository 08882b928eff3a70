import { readFile } from 'node:fs/promises';
import { normalize } from 'node:path';

/** The place of a package that has peer dependencies, for each set of them: `__virtual__/HASH/LEVELS_UP/`. */
const VIRTUAL = /([\\/])__virtual__[\\/][^\\/]+[\\/](\d+)[\\/]/;

/** The path of a file of a package without such folders, which do not exist. */
export function withoutVirtual(path: string): string {
  return normalize(path.replace(VIRTUAL, (_, sep: string, up: string) => sep + `..${sep}`.repeat(Number(up))));
}

const IN_ZIP = /^(.*?\.zip)[\\/](.+)$/;

/**
 * Reads files of packages as esbuild does: Yarn's Plug'n'Play leaves packages in zips, which the paths of their files
 * lead into, some of them through folders that do not exist (https://yarnpkg.com/advanced/pnp-spec). Reads each zip
 * once.
 */
export function packageReader(): (path: string) => Promise<Uint8Array> {
  const zips = new Map<string, Promise<Uint8Array>>();
  return async (path) => {
    try {
      return await readFile(path);
    } catch (error) {
      const real = withoutVirtual(path);
      const [, zip, entry] = IN_ZIP.exec(real) ?? [];
      if (zip === undefined || entry === undefined) {
        if (real === normalize(path)) throw error;
        return await readFile(real);
      }
      const bytes = zips.get(zip) ?? readFile(zip);
      zips.set(zip, bytes);
      const { unzipSync } = await import('fflate');
      const name = entry.replaceAll('\\', '/');
      const content = unzipSync(await bytes, { filter: (file) => file.name === name })[name];
      if (content === undefined) throw error;
      return content;
    }
  };
}
