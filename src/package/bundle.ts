import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import type { BuildFailure, BuildResult, Message, Metafile } from 'esbuild';
import { CrcError } from '../errors.ts';
import { shellWord } from '../shell.ts';
import type { PackageFile } from './files.ts';
import type { Handler } from './handler.ts';

export interface BundleInput {
  /** Absolute folder of the function. */
  readonly folder: string;
  /** The folder as the config names it: files are shown below it. */
  readonly source: string;
  readonly files: readonly PackageFile[];
  readonly handler: Handler;
  /** `nodejs24.x` */
  readonly runtime: string;
}

export interface Bundle {
  readonly files: readonly PackageFile[];
  readonly warnings: readonly string[];
}

const EXTENSIONS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/** The runtime has the SDK (https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included). */
const IN_THE_RUNTIME = ['@aws-sdk/*', '@smithy/*'];

/** CommonJS packages inside an ES module still call require(). */
const REQUIRE =
  "import { createRequire as crcCreateRequire } from 'node:module';\nconst require = crcCreateRequire(import.meta.url);";

/**
 * The function as one ES module with its source map, made by esbuild. Throws a CrcError with esbuild's messages when it does
 * not build, when the handler's file or export is not there, and when it imports what the source hash does not cover.
 */
export async function bundle(given: BundleInput): Promise<Bundle> {
  // esbuild names its inputs by their real paths.
  const input = { ...given, folder: await realpath(given.folder) };
  const entry = entryOf(input);
  let built = await build(input, entry, '');
  if (textOf(built).includes('Dynamic require of "')) built = await build(input, entry, REQUIRE);
  checkInputs(built.metafile, input);
  const { module, name } = input.handler;
  return {
    files: built.outputFiles.map(({ path, contents }) => ({
      path: path.endsWith('.map') ? `${module}.mjs.map` : `${module}.mjs`,
      bytes: contents,
    })),
    warnings: [
      ...built.warnings.map((one) => messageText(one, input.source)),
      ...(wantsCallback(textOf(built), name) && major(input.runtime) >= 24 ? [callbackWarning(input)] : []),
    ],
  };
}

type Built = BuildResult<{ write: false; metafile: true }>;

function entryOf({ files, handler, source }: BundleInput): string {
  const entry = EXTENSIONS.map((extension) => `${handler.module}${extension}`).find((path) =>
    files.some((file) => file.path === path),
  );
  if (entry !== undefined) return entry;
  throw new CrcError(`${source} has no ${handler.module}.ts or ${handler.module}.js.`, {
    hint: `The handler is "${handler.module}.${handler.name}". Create the file, or fix "handler" or "source" in the config.`,
  });
}

async function build(input: BundleInput, entry: string, banner: string): Promise<Built> {
  const { folder, handler, runtime, files } = input;
  const own = files.some(({ path }) => path === 'tsconfig.json');
  try {
    const esbuild = await import('esbuild');
    const built = await esbuild.build({
      // Only the handler is exported; for CommonJS this is what makes it a named export.
      stdin: {
        contents: `export { ${handler.name} } from ${JSON.stringify(`./${entry}`)};\n`,
        resolveDir: folder,
        sourcefile: 'crc-entry.js',
        loader: 'js',
      },
      absWorkingDir: folder,
      outfile: `${handler.module}.mjs`,
      write: false,
      metafile: true,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: `node${major(runtime)}`,
      mainFields: ['module', 'main'],
      external: IN_THE_RUNTIME,
      sourcemap: 'linked',
      charset: 'utf8',
      logLevel: 'silent',
      // A tsconfig.json above the folder would change the package without changing the source.
      tsconfigRaw: own ? undefined : '{}',
      banner: banner === '' ? undefined : { js: banner },
    });
    const missing = built.warnings.find(({ id }) => id === 'import-is-undefined');
    if (missing !== undefined) throw noExport(entry, input);
    return built;
  } catch (error) {
    throw explained(error, entry, input);
  }
}

