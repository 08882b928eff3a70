import { join, posix } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';
import { CrcError } from '../errors.ts';
import { COMMANDS, type PackageManager, packageManagerOf } from '../package-manager.ts';
import { ifFile, regularText } from '../regular-file.ts';
import { installationOf } from './installation.ts';
import { manifestOf } from './test-script.ts';
import { object } from './tsconfig.ts';

export interface BuildAbout {
  /** Absolute folder of the function. */
  readonly folder: string;
  /** The folder as written in the config, which prefixes the files shown. */
  readonly source: string;
  readonly external: readonly string[];
}

/** Explains why esbuild could not build the code. Any other error means that esbuild did not start. */
export async function buildProblem(error: unknown, about: BuildAbout): Promise<unknown> {
  const errors = buildErrors(error);
  if (errors === undefined) return notStarted(error, about);
  const { hint, alternatives } = await advice(errors, about);
  return new CrcError(`The function in ${about.source} could not be built.`, {
    details: errors.map((message) => messageText(message, about.source)),
    hint,
    alternatives,
    cause: error,
  });
}

export function buildErrors(error: unknown): readonly Message[] | undefined {
  const { errors } = error as Partial<BuildFailure>;
  return Array.isArray(errors) ? errors : undefined;
}

/** Its binary is in a separate package for each platform, which may be missing, or may not be executable. */
function notStarted(error: unknown, { folder }: BuildAbout): unknown {
  if (!(error instanceof Error) || error instanceof CrcError) return error;
  return new CrcError(`esbuild, which bundles functions, cannot be started: ${error.message.split('\n')[0]}`, {
    hint: `Reinstall crc with its optional dependencies: \`${reinstall(packageManagerOf(folder))}\`.`,
    cause: error,
  });
}

/** Only npm has a flag for it. The others include them by default, so they may have been omitted in a configuration file. */
function reinstall(manager: PackageManager): string {
  return manager === 'npm'
    ? 'npm install --include=optional crc-bootstrap'
    : `${COMMANDS[manager].addDev} crc-bootstrap`;
}

interface Advice {
  readonly hint: string;
  readonly alternatives: readonly string[];
}

/** One action per kind of problem: optional packages, aliases, missing packages, unsupported file types. */
async function advice(errors: readonly Message[], about: BuildAbout): Promise<Advice> {
  const unresolved = errors.flatMap(({ text, location }) => {
    const specifier = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
    return specifier === undefined ? [] : [{ specifier, from: location?.file ?? '' }];
  });
  const kinds = await Promise.all(
    unresolved.map(async (mention) => ({ ...mention, kind: await kindOf(mention, about) })),
  );
  const named = (kind: Kind) =>
    unique(kinds.filter((mention) => mention.kind === kind).map(({ specifier }) => packageName(specifier)));
  const aliases = unique(kinds.filter(({ kind }) => kind === 'alias').map(({ specifier }) => specifier));
  const optional = unique([...named('optional'), ...errors.flatMap(nativePackage)]);
  const assets = unique(errors.flatMap(assetOf));
  const install = named('package');
  const isV2 = install.includes('aws-sdk');
  const { command, inFolder } = installationOf(about.folder, install, 'add');
  const lines = [
    ...(optional.length === 0
      ? []
      : [
          `Write "external": ${JSON.stringify([...about.external, ...optional])} in the config: external packages are copied next to the bundle, or left out if they are not installed.`,
        ]),
    ...(aliases.length === 0
      ? []
      : [
          `Define the alias of ${aliases.join(', ')} under "paths" in a tsconfig.json of the folder or above it, or import the file by its path.`,
        ]),
    ...(install.length === 0
      ? []
      : [
          `${isV2 ? 'Import the AWS SDK v3, which the runtime has (@aws-sdk/client-dynamodb and others), instead of aws-sdk (v2), which AWS no longer supports; or install' : 'Install'} the missing packages${inFolder ? ` in ${about.source}` : ''}: \`${command}\``,
        ]),
    ...(assets.length === 0
      ? []
      : [
          `Read ${assets.join(', ')} with \`readFileSync(new URL(${JSON.stringify(assets[0])}, import.meta.url))\` instead of importing it: crc then adds it to the package.`,
        ]),
  ];
  if (lines.length === 0) return { hint: 'Fix it, then run the command again.', alternatives: [] };
  return lines.length === 1
    ? { hint: lines[0] ?? '', alternatives: [] }
    : { hint: 'To build it:', alternatives: lines };
}

type Kind = 'package' | 'optional' | 'alias' | 'file';

async function kindOf(
  { specifier, from }: { readonly specifier: string; readonly from: string },
  { folder }: BuildAbout,
): Promise<Kind> {
  const owner = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(from)?.[1];
  if (/^\.{1,2}(\/|$)|^\//.test(specifier)) return 'file';
  if (owner !== undefined)
    return (await requires(join(folder, owner), packageName(specifier))) ? 'package' : 'optional';
  return /^(@\/|[~#$])/.test(specifier) ? 'alias' : 'package';
}

/** Whether a library always needs another one: an undeclared or optional dependency is only loaded where it is used. */
async function requires(folder: string, name: string): Promise<boolean> {
  const file = join(folder, 'package.json');
  const manifest = manifestOf((await ifFile(regularText(file))) ?? '{}', file);
  if (name in object(manifest.dependencies)) return true;
  const isOptional = object(object(manifest.peerDependenciesMeta)[name]).optional === true;
  return name in object(manifest.peerDependencies) && !isOptional;
}

const NO_LOADER = /^No loader is configured for "(\.[^"]+)" files: (.+)$/;

/** A native binary, which cannot be bundled. */
function nativePackage({ text, location }: Message): readonly string[] {
  const [, extension, path = ''] = NO_LOADER.exec(text) ?? [];
  if (extension !== '.node') return [];
  const file = path.includes('node_modules/') ? path : (location?.file ?? '');
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.slice(1) ?? [];
}

function assetOf({ text }: Message): readonly string[] {
  const [, extension, path = ''] = NO_LOADER.exec(text) ?? [];
  return extension === undefined || extension === '.node' || path.includes('node_modules/')
    ? []
    : [`./${posix.normalize(path)}`];
}

/** The name of the package that an import names: `@scope/name` of `@scope/name/path`. */
export function packageName(specifier: string): string {
  return /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** `functions/increment-visits/index.ts:3:8: Could not resolve "x"` */
export function messageText({ text, location }: Pick<Message, 'text' | 'location'>, source: string): string {
  const safe = withoutToken(text);
  return location === null
    ? safe
    : `${posix.join(source, location.file)}:${location.line}:${location.column + 1}: ${safe}`;
}

/**
 * esbuild quotes the token at which it stopped: a part of the user's file, which might be a secret. Punctuation cannot
 * be.
 */
function withoutToken(text: string): string {
  return text
    .replace(/ but found "((?:[^"\\]|\\.)*)"/, (text, token: string) => (isPunctuation(token) ? text : ''))
    .replace(/^(Unexpected|Syntax error) "((?:[^"\\]|\\.)*)"/, (text, words: string, token: string) =>
      isPunctuation(token) ? text : words === 'Unexpected' ? 'Unexpected token' : words,
    );
}

function isPunctuation(token: string): boolean {
  return /^[^\w"'`\\]{1,3}$/.test(token);
}
