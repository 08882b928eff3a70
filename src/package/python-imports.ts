import { posix } from 'node:path';
import type { PackageFile } from './package-file.ts';
import { type PipTarget, pipCommand } from './pip.ts';
import type { PythonModule } from './python-module.ts';

/**
 * Modules that Lambda's Python provides beside its standard library: boto3 and its dependencies, and the runtime's own
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included).
 */
const OF_THE_RUNTIME = 'awslambdaric boto3 botocore dateutil jmespath s3transfer six snapshot_restore_py urllib3'.split(
  ' ',
);

/** https://docs.python.org/3/py-modindex.html, without what only Windows has. */
const STANDARD = new Set(
  `
  __future__ __main__ _thread abc annotationlib argparse array ast asyncio atexit base64 bdb binascii bisect
  builtins bz2 cProfile calendar cmath cmd code codecs codeop collections colorsys compileall compression
  concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal
  difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch
  fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac
  html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox
  marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath nturl2path numbers opcode operator
  optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile
  pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource
  rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
  sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable
  sys sysconfig syslog tabnanny tarfile tempfile termios textwrap threading time timeit tkinter token tokenize
  tomllib trace traceback tracemalloc tty turtle types typing unicodedata unittest urllib uuid venv warnings
  wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`
    .trim()
    .split(/\s+/),
);

/** Modules that the standard library had before this version of Python 3. https://peps.python.org/pep-0594/ */
const UNTIL: Readonly<Record<number, readonly string[]>> = {
  12: 'asynchat asyncore distutils imp smtpd'.split(' '),
  13: 'aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib'.split(
    ' ',
  ),
};

export interface ImportsInput extends PipTarget {
  readonly files: readonly PackageFile[];
  /** The variables of the function, of which PYTHONPATH adds folders to Python's search path. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

interface Import {
  readonly name: string;
  /** The module that imports it. */
  readonly path: string;
}

/**
 * Warnings about imports that will fail, so that Lambda cannot load the handler: of a library that was not installed
 * into the folder, whatever lists it (pyproject.toml, Pipfile, uv.lock), or that Python no longer has, and of a module
 * below a folder such as `src`, which is not on Python's search path.
 */
export function importWarnings(
  modules: ReadonlyMap<string, Pick<PythonModule, 'required'>>,
  { files, environment = {}, ...target }: ImportsInput,
): readonly string[] {
  const own = files.filter(({ path }) => modules.has(path));
  const extendsPath =
    'PYTHONPATH' in environment || own.some(({ bytes }) => new TextDecoder().decode(bytes).includes('sys.path'));
  const folders = foldersByName(files);
  const unfound = [...modules].flatMap(([path, { required }]) =>
    required
      .filter((name) => !OF_THE_RUNTIME.includes(name) && !isStandard(name, target.runtime))
      .filter((name) => (extendsPath ? !folders.has(name) : folders.get(name) !== ''))
      .map((name): Import => ({ name, path })),
  );
  const named = ({ name, path }: Import) => `${name} (imported in ${posix.join(target.source, path)})`;
  const missing = unfound.filter(({ name }) => !folders.has(name)).map(named);
  return [
    ...(missing.length === 0
      ? []
      : [
          `neither the package nor ${target.runtime} has ${missing.join(', ')}: install the library into the folder (\`${pipCommand(target, 'NAME')}\`), unless a layer has it`,
        ]),
    ...unfound.flatMap((imported) => {
      const folder = folders.get(imported.name);
      return folder === undefined
        ? []
        : [
            `${named(imported)} is in ${posix.join(target.source, folder)}, where Lambda does not look for modules: set "source" to that folder, or import ${folder.replaceAll('/', '.')}.${imported.name}`,
          ];
    }),
  ];
}

/**
 * The folder from which each name may be imported, the highest: `lib/core.py` is `lib` from ``, and `core` from `lib`. Not
 * from a package, which may contain copies of libraries for its own use.
 */
function foldersByName(files: readonly PackageFile[]): ReadonlyMap<string, string> {
  const packages = new Set(files.flatMap(({ path }) => /^(.+)\/__init__\.py$/.exec(path)?.[1] ?? []));
  const folders = new Map<string, string>();
  for (const { path } of files) {
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const name = index === parts.length - 1 ? part.replace(/\..*$/, '') : part;
      const folder = parts.slice(0, index).join('/');
      const known = folders.get(name);
      if (packages.has(folder)) continue;
      if (known === undefined || folder.length < known.length) folders.set(name, folder);
    }
  }
  return folders;
}

function isStandard(name: string, runtime: string): boolean {
  const minor = Number(/^python3\.(\d+)$/.exec(runtime)?.[1]);
  return (
    STANDARD.has(name) || Object.entries(UNTIL).some(([until, names]) => minor < Number(until) && names.includes(name))
  );
}
