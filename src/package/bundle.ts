import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import type { BuildFailure, BuildOptions, BuildResult, Message, Metafile } from 'esbuild';
import { counted } from '../counted.ts';
import { CrcError } from '../errors.ts';
import { packageManagerOf } from '../package-manager.ts';
import { assetsOf } from './assets.ts';
import { buildErrors, buildProblem, messageText } from './build-problems.ts';
import { checkCommonJsExport } from './commonjs-exports.ts';
import { externalPackages } from './externals.ts';
import type { Handler } from './handler.ts';
import { INSTEAD_OF_ZIPS, lockFileOf, usesPlugAndPlay } from './installation.ts';
import { isSecret } from './never.ts';
import { CODE, type Outside } from './outside.ts';
import type { PackageFile } from './package-file.ts';
import { type Mention, OWN_PLACE, ownPlace, placeLines, uniqueFiles, withLibraryNames } from './place.ts';
import { IN_THE_RUNTIME } from './runtime-packages.ts';
import { shiftedMap } from './source-map.ts';
import { workerWarnings } from './workers.ts';

export interface BundleInput {
  /** Absolute folder of the function. */
  readonly folder: string;
  /** The folder as written in the config, which prefixes the files shown. */
  readonly source: string;
  readonly files: readonly PackageFile[];
  readonly outside: Outside;
  readonly handler: Handler;
  /** `nodejs24.x` */
  readonly runtime: string;
  /** Paths and globs in the folder: files that are placed next to the bundle. */
  readonly include: readonly string[];
  /** Names of packages that are placed next to the bundle. */
  readonly external: readonly string[];
}

export interface Bundle {
  readonly files: readonly PackageFile[];
  readonly warnings: readonly string[];
}

/** The entry module for esbuild, which exports the handler. */
export const ENTRY = 'crc-entry.js';

/** CommonJS packages inside an ES module still call require(). */
const REQUIRE = [
  "import { createRequire as crcCreateRequire } from 'node:module';",
  'const require = crcCreateRequire(import.meta.url);',
];

/**
 * The function as one ES module with its source map, built by esbuild, and the files and packages that belong next to
 * it. @throws CrcError with esbuild's messages if it does not build, if the handler's file or export does not exist,
 * and if it imports something that the source hash does not cover.
 */
export async function bundle(given: BundleInput): Promise<Bundle> {
  // esbuild uses the real paths of its inputs.
  const input = { ...given, folder: await realpath(given.folder) };
  const entry = entryOf(input);
  const mentions: Mention[] = [];
  const built = await build(input, entry, mentions);
  checkInputs(built.metafile, input);
  if (built.metafile.inputs[entry]?.format === 'cjs') await checkCommonJsExport(entry, input);
  const bundled = new Set(Object.keys(built.metafile.inputs).map((path) => posix.normalize(path)));
  const [assets, externals] = await Promise.all([
    assetsOf({ ...input, own: input.files, mentions, bundled }),
    externalPackages(input.external, input.folder),
  ]);
  const { module, name } = input.handler;
  // Lambda would load these instead of the bundle; "include": ["**"] selects the handler's own source too.
  const preferred = [module, `${module}.js`];
  const beside = [...assets.files, ...externals.files].filter(({ path }) => !preferred.includes(path));
  const packaged = new Set(beside.map(({ path }) => path));
  const workers = await workerWarnings({ ...input, own: input.files, bundled, packaged });
  return {
    files: uniqueFiles([...beside, ...outputOf(built, input)]),
    warnings: [
      ...(beside.some(({ path }) => path.startsWith(`${module}/`))
        ? [`Lambda would load the folder ${module} in the package instead of ${module}.mjs: rename one of them`]
        : []),
      ...ofBundler(built, input),
      ...(wantsCallback(textOf(built), name) && major(input.runtime) >= 24 ? [callbackWarning(input)] : []),
      ...assets.warnings,
      ...workers,
      ...openPathWarnings(textOf(built), input.source),
      ...externals.missing.map((name) => missingWarning(name, input)),
      ...streamWarnings(bundled, input),
      ...otherWarnings(bundled, input, module),
    ],
  };
}

function missingWarning(name: string, { folder }: BundleInput): string {
  return usesPlugAndPlay(folder)
    ? `${name} is "external" and not in node_modules, so it is not in the package: ${INSTEAD_OF_ZIPS}`
    : `${name} is "external" and not installed, so it is not in the package`;
}

/** A file of data can have thousands, such as one for each duplicate key. */
const MAX_OF_BUNDLER = 20;

