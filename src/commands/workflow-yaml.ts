import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { choiceHint } from '../closest.ts';
import type { Config, FunctionConfig } from '../config/schema.ts';
import { decoded } from '../decoded.ts';
import { CrcError, ifPresent } from '../errors.ts';
import { gitRoot } from '../github/clone.ts';
import { branchOf } from '../github/environments.ts';
import type { FunctionTests, WorkflowInput } from '../github/workflow/steps.ts';
import { workflowYaml } from '../github/workflow/write.ts';
import { uniqueBy } from '../group-by.ts';
import { OWN_PACKAGE } from '../own-package.ts';
import { hasDevEngines, versionInDevEngines } from '../package/dev-engines.ts';
import { isPython } from '../package/handler.ts';
import { pipCommand } from '../package/pip.ts';
import { pythonSuite } from '../package/python-suite.ts';
import { folderWithDependencies, folderWithTests, packageManagerIn } from '../package/test-script.ts';
import { repositoriesTrusted, rolesOfRepository } from '../policies/trust.ts';
import { regularFile } from '../regular-file.ts';
import { slashes } from '../slashes.ts';
import { chosenKey, stateKeys } from '../terraform/backend.ts';
import type { WorkflowOptions } from './definitions/workflow.ts';

/** What the config does not determine. */
export interface WorkflowChoices extends Pick<WorkflowOptions, 'repository' | 'key' | 'directory' | 'branch'> {
  /** Files that are about to be written, relative to the config's folder. */
  readonly pending?: readonly { readonly path: string; readonly content: string }[];
  /**
   * Folders whose backend blocks are checked; by default all below the config's folder, and the one that is applied.
   */
  readonly checked?: readonly string[];
}

/** The workflow for a config in its folder. */
export async function workflowOf(config: Config, file: string, options: WorkflowChoices): Promise<string> {
  const repositoryRoot = gitRoot(dirname(file)) ?? dirname(file);
  const name = pathInRepository(repositoryRoot, file);
  const repository = chosenRepository(config, options.repository);
  const ofRepository = { roles: rolesOfRepository(config.roles, repository) };
  const hasState = options.key !== undefined || stateKeys(ofRepository).length > 0;
  const folder = pathInRepository(repositoryRoot, dirname(file));
  const directory = options.directory ?? folder;
  const key = hasState ? chosenKey(ofRepository, options.key, '--key') : undefined;
  const code = await codeOf(config.functions, dirname(file), repositoryRoot, options.pending ?? []);
  return workflowYaml({
    config,
    repository,
    key,
    directory,
    backendConfig: key === undefined ? undefined : await backendConfigOf(join(repositoryRoot, directory), key),
    checked: (options.checked ?? checkedFolders(folder, directory)).map(asArgument),
    branch: options.branch ?? branchOf(config, repository).name,
    ...code,
    hasDevEngines: ['.', ...code.installed.map((installed) => installed.directory)].some((used) =>
      hasDevEngines(join(repositoryRoot, used), repositoryRoot),
    ),
    version: OWN_PACKAGE.version,
    configFile: name === 'crc.config.json' ? undefined : name,
  });
}

/**
 * The file with backend arguments that `terraform init` needs for a state. A backend block can have several, one per
 * stage.
 */
async function backendConfigOf(folder: string, key: string): Promise<string | undefined> {
  // It may be written later.
  if (!(await ifPresent(stat(folder)))?.isDirectory()) return undefined;
  const { backendsIn } = await import('../terraform/source/folders.ts');
  return (await backendsIn(folder)).find((backend) => backend.arguments.key === key)?.configFile;
}

/** The whole repository if the config is at its top; a config in a folder has its own Terraform code next to it. */
function checkedFolders(folder: string, directory: string): readonly string[] {
  if (folder === '.') return [];
  const isBelow = directory === folder || directory.startsWith(`${folder}/`);
  return isBelow ? [folder] : [folder, directory];
}

