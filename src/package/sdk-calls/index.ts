import { realpath } from 'node:fs/promises';
import { type Handler, isPython } from '../handler.ts';
import type { PackageFile } from '../package-file.ts';
import type { SdkCall } from './call.ts';

export interface SourceInput {
  /** Absolute folder of the function. */
  readonly folder: string;
  /** The folder as written in the config. */
  readonly source: string;
  readonly files: readonly PackageFile[];
  readonly handler: Handler;
  /** `python3.13` */
  readonly runtime: string;
}

/**
 * The AWS SDK calls in a function's own code, from its syntax trees: in the modules that the handler imports, without
 * installed libraries. Dynamic calls, which only appear at run time, are not included.
 */
export async function sdkCalls({ folder, source, files, handler, runtime }: SourceInput): Promise<readonly SdkCall[]> {
  if (isPython(runtime)) return await callsOfPython(files, handler);
  const [{ entryOf }, { javaScriptCalls }] = await Promise.all([import('../bundle.ts'), import('./javascript.ts')]);
  const entry = entryOf({ files, handler, source });
  // esbuild uses the real paths of its inputs.
  return await javaScriptCalls({ folder: await realpath(folder), entry, name: handler.name });
}

async function callsOfPython(files: readonly PackageFile[], { module }: Handler): Promise<readonly SdkCall[]> {
  const [{ fileOf, importedModules, resolved }, { isTooLong }, { pythonCalls }, { treeParser }] = await Promise.all([
    import('../python.ts'),
    import('../python-module.ts'),
    import('./python.ts'),
    import('../../tree-sitter.ts'),
  ]);
  const entry = fileOf(files, module);
  if (entry === undefined) return [];
  const paths = await importedModules(files, entry);
  const own = files.filter(({ path, bytes }) => paths.has(path) && !isTooLong(bytes));
  const texts = new Map(own.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
  return pythonCalls(
    { texts, fileOf: (name) => fileOf(own, name)?.path, resolve: resolved },
    await treeParser('python'),
  );
}