function ofBundler({ warnings }: Built, { source }: BundleInput): readonly string[] {
  const more = warnings.length - MAX_OF_BUNDLER;
  const texts = warnings.slice(0, MAX_OF_BUNDLER).map((warning) => messageText(warning, source));
  return more > 0 ? [...texts, `the bundler has ${counted(more, 'more warning')} about ${source}`] : texts;
}

type Built = BuildResult<{ write: false; metafile: true }>;

/** The file of the handler, relative to the folder. @throws CrcError if it does not exist. */
export function entryOf({ files, handler, source }: Pick<BundleInput, 'files' | 'handler' | 'source'>): string {
  const entry = CODE.map((extension) => `${handler.module}${extension}`).find((path) =>
    files.some((file) => file.path === path),
  );
  if (entry !== undefined) return entry;
  throw new CrcError(`${source} has no ${handler.module}.ts or ${handler.module}.js.`, {
    hint: `The handler is "${handler.module}.${handler.name}". Create the file, or fix "handler" or "source" in the config.`,
  });
}

async function build(input: BundleInput, entry: string, mentions: Mention[]): Promise<Built> {
  const { folder, handler, runtime, external } = input;
  try {
    const esbuild = await import('esbuild');
    const built = await esbuild.build({
      ...modulesOf(folder, entry, handler.name),
      outfile: `${handler.module}.mjs`,
      metafile: true,
      target: `node${major(runtime)}`,
      external: [...IN_THE_RUNTIME, ...external.flatMap((name) => [name, `${name}/*`])],
      define: OWN_PLACE,
      plugins: [ownPlace(folder, mentions)],
    });
    const missing = built.warnings.find(({ id }) => id === 'import-is-undefined');
    if (missing !== undefined) throw noExport(entry, input, built.warnings);
    return built;
  } catch (error) {
    const isMissing = buildErrors(error)?.some(
      ({ text }) => /^No matching export/.test(text) && text.includes(`"${handler.name}"`),
    );
    throw isMissing ? noExport(entry, input, (error as BuildFailure).warnings) : await buildProblem(error, input);
  }
}

/** How a handler's modules are combined. Only the handler is exported; for CommonJS, this makes it a named export. */
export function modulesOf(folder: string, entry: string, name: string) {
  return {
    stdin: {
      contents: `export { ${name} } from ${JSON.stringify(`./${entry}`)};\n`,
      resolveDir: folder,
      sourcefile: ENTRY,
      loader: 'js',
    },
    absWorkingDir: folder,
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // Node's own preference: `module` is a convention of bundlers, and may point to different code from `main`.
    mainFields: ['main', 'module'],
    conditions: ['module-sync'],
    sourcemap: 'linked',
    charset: 'utf8',
    logLevel: 'silent',
  } satisfies BuildOptions;
}

