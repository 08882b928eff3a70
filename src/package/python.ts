import { CrcError } from '../errors.ts';
import { shellWord } from '../shell.ts';
import type { PackageFile } from './files.ts';
import type { Handler } from './handler.ts';

/** The runtime has them (https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included). */
const IN_THE_RUNTIME = ['boto3', 'botocore'];

/** Throws a CrcError unless the folder, as it is, is a package whose handler Lambda will find. */
export function checkPython(files: readonly PackageFile[], { module, name }: Handler, folder: string): void {
  const entry = files.find(({ path }) => path === `${module}.py` || path === `${module}/__init__.py`);
  if (entry === undefined) {
    throw new CrcError(`${folder} has no ${module}.py.`, {
      hint: `The handler is "${module.replaceAll('/', '.')}.${name}". Create the file, or fix "handler" or "source" in the config.`,
    });
  }
  if (!defines(textOf(entry), name)) {
    throw new CrcError(`${entry.path} does not define "${name}", the name in "handler".`, {
      hint: `Add \`def ${name}(event, context):\` there, or fix "handler" in the config.`,
    });
  }
  const requirements = files.find(({ path }) => path === 'requirements.txt');
  const missing = (requirements === undefined ? [] : requirementsOf(textOf(requirements))).filter(
    (one) => one.name === undefined || !hasPackage(files, one.name),
  );
  if (missing.length > 0) {
    // A line is never quoted: the address of an index or of a package may have a password in it.
    const named = missing.map(({ name, line }) => name ?? `the package on line ${line}`);
    throw new CrcError(`requirements.txt lists ${named.join(', ')}, but crc does not install packages.`, {
      hint: `Install them into the folder: \`pip install -r requirements.txt --target ${shellWord(folder)} --platform manylinux2014_aarch64 --only-binary=:all:\` (manylinux2014_x86_64 for x86_64). If a layer has them, list requirements.txt in .crcignore.`,
    });
  }
}

/** A definition, an assignment or an import at the module's top level. */
function defines(text: string, name: string): boolean {
  return new RegExp(
    String.raw`^(?:(?:async\s+)?def\s+${name}\s*\(|class\s+${name}\b|${name}\s*(?::[^=\n]+)?=|(?:from\s+\S+\s+)?import\s[^\n]*\b${name}\b)`,
    'm',
  ).test(text);
}

/** A package that a requirements.txt asks for. */
interface Requirement {
  readonly line: number;
  /** In PEP 503's form; undefined for one that is named by its address, its folder or another file. */
  readonly name: string | undefined;
}

/** What is asked for beyond what the runtime has (https://pip.pypa.io/en/stable/reference/requirements-file-format/). */
function requirementsOf(text: string): readonly Requirement[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((raw, index): readonly Requirement[] => {
      const requirement = raw.replace(/(^|\s)#.*$/, '').trim();
      const isOption = requirement.startsWith('-') && !/^(-r|--requirement|-e|--editable)/.test(requirement);
      if (requirement === '' || isOption) return [];
      const written = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:$|[[(<>=!~;@,\\])/.exec(requirement)?.[1];
      const name = written?.toLowerCase().replace(/[-_.]+/g, '-');
      return name !== undefined && IN_THE_RUNTIME.includes(name) ? [] : [{ line: index + 1, name }];
    });
}

/** `pip install --target` leaves `NAME-VERSION.dist-info` beside each package. */
function hasPackage(files: readonly PackageFile[], name: string): boolean {
  return files.some(({ path }) => {
    const info = /^([^/]+)-[^-/]+\.dist-info\//.exec(path)?.[1];
    return info?.toLowerCase().replace(/[-_.]+/g, '-') === name;
  });
}

function textOf({ bytes }: PackageFile): string {
  return new TextDecoder().decode(bytes);
}
