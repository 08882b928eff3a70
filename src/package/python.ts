import { CrcError } from '../errors.ts';
import type { PackageFile } from './files.ts';
import type { Handler } from './handler.ts';

/** The runtime has them (https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included). */
const IN_THE_RUNTIME = ['boto3', 'botocore'];

/** Throws a CrcError unless the folder, as it is, is a package whose handler Lambda will find. */
export function checkPython(files: readonly PackageFile[], { module, name }: Handler, folder: string): void {
  const entry = files.find(({ path }) => path === `${module}.py` || path === `${module}/__init__.py`);
  if (entry === undefined) {
    throw new CrcError(`There is no ${module}.py in ${folder}.`, {
      hint: `The handler "${module.replaceAll('/', '.')}.${name}" names it. Correct "handler" or "source" in the config.`,
    });
  }
  if (!defines(textOf(entry), name)) {
    throw new CrcError(`${entry.path} does not define "${name}", which the handler names.`, {
      hint: `Write \`def ${name}(event, context):\` there, or correct "handler" in the config.`,
    });
  }
  const requirements = files.find(({ path }) => path === 'requirements.txt');
  const missing =
    requirements === undefined ? [] : packagesOf(textOf(requirements)).filter((one) => !hasPackage(files, one));
  if (missing.length > 0) {
    throw new CrcError(`requirements.txt names ${missing.join(', ')}, and crc installs no packages.`, {
      hint: `Put them into the folder: pip install -r requirements.txt --target ${folder} --platform manylinux2014_aarch64 --only-binary=:all: (manylinux2014_x86_64 for x86_64). Or name requirements.txt in .crcignore, if a layer has them.`,
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

/** Names of distributions beyond those of the runtime, in PEP 503's form. */
function packagesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => /^[A-Za-z0-9][\w.-]*/.exec(line)?.[0] ?? line)
    .map((name) => name.toLowerCase().replace(/[-_.]+/g, '-'))
    .filter((name) => !IN_THE_RUNTIME.includes(name));
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
