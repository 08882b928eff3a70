import { isBuiltin } from 'node:module';
import { extname, posix } from 'node:path';
import { packageName } from './build-problems.ts';
import { CODE } from './outside.ts';
import type { PackageFile } from './package-file.ts';
import { isInRuntime } from './runtime-packages.ts';

interface WorkersInput {
  /** An absolute path without links. */
  readonly folder: string;
  readonly source: string;
  /** `nodejs24.x` */
  readonly runtime: string;
  /** All files in the folder. */
  readonly own: readonly PackageFile[];
  /** The function's own bundled files, relative to the folder. */
  readonly bundled: ReadonlySet<string>;
  /** Paths of the files beside the bundle. */
  readonly packaged: ReadonlySet<string>;
}

/** A program that the code starts by the path of its file, a worker thread or a child process: the last name in it, `'./worker.js'`, `new URL('./worker.js', import.meta.url)`, `join(__dirname, 'worker.js')`. */
const STARTED = /\b(?:new\s+Worker|fork)\s*\([^;{]*?(["'`])([^"'`\n$]+\.[cm]?[jt]sx?)\1/g;

/**
 * What a worker's file lacks in the package. It is not part of the bundle, so neither what it imports nor a compiled form
 * of it is in the package.
 */
export async function workerWarnings(input: WorkersInput): Promise<readonly string[]> {
  const { own, bundled } = input;
  const started = own
    .filter(({ path }) => bundled.has(path))
    .flatMap(({ path, bytes }) => startedBy(path, new TextDecoder().decode(bytes), own));
  const unique = [...new Map(started.map((worker) => [worker.path, worker])).values()];
  return (await Promise.all(unique.map(async (worker) => await lacking(worker, input)))).flat();
}

interface Started {
  readonly path: string;
  readonly from: string;
}

/** Relative to the code's own file, or to the folder of the function, which is where it runs. */
function startedBy(from: string, text: string, own: readonly PackageFile[]): readonly Started[] {
  return [...text.matchAll(STARTED)].flatMap(([, , name = '']) => {
    const places = [posix.join(posix.dirname(from), name), posix.normalize(name)];
    const path = places.find((place) => own.some((file) => file.path === place));
    return path === undefined ? [] : [{ path, from }];
  });
}

async function lacking({ path, from }: Started, input: WorkersInput): Promise<readonly string[]> {
  const { source, packaged } = input;
  const who = `${posix.join(source, from)} starts ${path}`;
  // Later versions of Node.js remove types themselves.
  if (/\.[jt]sx$/.test(path) || (/ts$/.test(path) && /^nodejs(18|20)\./.test(input.runtime))) {
    return [`${who}, which is not part of the bundle and is not compiled: write it in JavaScript`];
  }
  const { files, packages } = await importsOf(path, input);
  const include = [path, ...files].filter((file) => !packaged.has(file));
  const external = packages.filter((name) => !packaged.has(`node_modules/${name}/package.json`));
  const changes = [
    ...(include.length === 0 ? [] : [`"include": ${JSON.stringify(include)}`]),
    ...(external.length === 0 ? [] : [`"external": ${JSON.stringify(external)}`]),
  ];
  if (changes.length === 0) return [];
  const names = [...include, ...external].join(', ');
  return [
    `${who}, which is not part of the bundle: ${names} would be missing at run time; write ${changes.join(' and ')} in the config`,
  ];
}

/** What a file imports: files of the function, and names of packages. */
async function importsOf(path: string, { folder }: WorkersInput) {
  const esbuild = await import('esbuild');
  const built = await esbuild
    .build({
      ...{ entryPoints: [path], absWorkingDir: folder, bundle: true, write: false, metafile: true },
      ...{ platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' },
    })
    // An import that does not exist is an error of the worker, which its log names.
    .catch(() => undefined);
  if (built === undefined) return { files: [], packages: [] };
  const inputs = Object.entries(built.metafile.inputs);
  const packages = inputs.flatMap(([, { imports }]) =>
    imports.filter(({ external }) => external === true).map((imported) => packageName(imported.path)),
  );
  const files = inputs.map(([file]) => posix.normalize(file)).filter((file) => file !== path);
  return {
    files: files.filter((file) => CODE.includes(extname(file)) || extname(file) === '.json'),
    packages: [...new Set(packages)].filter((name) => !isBuiltin(name) && !isInRuntime(name)),
  };
}
