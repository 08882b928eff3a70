import { posix } from 'node:path';
import { closest } from '../closest.ts';
import { decoded } from '../decoded.ts';
import { CrcError } from '../errors.ts';
import { shellWord } from '../shell.ts';
import type { Handler } from './handler.ts';
import type { PackageFile } from './package-file.ts';
import { pipCommand } from './pip.ts';
import { type ImportsInput, importWarnings } from './python-imports.ts';
import { moduleReader, type Place, type PythonModule } from './python-module.ts';
import { normalizedName, type Requirement, requirementsOf } from './requirements.ts';

/**
 * boto3 and its dependencies, which the runtime provides
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included).
 */
const IN_THE_RUNTIME = ['boto3', 'botocore', 's3transfer', 'jmespath', 'python-dateutil', 'urllib3', 'six'];

/** Packages for testing, checking and building a function, which are useless at run time. */
const TOOLS =
  /^(autopep8|aws-sam-cli|awscli|bandit|black|boto3-stubs|botocore-stubs|build|coverage|flake8|freezegun|hypothesis|iniconfig|isort|moto|mypy|mypy-.*|nox|pip|pip-audit|pip-tools|pluggy|pre-commit|pycodestyle|pyflakes|pylint|pytest|pytest-.*|ruff|setuptools|tox|twine|types-.*|virtualenv|wheel|yapf)$/;

export interface PythonInput extends ImportsInput {
  readonly handler: Handler;
}

/**
 * @throws CrcError unless the folder, as it is, is a package in which Lambda will find the handler. Returns warnings.
 * Does not run any of it.
 */
export async function checkPython(input: PythonInput): Promise<readonly string[]> {
  const { files, handler, source } = input;
  const { module, name } = handler;
  const entry = fileOf(files, module);
  if (entry === undefined) {
    throw new CrcError(`${source} has no ${module}.py.`, {
      hint: `The handler is "${module.replaceAll('/', '.')}.${name}". Create the file, or fix "handler" or "source" in the config.`,
    });
  }
  const modules = await importedModules(files, entry);
  for (const [path, { syntaxError }] of modules)
    if (syntaxError !== undefined) throw noPython(source, path, syntaxError);
  if (!defines(files, modules, entry.path, name, new Set())) throw noHandler(input, entry, modules);
  return [...checkRequirements(input, modules), ...importWarnings(modules, input)];
}

/** The file of `lib/core`: a module or a package. */
export function fileOf(files: readonly PackageFile[], module: string): PackageFile | undefined {
  // The runtime imports it, and Python prefers a package over a module with the same name.
  return (
    files.find(({ path }) => path === `${module}/__init__.py`) ?? files.find(({ path }) => path === `${module}.py`)
  );
}

type Modules = ReadonlyMap<string, PythonModule>;

/** The handler's module, and the modules in the folder that it imports directly or indirectly, by path. */
export async function importedModules(files: readonly PackageFile[], entry: PackageFile): Promise<Modules> {
  const read = await moduleReader();
  const libraries = installedPaths(files);
  const modules = new Map<string, PythonModule>();
  const queue = [entry];
  for (const { path, bytes } of queue) {
    if (modules.has(path)) continue;
    const module = read(bytes);
    modules.set(path, module);
    const imported = module.imports.flatMap((name) => fileOf(files, resolved(name, path)) ?? []);
    queue.push(...imported.filter((file) => !libraries(file.path)));
  }
  return modules;
}

/** `.core` in `lib/app.py` is `lib/core`; `core` is resolved from the package's root. */
export function resolved(name: string, from: string): string {
  const [, dots = '', rest = ''] = /^(\.*)(.*)$/.exec(name) ?? [];
  const folder = dots === '' ? '' : posix.join(posix.dirname(from), '../'.repeat(dots.length - 1));
  return posix.join(folder, rest.replaceAll('.', '/'));
}

function defines(
  files: readonly PackageFile[],
  modules: Modules,
  path: string,
  name: string,
  seen: ReadonlySet<string>,
): boolean {
  const module = modules.get(path);
  // A library, or a module that cannot be analyzed further.
  if (module === undefined || module.isDynamic || seen.has(path)) return true;
  const inside = new Set([...seen, path]);
  const follow = (from: string, wanted: string) => {
    const file = fileOf(files, resolved(from, path));
    const isModule = fileOf(files, posix.join(resolved(from, path), wanted)) !== undefined;
    return file === undefined || isModule || defines(files, modules, file.path, wanted, inside);
  };
  if (module.names.has(name)) {
    const origin = module.names.get(name);
    return origin?.name === undefined || follow(origin.module, origin.name);
  }
  return module.wildcards.some((from) => follow(from, name));
}

