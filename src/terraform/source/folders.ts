import { realpath } from 'node:fs/promises';
import { join, normalize, relative } from 'node:path';
import { CrcError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { regularText } from '../../regular-file.ts';
import { slashes } from '../../slashes.ts';
import { argumentFilesOf, codeFiles, inEffect, isBackendConfig, isVariableFile } from './config-files.ts';
import { jsonBlocks } from './json.ts';
import { type SourceBlock, type SourceParser, sourceParser } from './parse.ts';
import { type UnsetVariables, unsetVariablesIn } from './variables.ts';
import { codeText, foldersBelow, type Listed } from './walk.ts';

/** Where a Terraform folder keeps its state, according to its code. */
export interface SourceBackend {
  /** `s3`, `remote`, `cloud`, `local` */
  readonly type: string;
  /** Arguments whose value is known without running Terraform. */
  readonly arguments: Readonly<Record<string, Json>>;
  /** Arguments that only Terraform can determine. */
  readonly unknown: readonly string[];
  /** Relative to the searched folder, with slashes. */
  readonly file: string;
  readonly line: number;
  /** The file with the other arguments, for `-backend-config`, relative to the block: `env/dev.tfbackend`. */
  readonly configFile?: string;
}

export interface SourceProvider {
  /** `aws` */
  readonly name: string;
  readonly alias?: string;
  /** Undefined if it is missing, or only Terraform can determine it. */
  readonly region?: string;
}

/** A folder in which `terraform` is run. */
export interface TerraformFolder {
  /** Relative to the searched folder, with slashes; `.` for that folder itself. */
  readonly directory: string;
  /** Several if one block has several `-backend-config` files; empty if the state is next to the code. */
  readonly backends: readonly SourceBackend[];
  readonly providers: readonly SourceProvider[];
  /** `>= 1.10, < 2.0`; from .terraform-version if the code has no constraint. */
  readonly terraformVersion: string | undefined;
  /** Names of `*.tfstate` files in the folder. */
  readonly localStates: readonly string[];
  /** `main.tf:12`: what crc could not parse. */
  readonly unread: readonly string[];
  /** Variables without a default and a value. */
  readonly unset?: UnsetVariables;
}

const LOCAL_STATE = /\.tfstate(\.backup)?$/;
const NOT_SEARCHED = ['.git', '.terraform', 'node_modules', '.terragrunt-cache', 'cdktf.out', 'vendor', 'dist'];
const isSearched = (name: string) => !NOT_SEARCHED.includes(name);

/** More folders than any code repository has; the search then ends with an error instead of running out of memory. */
const MAX_FOLDERS = 20_000;

/** The search for Terraform code was too large, for example in a home folder. */
export class TooManyFolders extends CrcError {}

/**
 * The root modules below a folder. Links to folders are not followed. `ignored`: files that count as absent, relative to
 * the folder, with slashes.
 * @throws CrcError for a folder that does not exist, and TooManyFolders.
 */
export async function terraformFolders(root: string, ignored?: readonly string[]): Promise<readonly TerraformFolder[]> {
  const base = await realFolder(root);
  const { folders, isCutOff } = await foldersBelow(base, { isSearched, maxFolders: MAX_FOLDERS, ignored });
  if (isCutOff) {
    throw new TooManyFolders(`${root} has more than ${MAX_FOLDERS} folders.`, {
      hint: 'Pass the folders with Terraform code.',
    });
  }
  return await terraformIn(base, folders);
}

/** A folder with Terraform code and its parsed files: a root module or a called one. */
export interface SourceFolder {
  /** An absolute path. */
  readonly path: string;
  /** Relative to the searched folder, with slashes; `.` for that folder itself. */
  readonly directory: string;
  readonly blocks: readonly Placed[];
  /** Names of `*.tfstate` files in the folder. */
  readonly localStates: readonly string[];
}

/**
 * All folders with Terraform code or local states below a folder, up to a limit. @throws CrcError for a folder that
 * does not exist.
 */
export async function sourceFolders(root: string): Promise<readonly SourceFolder[]> {
  const base = await realFolder(root);
  const { folders } = await foldersBelow(base, { isSearched, maxFolders: MAX_FOLDERS });
  const some = folders.filter(
    ({ names }) => codeFiles(names).length > 0 || names.some((name) => LOCAL_STATE.test(name)),
  );
  if (some.length === 0) return [];
  const parse = await sourceParser();
  return await Promise.all(
    some.map(async ({ path, names }) => ({
      path,
      directory: slashes(relative(base, path)) || '.',
      blocks: await blocksIn(base, { path, names }, parse).then(({ blocks }) => blocks),
      localStates: names.filter((name) => LOCAL_STATE.test(name)),
    })),
  );
}

/** The maximum number of subfolders that are searched for `-backend-config` files. */
const MAX_CONFIG_FOLDERS = 200;

/** `terraformFolders` of a single folder without its subfolders: returns at most one. */
export async function terraformFolder(root: string, ignored?: readonly string[]): Promise<readonly TerraformFolder[]> {
  const base = await realFolder(root);
  const { folders } = await foldersBelow(base, { isSearched, maxFolders: MAX_CONFIG_FOLDERS, ignored });
  return await terraformIn(base, folders, (path) => path === base);
}

async function terraformIn(
  base: string,
  listed: readonly Listed[],
  isWanted: (path: string) => boolean = () => true,
): Promise<readonly TerraformFolder[]> {
  const isTerraform = ({ names }: Listed) => codeFiles(names).length > 0;
  const folders = listed.filter((folder) => isWanted(folder.path) && isTerraform(folder));
  if (folders.length === 0) return [];
  const parse = await sourceParser();
  const read = await Promise.all(
    folders.map((folder) => {
      const filesOf = (isWanted: (name: string) => boolean) => argumentFilesOf(folder, listed, isTerraform, isWanted);
      const files = { configFiles: filesOf(isBackendConfig), variableFiles: filesOf(isVariableFile) };
      return readFolder(base, { ...folder, ...files }, parse);
    }),
  );
  const modules = new Set(read.flatMap(({ modules: used }) => used));
  return read
    .filter(({ folder, isRoot }) => folder.backends.length > 0 || (isRoot && !modules.has(folder.directory)))
    .map(({ folder }) => folder);
}

/**
 * Where a folder keeps its state, with files relative to it; empty if the code does not show it. @throws CrcError for a
 * folder that does not exist.
 */
export async function backendsIn(folder: string): Promise<readonly SourceBackend[]> {
  const [own] = await terraformFolder(folder);
  return own?.backends ?? [];
}

async function realFolder(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (error) {
    throw new CrcError(`The folder ${root} could not be read.`, { hint: 'Pass an existing folder.', cause: error });
  }
}

interface ReadFolder {
  readonly folder: TerraformFolder;
  /** Directories of the modules that it calls. */
  readonly modules: readonly string[];
  /** Whether it contains something that only root modules have. */
  readonly isRoot: boolean;
}

/** A block, and its file relative to the searched folder. */
export interface Placed extends SourceBlock {
  readonly file: string;
}

interface WithArgumentFiles extends Listed {
  readonly configFiles: readonly string[];
  readonly variableFiles: readonly string[];
}

async function readFolder(
  base: string,
  { path, names, configFiles, variableFiles }: WithArgumentFiles,
  parse: SourceParser,
): Promise<ReadFolder> {
  const directory = slashes(relative(base, path)) || '.';
  const { blocks, unread } = await blocksIn(base, { path, names }, parse);
  const settings = blocks.filter(({ type }) => type === 'terraform');
  const localStates = names.filter((name) => LOCAL_STATE.test(name));
  const providers = blocks.filter(({ type }) => type === 'provider').map(providerOf);
  return {
    folder: {
      directory,
      backends: await backendsOf(settings, { path, configFiles }, parse),
      providers,
      terraformVersion: versionOf(settings) ?? (await pinnedVersion(path, names)),
      localStates,
      unread,
      unset: await unsetVariablesIn({ path, names, variableFiles }, blocks, parse),
    },
    modules: blocks.flatMap((block) => moduleFolder(block, directory) ?? []),
    // What could not be parsed may be a backend block.
    isRoot:
      providers.length > 0 || localStates.length > 0 || unread.length > 0 || names.includes('.terraform.lock.hcl'),
  };
}

/** The folder of the module that a block calls, named like the block's own; undefined for any other block or source. */
export function moduleFolder(
  { type, arguments: { source } }: Pick<SourceBlock, 'type' | 'arguments'>,
  directory: string,
): string | undefined {
  if (type !== 'module' || typeof source?.value !== 'string' || !/^\.\.?\//.test(source.value)) return undefined;
  return slashes(normalize(join(directory, source.value))).replace(/(.)\/$/, '$1');
}

/** All blocks in a folder, and the places that could not be parsed. */
async function blocksIn(
  base: string,
  { path, names }: Listed,
  parse: SourceParser,
): Promise<{ readonly blocks: readonly Placed[]; readonly unread: readonly string[] }> {
  const files = await Promise.all(
    codeFiles(names).map(async (name) => {
      const file = slashes(relative(base, join(path, name)));
      const text = await codeText(join(path, name));
      const { blocks, errorLine } = name.endsWith('.json') ? jsonBlocks(text) : parse(text);
      return { file, blocks, errorLine };
    }),
  );
  return {
    blocks: files.flatMap(({ file, blocks }) => blocks.map((block): Placed => ({ ...block, file }))),
    unread: files.flatMap(({ file, errorLine }) => (errorLine === undefined ? [] : [`${file}:${errorLine}`])),
  };
}

function providerOf({ labels, arguments: { alias, region } }: SourceBlock): SourceProvider {
  return {
    name: labels[0] ?? '',
    alias: typeof alias?.value === 'string' ? alias.value : undefined,
    region: typeof region?.value === 'string' ? region.value : undefined,
  };
}

function versionOf(settings: readonly Placed[]): string | undefined {
  const texts = settings.flatMap(({ arguments: { required_version: version } }) =>
    typeof version?.value === 'string' ? [version.value] : [],
  );
  return texts.length === 0 ? undefined : texts.join(', ');
}

/** From the files that tfenv and tenv read. */
async function pinnedVersion(path: string, names: readonly string[]): Promise<string | undefined> {
  if (!names.includes('.terraform-version')) return undefined;
  const text = (await regularText(join(path, '.terraform-version'))).trim();
  return /^\d+(\.\d+){0,2}$/.test(text) ? text : undefined;
}

async function backendsOf(
  settings: readonly Placed[],
  { path, configFiles }: Pick<WithArgumentFiles, 'path' | 'configFiles'>,
  parse: SourceParser,
): Promise<readonly SourceBackend[]> {
  const blocks = settings.flatMap(({ blocks: inner, file }) =>
    inner.flatMap((block) => {
      if (block.type === 'cloud') return [{ block, type: 'cloud', file }];
      return block.type === 'backend' ? [{ block, type: block.labels[0] ?? '', file }] : [];
    }),
  );
  const backends = inEffect(blocks).map(({ block, type, file }) => ({
    type,
    arguments: known(block.arguments),
    unknown: Object.keys(block.arguments).filter((name) => block.arguments[name]?.value === undefined),
    file,
    line: block.line,
  }));
  const isPartial = ({ type, arguments: { bucket, key } }: SourceBackend) =>
    type === 's3' && (bucket === undefined || key === undefined);
  if (configFiles.length === 0 || !backends.some(isPartial)) return backends;
  const completing = await Promise.all(
    configFiles.map(async (name) => ({ name, given: parse(await codeText(join(path, name))).arguments })),
  );
  return backends.flatMap((backend) =>
    isPartial(backend)
      ? completing.map(({ name, given }) => ({
          ...backend,
          arguments: { ...backend.arguments, ...known(given) },
          configFile: name,
        }))
      : [backend],
  );
}

function known(given: SourceBlock['arguments']): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, { value }]) =>
      value === undefined || value === null ? [] : [[name, value]],
    ),
  );
}