/** The bundle and its map, with the lines that it requires before it. */
function outputOf(built: Built, { handler: { module }, files, outside }: BundleInput): readonly PackageFile[] {
  const text = withLibraryNames(textOf(built), built.metafile.inputs);
  const before = [...placeLines(module, text), ...(/Dynamic require of "|__require\b/.test(text) ? REQUIRE : [])];
  const contents = new Map([...files, ...outside.files].map(({ path, bytes }) => [path, bytes]));
  const contentOf = (source: string) => {
    const bytes = contents.get(posix.normalize(posix.join(posix.dirname(module), source)));
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  return built.outputFiles.map(({ path, contents: bytes }) =>
    path.endsWith('.map')
      ? { path: `${module}.mjs.map`, bytes: shiftedMap(bytes, before.length, contentOf) }
      : { path: `${module}.mjs`, bytes: Buffer.from([...before, text].join('\n')) },
  );
}

function noExport(entry: string, { handler: { name }, source }: BundleInput, warnings: readonly Message[]): CrcError {
  const path = posix.join(source, entry);
  // One of esbuild's notes explains what makes it an ES module: package.json, or an import in the file itself.
  const isCommonJs = warnings.some(
    ({ id, location, notes }) =>
      id === 'commonjs-variable-in-esm' &&
      location?.file === entry &&
      notes.some(({ text }) => text.includes('package.json')),
  );
  const renamed = posix.basename(entry).replace(/\.[^.]+$/, '.cjs');
  return new CrcError(`${path} does not export "${name}", the name in "handler".`, {
    hint: isCommonJs
      ? `It is written as CommonJS, and the nearest package.json makes it an ES module ("type": "module"), in which \`exports\` does nothing: rename it to ${renamed}, or write \`export async function ${name}(event) {…}\`.`
      : `Add \`export async function ${name}(event) {…}\` there, or fix "handler" in the config.`,
  });
}

/**
 * A change in a file outside the hash would go unnoticed. Packages are pinned by the lock file, which is in the hash.
 */
function checkInputs({ inputs }: Metafile, { files, outside, source }: BundleInput): void {
  const known = new Set([...files, ...outside.files].map(({ path }) => path));
  const imported = Object.keys(inputs)
    .map((path) => posix.normalize(path))
    .filter((path) => path !== ENTRY && !/(^|\/)node_modules\//.test(path) && !/^[\w-]+:/.test(path));
  const secret = imported.find((path) => isSecret(path.replace(/^(\.\.\/)+/, '')));
  if (secret !== undefined) {
    throw new CrcError(`The function imports ${secret}, which is never packaged.`, {
      hint: 'Pass such values to the function in "environment", or read them from AWS Secrets Manager or Parameter Store.',
    });
  }
  const unseen = imported.filter((path) => !known.has(path));
  if (unseen.length === 0) return;
  throw new CrcError(`The function imports ${unseen.join(', ')} from outside its source folder ${source}.`, {
    hint: 'Move it into the folder (not into a test folder or one listed in .crcignore), or set "source" to a folder that contains both.',
  });
}

function textOf(built: Built): string {
  return built.outputFiles.find(({ path }) => path.endsWith('.mjs'))?.text ?? '';
}

function major(runtime: string): number {
  return Number(/^nodejs(\d+)/.exec(runtime)?.[1]);
}

/** Whether it has three parameters, in esbuild's formatting of the declaration. */
function wantsCallback(text: string, name: string): boolean {
  const parameters = String.raw`\(\s*\w+,\s*\w+,\s*\w+\s*\)`;
  return new RegExp(
    String.raw`(function ${name}\d*\s*${parameters}|\b${name}\d* = (async )?(function\s*\w*\s*)?${parameters})`,
  ).test(text);
}

function callbackWarning({ handler, runtime }: BundleInput): string {
  return `${handler.name} seems to take a callback, which ${runtime} does not pass: return a promise instead (async)`;
}

/**
 * Modules that are chosen at run time, by a path without its extension. esbuild bundles everything that fits the path,
 * under its whole name, and writes a comment like `// require("./routes/**\/*") in index.js` before it.
 */
function openPathWarnings(text: string, source: string): readonly string[] {
  const globs = text.matchAll(/^\s*\/\/ (require|import)\("([^"]*\*)"\) in (.+)$/gm);
  const own = [...globs].filter(([, , , file = '']) => !file.includes('node_modules/'));
  return [
    ...new Set(own.map(([, call = '', glob = '', file = '']) => openPathWarning(call, glob, posix.join(source, file)))),
  ];
}

function openPathWarning(call: string, glob: string, file: string): string {
  const path = glob.replace(/\*\*\/\*$/, '').replace(/\*\*?$/, '');
  return `${file} chooses a module at run time, with ${call}('${path}' + …): in the package it is only found by its whole name; end the path with the extension that the file has in the source`;
}

/** Only the runtime on AWS has `awslambda`, and a URL streams only in an invoke mode that crc does not set. */
function streamWarnings(bundled: ReadonlySet<string>, { files, source }: BundleInput): readonly string[] {
  const isStreamed = (bytes: Uint8Array) =>
    /\bawslambda\s*\.\s*streamifyResponse\b/.test(new TextDecoder().decode(bytes));
  return files
    .filter(({ path, bytes }) => bundled.has(path) && isStreamed(bytes))
    .map(
      ({ path }) =>
        `${posix.join(source, path)} streams the response, which crc does not support: its function URL sends the whole response at once, and \`crc invoke --local\` cannot run it`,
    );
}

/** Remarks about bundled packages. */
function otherWarnings(
  bundled: ReadonlySet<string>,
  { folder, outside, external }: BundleInput,
  module: string,
): readonly string[] {
  const libraries = new Set(
    [...bundled].flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const unpinned = outside.lock === undefined ? [...libraries, ...external] : [];
  return [
    ...(libraries.has('aws-sdk')
      ? [
          'aws-sdk v2 is bundled: AWS no longer supports it, and it slows down starts; the runtime has v3 (@aws-sdk/client-dynamodb and others), which needs no place in the package',
        ]
      : []),
    ...(unpinned.length === 0
      ? []
      : [
          `no lock file pins ${unpinned.slice(0, 5).join(', ')}${unpinned.length > 5 ? ' and others' : ''}, so \`crc verify\` does not see when ${unpinned.length === 1 ? 'it changes' : 'they change'}; commit ${lockFileOf(packageManagerOf(folder))}`,
        ]),
    ...(outside.decoratorMetadata
      ? [`emitDecoratorMetadata is set, but esbuild, which builds ${module}.mjs, writes no types of decorators`]
      : []),
  ];
}