function noPython(source: string, path: string, { line, column }: Place): CrcError {
  return new CrcError(`${posix.join(source, path)}:${line}:${column}: this is not valid Python.`, {
    hint: `Fix it, then run the command again. \`python3 -m py_compile ${shellWord(posix.join(source, path))}\` shows what Python says about it.`,
  });
}

function noHandler({ handler: { name }, source }: PythonInput, { path }: PackageFile, modules: Modules): CrcError {
  const names = [...(modules.get(path)?.names.keys() ?? [])];
  if (names.includes(name)) {
    return new CrcError(
      `${posix.join(source, path)} imports "${name}", the name in "handler", from a module that does not define it.`,
      {
        hint: `Define \`def ${name}(event, context):\` there, or fix the import or "handler" in the config.`,
      },
    );
  }
  const meant = closest(name, names);
  return new CrcError(`${path} does not define "${name}", the name in "handler".`, {
    hint:
      meant === undefined
        ? `Add \`def ${name}(event, context):\` there, or fix "handler" in the config.`
        : `It defines "${meant}". Rename it, or fix "handler" in the config.`,
  });
}

function checkRequirements(input: PythonInput, modules: Modules): readonly string[] {
  const { files, source, runtime, architecture } = input;
  const read = (path: string) => {
    const file = files.find((candidate) => candidate.path === path);
    return file === undefined ? undefined : decoded(file.bytes);
  };
  const imported = new Set([...modules.values()].flatMap(({ imports }) => imports.map((name) => name.split('.')[0])));
  const isTool = (name: string) => TOOLS.test(name) && !imported.has(name.replaceAll('-', '_'));
  const wanted = requirementsOf('requirements.txt', read, runtime).filter(
    ({ name }) => name === undefined || !(IN_THE_RUNTIME.includes(name) || hasPackage(files, name)),
  );
  const tools = wanted.flatMap(({ name }) => (name !== undefined && isTool(name) ? [name] : []));
  const missing = wanted.filter(({ name }) => name === undefined || !isTool(name));
  if (missing.length > 0) {
    // Never quote a line: the address of an index or a package may contain a password.
    const named = [...new Set(missing.map(requirementText))];
    throw new CrcError(`requirements.txt lists ${named.join(', ')}, but crc does not install packages.`, {
      hint: `Install them into the folder: \`${pipCommand(input, `-r ${shellWord(posix.join(source, 'requirements.txt'))}`)}\`${architecture === undefined ? ' (aarch64 instead of x86_64 for arm64)' : ''}. If a layer has them, list requirements.txt in .crcignore.`,
    });
  }
  return tools.length === 0
    ? []
    : [`requirements.txt lists ${[...new Set(tools)].join(', ')}: tools for tests and builds, which are not packaged`];
}

/** Whether requirements.txt lists libraries that must be in the folder: neither in the runtime, nor tools. */
export function listsLibraries(read: (path: string) => string | undefined, runtime: string): boolean {
  return requirementsOf('requirements.txt', read, runtime).some(
    ({ name }) => name === undefined || !(IN_THE_RUNTIME.includes(name) || TOOLS.test(name)),
  );
}

function requirementText({ name, file, line }: Requirement): string {
  return name ?? `the package on line ${line}${file === 'requirements.txt' ? '' : ` of ${file}`}`;
}

/**
 * `pip install --target` creates `NAME-VERSION.dist-info` next to each package; a library may also have been copied
 * manually.
 */
function hasPackage(files: readonly PackageFile[], name: string): boolean {
  return files.some(({ path }) => {
    const info = /^([^/]+?)(?:-[^-/]+)?(?:-py[\d.]+)?\.(?:dist|egg)-info(?:\/|$)/.exec(path)?.[1];
    if (info !== undefined) return normalizedName(info) === name;
    const module = /^([^/]+)(?:\/__init__\.py|\.py)$/.exec(path)?.[1];
    return module !== undefined && normalizedName(module) === name;
  });
}

/** Whether a file belongs to a library: it, or its folder, is next to the record that pip wrote. */
function installedPaths(files: readonly PackageFile[]): (path: string) => boolean {
  const tops = new Set(
    files
      .filter(({ path }) => /^[^/]+\.dist-info\/RECORD$/.test(path))
      .flatMap(({ bytes }) =>
        new TextDecoder()
          .decode(bytes)
          .split('\n')
          .map((line) => line.split(/[/,]/)[0] ?? ''),
      ),
  );
  return (path) => tops.has(path.split('/')[0] ?? '');
}
