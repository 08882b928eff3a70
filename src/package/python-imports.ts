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

/**
 * A warning about imports that will fail, so that Lambda cannot load the handler: of a library that was not installed
 * into the folder, whatever lists it (pyproject.toml, Pipfile, uv.lock), or that Python no longer has. A layer may
 * provide it.
 */
export function importWarnings(
  modules: ReadonlyMap<string, Pick<PythonModule, 'required'>>,
  files: readonly PackageFile[],
  target: PipTarget,
): readonly string[] {
  const packaged = new Set(files.flatMap(({ path }) => namesIn(path)));
  const isThere = (name: string) =>
    packaged.has(name) || OF_THE_RUNTIME.includes(name) || isStandard(name, target.runtime);
  const missing = new Map(
    [...modules].flatMap(([path, { required }]) =>
      required.filter((name) => !isThere(name)).map((name) => [name, path]),
    ),
  );
  if (missing.size === 0) return [];
  const named = [...missing].map(([name, path]) => `${name} (imported in ${posix.join(target.source, path)})`);
  return [
    `neither the package nor ${target.runtime} has ${named.join(', ')}: install the library into the folder (\`${pipCommand(target, 'NAME')}\`), unless a layer has it`,
  ];
}

/** The names by which a file may be imported: `lib/core.py` as `lib`, and as `core` if `lib` is on the search path. */
function namesIn(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((part, index) => (index === parts.length - 1 ? part.replace(/\..*$/, '') : part));
}

function isStandard(name: string, runtime: string): boolean {
  const minor = Number(/^python3\.(\d+)$/.exec(runtime)?.[1]);
  return (
    STANDARD.has(name) || Object.entries(UNTIL).some(([until, names]) => minor < Number(until) && names.includes(name))
  );
}
