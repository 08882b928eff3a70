import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import { isObject } from '../json.ts';

/** Undefined if the file does not exist. @throws CrcError for one that cannot be read. */
export type ReadFile = (path: string) => Promise<string | undefined>;

/** The compiler options that affect how imports are resolved. */
export interface Paths {
  /** The absolute folder that targets are relative to. */
  readonly base: string;
  /** Whether modules are also resolved from `base`. */
  readonly isBaseUrl: boolean;
  readonly patterns: Readonly<Record<string, readonly string[]>>;
}

export interface Tsconfig {
  /** Absolute paths of its files: itself and those that it extends. */
  readonly files: readonly string[];
  readonly paths: readonly Paths[];
  /** Whether decorator metadata is enabled, which esbuild does not emit. */
  readonly decoratorMetadata: boolean;
}

/**
 * A tsconfig.json and what it extends, as read by esbuild (https://www.typescriptlang.org/tsconfig/#extends). Configs
 * in node_modules are pinned by the lock file, and may not be installed when only the hash is needed.
 */
export async function readTsconfig(
  file: string,
  read: ReadFile,
  { top = dirname(file), seen = new Set<string>() }: { readonly top?: string; readonly seen?: Set<string> } = {},
): Promise<Tsconfig> {
  const text = seen.has(file) ? undefined : await read(file);
  if (text === undefined) return { files: [], paths: [], decoratorMetadata: false };
  seen.add(file);
  const config = object(parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true }));
  const options = object(config.compilerOptions);
  const parents = [config.extends].flat().filter((parent) => typeof parent === 'string');
  const inherited = await Promise.all(
    parents.map(async (parent) => {
      const extended = await extendedFile(parent, dirname(file), read);
      return await readTsconfig(extended, read, { top, seen });
    }),
  );
  // The folder of the config that extends the others: https://www.typescriptlang.org/tsconfig/#configDir-template-variable
  const inTop = (path: string) => path.replace(/^\$\{configDir\}/, top);
  const baseUrl = typeof options.baseUrl === 'string' ? resolve(dirname(file), inTop(options.baseUrl)) : undefined;
  const own = {
    base: baseUrl ?? dirname(file),
    isBaseUrl: baseUrl !== undefined,
    patterns: Object.fromEntries(
      Object.entries(object(options.paths)).map(([pattern, targets]) => [
        pattern,
        [targets]
          .flat()
          .filter((target) => typeof target === 'string')
          .map(inTop),
      ]),
    ),
  };
  return {
    files: [file, ...inherited.flatMap(({ files }) => files)],
    // Only the closest paths apply, but an extra file does no harm.
    paths: [own, ...inherited.flatMap(({ paths }) => paths)],
    decoratorMetadata: options.emitDecoratorMetadata === true || inherited.some((parent) => parent.decoratorMetadata),
  };
}

async function extendedFile(name: string, folder: string, read: ReadFile): Promise<string> {
  if (!isAbsolute(name) && !/^\.\.?(\/|$)/.test(name)) return '';
  const file = resolve(folder, name);
  for (const candidate of [file, `${file}.json`, join(file, 'tsconfig.json')]) {
    if ((await read(candidate)) !== undefined) return candidate;
  }
  return file;
}

/** The possible targets of a path alias, as absolute paths without extensions. */
export function aliasTargets(specifier: string, paths: readonly Paths[]): readonly string[] {
  return paths.flatMap(({ base, isBaseUrl, patterns }) => [
    ...Object.entries(patterns).flatMap(([pattern, targets]) => {
      const matched = matchStar(pattern, specifier);
      return matched === undefined ? [] : targets.map((target) => resolve(base, target.replace('*', matched)));
    }),
    ...(isBaseUrl ? [resolve(base, specifier)] : []),
  ]);
}

/**
 * The possible targets of an import that begins with `#`, as absolute paths: under any condition, in the folder of the
 * package.json (https://nodejs.org/api/packages.html#imports).
 */
export function importTargets(
  specifier: string,
  manifest: Readonly<Record<string, unknown>>,
  folder: string,
): readonly string[] {
  return Object.entries(object(manifest.imports)).flatMap(([pattern, targets]) => {
    const matched = matchStar(pattern, specifier);
    if (matched === undefined) return [];
    return textsIn(targets)
      .filter((target) => target.startsWith('./'))
      .map((target) => resolve(folder, target.replaceAll('*', matched)));
  });
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The text that matches the `*` of a pattern; empty if the pattern has none. */
function matchStar(pattern: string, text: string): string | undefined {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === text ? '' : undefined;
  const fits = text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
  return fits ? text.slice(start.length, text.length - end.length) : undefined;
}

export function object(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