/** A name that starts with a dash would be parsed as an option. */
function asArgument(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

export function chosenRepository({ roles }: Config, asked: string | undefined): string {
  const all = repositoriesTrusted(roles);
  const [only] = all;
  if (asked !== undefined && all.includes(asked)) return asked;
  if (asked === undefined && only !== undefined && all.length === 1) return only;
  if (all.length === 0) {
    throw new CrcError('The config has no roles, so no job could log in to AWS.', { hint: 'Add one under "roles".' });
  }
  throw new CrcError(
    asked === undefined ? `The config has roles for ${all.length} repositories.` : `No role trusts ${asked}.`,
    { hint: choiceHint(asked === undefined ? [] : [asked], all, '--repository') },
  );
}

/** With the separators of GitHub's machines, whatever this one uses. */
function pathInRepository(repositoryRoot: string, path: string): string {
  return slashes(relative(repositoryRoot, path)) || '.';
}

/** What the jobs test and install of the functions. Functions that share a folder or a package.json share it. */
async function codeOf(
  functions: readonly FunctionConfig[],
  root: string,
  repositoryRoot: string,
  pending: NonNullable<WorkflowChoices['pending']>,
): Promise<Pick<WorkflowInput, 'tests' | 'installed' | 'libraries'>> {
  const contents = new Map(pending.map(({ path, content }) => [resolve(root, path), content]));
  const ofFunctions = await Promise.all(
    functions.map(async ({ source, runtime, architecture }) => {
      const folder = resolve(root, source);
      if (isPython(runtime)) {
        const [{ runner: kind, files }, hasLibraries] = await Promise.all([
          pythonSuite(folder, contents),
          needsLibraries(folder, runtime),
        ]);
        const directory = pathInRepository(repositoryRoot, folder);
        const command = pipCommand({ source: '.', runtime, architecture }, '-r requirements.txt');
        return {
          tests: { kind, directory, files, hasLibraries },
          installed: [],
          libraries: hasLibraries ? [{ directory, command }] : [],
        };
      }
      const [tested, dependent] = await Promise.all([
        folderWithTests(folder, root, contents),
        folderWithDependencies(folder, repositoryRoot, contents),
      ]);
      const installed = await Promise.all(
        [...new Set([tested, dependent])]
          .filter((path) => path !== undefined)
          .map(async (path) => {
            const manager = await packageManagerIn(path);
            const managerVersion = versionInDevEngines(manager, path, repositoryRoot);
            return { directory: pathInRepository(repositoryRoot, path), manager, managerVersion };
          }),
      );
      const [first] = installed;
      return {
        tests: tested === undefined || first === undefined ? undefined : { kind: 'node' as const, ...first },
        installed,
        libraries: [],
      };
    }),
  );
  const tests = ofFunctions
    .map((entry): FunctionTests | undefined => entry.tests)
    .filter((entry) => entry !== undefined);
  return {
    tests: oneByDirectory(tests),
    installed: oneByDirectory(ofFunctions.flatMap(({ installed }) => installed)),
    libraries: oneByDirectory(ofFunctions.flatMap(({ libraries }) => libraries)),
  };
}

/** The first entry for each directory. */
function oneByDirectory<T extends { readonly directory: string }>(entries: readonly T[]): readonly T[] {
  return uniqueBy(entries, ({ directory }) => directory);
}

async function needsLibraries(folder: string, runtime: string): Promise<boolean> {
  const files = await textFilesIn(folder);
  if (!files.has('requirements.txt')) return false;
  const [{ listsLibraries }, { rulesOf }] = await Promise.all([
    import('../package/python.ts'),
    import('../package/never.ts'),
  ]);
  // Listed there because a layer has the libraries.
  const rules = await rulesOf(files.get('.crcignore') ?? '');
  if (rules.leftovers('requirements.txt')) return false;
  return listsLibraries((path) => files.get(path), runtime);
}

/** requirements.txt, the files beside it that it may include, and .crcignore. */
async function textFilesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  // The folder may be written later.
  const entries = (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [];
  const names = entries
    .filter((entry) => entry.isFile() && /\.txt$|^\.crcignore$/.test(entry.name))
    .map(({ name }) => name);
  return new Map(
    await Promise.all(names.map(async (name) => [name, decoded(await regularFile(join(folder, name)))] as const)),
  );
}

/** https://git-scm.com/docs/git-check-ref-format */
const NO_BRANCH = /[ ~^:?*[\\\p{Cc}]|\.\.|@\{|\/\/|^[-/]|(^|\/)\.|[/.]$|\.lock(\/|$)|^@$/u;

/** Checks flags. @throws CrcError for a branch or a folder that cannot be one. */
export function checkChoices({ branch, directory }: Pick<WorkflowChoices, 'branch' | 'directory'>): void {
  if (branch !== undefined && NO_BRANCH.test(branch)) {
    throw new CrcError(`--branch: ${JSON.stringify(branch)} is not a valid branch name.`, {
      hint: 'Pass a branch name, for example main.',
    });
  }
  if (
    directory !== undefined &&
    (/\p{Cc}/u.test(directory) || isAbsolute(directory) || /^\.\.(\/|$)/.test(normalize(directory)))
  ) {
    throw new CrcError(`--directory: ${JSON.stringify(directory)} is not a folder in the repository.`, {
      hint: 'Pass a path relative to the root of the repository, for example terraform.',
    });
  }
}
