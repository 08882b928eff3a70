import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionConfig } from '../config/schema.ts';
import { ifPresent } from '../errors.ts';
import { isPython } from '../package/handler.ts';
import { contentOf, type Draft } from './files.ts';

type Counter = Pick<FunctionConfig, 'source' | 'runtime' | 'handler'>;

/** Files in the package that are not the counter's code; their content becomes part of the project's own. */
const TOOLS = ['package.json', 'tsconfig.json'];

/** The files that Lambda can load as `index.handler`. */
const ENTRY = /^index\.[cm]?[jt]sx?$/;

/** Whether a function in a config can be crc's visit counter. */
export function mayBeCounter({ runtime, handler }: Counter): boolean {
  return handler === (isPython(runtime) ? 'IncrementVisits.lambda_handler' : 'index.handler');
}

/**
 * The counter's code and tests. If the function already has a different entry file, it is the user's: it is kept, and
 * nothing is added next to it unless `force`.
 */
export async function counterDrafts(counter: Counter, folder: string, force: boolean): Promise<readonly Draft[]> {
  const drafts = (await packagedFiles(isPython(counter.runtime)))
    .filter(({ name }) => !TOOLS.includes(name))
    .map(({ name, content }) => ({ path: `${counter.source}/${name}`, content }));
  const other = force ? undefined : await otherEntry(counter, folder, drafts);
  return other === undefined ? drafts : [{ path: other, content: '', keep: 'the function has its own code' }];
}

async function otherEntry({ source, runtime }: Counter, folder: string, drafts: readonly Draft[]) {
  const isEntry = (name: string) => (isPython(runtime) ? name === 'IncrementVisits.py' : ENTRY.test(name));
  // A file in place of the folder is reported when the files are planned.
  const names = (await ifPresent(readdir(join(folder, source)))) ?? [];
  for (const path of names.filter(isEntry).map((name) => `${source}/${name}`)) {
    const packaged = drafts.find((draft) => draft.path === path);
    if ((await contentOf(join(folder, path), path)) !== packaged?.content) return path;
  }
  return undefined;
}

/** What the counter's tests and type check need, from its own package.json and tsconfig.json. */
export async function counterTools(): Promise<{
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly compilerOptions: object;
}> {
  const files = await packagedFiles(false);
  const json = (file: string) => JSON.parse(files.find(({ name }) => name === file)?.content ?? '{}');
  return {
    devDependencies: json('package.json').devDependencies,
    compilerOptions: json('tsconfig.json').compilerOptions,
  };
}

async function packagedFiles(python: boolean) {
  const folder = fileURLToPath(new URL(`../functions/increment-visits${python ? '/python' : ''}/`, rootOfDist()));
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return await Promise.all(
    names.sort().map(async (name) => ({ name, content: await readFile(join(folder, name), 'utf8') })),
  );
}

/** `dist/` in the bundle, or `src/` in tests: the counter is next to both. */
function rootOfDist(): string {
  return import.meta.url.includes('/src/init/')
    ? new URL('../', import.meta.url).href
    : new URL('./', import.meta.url).href;
}