function explained(error: unknown, entry: string, input: BundleInput): unknown {
  const { handler, source } = input;
  const errors = (error as Partial<BuildFailure>).errors;
  if (!Array.isArray(errors)) return notStarted(error);
  if (errors.some(({ text }: Message) => /^No matching export/.test(text) && text.includes(`"${handler.name}"`))) {
    return noExport(entry, input);
  }
  const missing = errors.flatMap(({ text }: Message) => /^Could not resolve "([^"./][^"]*)"/.exec(text)?.[1] ?? []);
  return new CrcError(`The function in ${source} could not be built.`, {
    details: errors.map((one) => messageText(one, source)),
    hint:
      missing.length === 0
        ? 'Fix it, and run the command again.'
        : `Install the missing packages (\`npm install ${[...new Set(missing)].map(shellWord).join(' ')}\`), then run the command again.`,
    cause: error,
  });
}

/** Its program comes in a package of its own for each system, which may be missing, or may not be allowed to run. */
function notStarted(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CrcError) return error;
  return new CrcError(`esbuild, which bundles functions, cannot be started: ${error.message.split('\n')[0]}`, {
    hint: 'Reinstall crc with its optional dependencies: `npm install --include=optional crc-bootstrap`.',
    cause: error,
  });
}

function noExport(entry: string, { handler: { name }, source }: BundleInput): CrcError {
  return new CrcError(`${posix.join(source, entry)} does not export "${name}", the name in "handler".`, {
    hint: `Add \`export async function ${name}(event) {…}\` there, or fix "handler" in the config.`,
  });
}

/** `functions/increment-visits/index.ts:3:8: Could not resolve "x"` */
function messageText({ text, location }: Message, source: string): string {
  const safe = withoutToken(text);
  return location === null
    ? safe
    : `${posix.join(source, location.file)}:${location.line}:${location.column + 1}: ${safe}`;
}

/** esbuild quotes the token at which it stopped: a part of the user's file, and so perhaps a secret. Punctuation is none. */
function withoutToken(text: string): string {
  return text
    .replace(/ but found "((?:[^"\\]|\\.)*)"/, (found, token: string) => (isPunctuation(token) ? found : ''))
    .replace(/^(Unexpected|Syntax error) "((?:[^"\\]|\\.)*)"/, (found, words: string, token: string) =>
      isPunctuation(token) ? found : words === 'Unexpected' ? 'Unexpected token' : words,
    );
}

function isPunctuation(token: string): boolean {
  return /^[^\w"'`\\]{1,3}$/.test(token);
}

/** What is not in the hash may change without being seen. Packages are pinned by the lock file, which is. */
function checkInputs({ inputs }: Metafile, { files, source }: BundleInput): void {
  const known = new Set(files.map(({ path }) => path));
  const unseen = Object.keys(inputs).filter(
    (path) =>
      path !== 'crc-entry.js' &&
      !known.has(posix.normalize(path)) &&
      !/(^|\/)node_modules\//.test(path) &&
      !/^\w+:/.test(path),
  );
  if (unseen.length === 0) return;
  throw new CrcError(`The function imports ${unseen.join(', ')} from outside its source folder ${source}.`, {
    hint: 'Move it into the folder, and not into a test folder or .crcignore; or set "source" to a folder that contains both.',
  });
}

function textOf(built: Built): string {
  return built.outputFiles.find(({ path }) => path.endsWith('.mjs'))?.text ?? '';
}

function major(runtime: string): number {
  return Number(/^nodejs(\d+)/.exec(runtime)?.[1]);
}

/** Three parameters, in esbuild's own spelling of the declaration. */
function wantsCallback(text: string, name: string): boolean {
  const parameters = String.raw`\(\s*\w+,\s*\w+,\s*\w+\s*\)`;
  return new RegExp(
    String.raw`(function ${name}\d*\s*${parameters}|\b${name}\d* = (async )?(function\s*\w*\s*)?${parameters})`,
  ).test(text);
}

function callbackWarning({ handler, runtime }: BundleInput): string {
  return `${handler.name} seems to take a callback, which ${runtime} does not pass: return a promise instead (async)`;
}
