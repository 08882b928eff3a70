import { describe, expect, it } from 'vitest';
import { markerHolds } from '../../src/package/markers.ts';
import { requirementsOf } from '../../src/package/requirements.ts';
import { crcErrorOf, pythonPackage } from '../helpers/packages.ts';

const HANDLER = 'def handler(event, context):\n    return {"statusCode": 200, "body": "ok"}\n';

describe('the handler', () => {
  it.each([
    ['in brackets', 'from core import (\n    handler,\n)\n', {}],
    ['with a different name', 'from core import run as handler\n', { 'core.py': 'def run(e, c): pass\n' }],
    ['with a star', 'from core import *\n', {}],
    ['from a package', 'from .lib.core import handler\n', { 'lib/core.py': HANDLER, 'lib/__init__.py': '' }],
    [
      'of a package',
      'from lib import handler\n',
      { 'lib/__init__.py': 'from .core import handler', 'lib/core.py': HANDLER },
    ],
    ['through another module', 'from a import handler\n', { 'a.py': 'from core import handler\n' }],
    ['of a library that cannot be resolved', 'from unknown.lib import handler\n', {}],
    ['in a try', 'try:\n    from core import handler\nexcept ImportError:\n    handler = None\n', {}],
    ['with a decorator', '@decorated()\ndef handler(e, c): pass\n', {}],
    ['chained', 'lambda_handler = handler = make()\n', {}],
    ['unpacked', 'handler, other = make()\n', {}],
    ['by a walrus', 'print(handler := make())\n', {}],
    ['by globals', 'globals()["handler"] = print\n', {}],
    ['by a global statement', 'def init():\n    global handler\n    handler = print\ninit()\n', {}],
    ['as an instance of a class', 'class Api:\n    def __call__(self, e, c): pass\nhandler = Api()\n', {}],
  ])('is found where it comes %s', async (_, text, files) => {
    await pythonPackage({ 'app.py': text, 'core.py': HANDLER, ...files }).build();
  });

  it.each([
    [
      'in a function',
      'def make():\n    def handler(e, c): pass\n',
      'app.py does not define "handler", the name in "handler".',
      /Add `def handler/,
    ],
    [
      'in a text',
      'x = """\ndef handler(e, c): pass\n"""\n',
      'app.py does not define "handler", the name in "handler".',
      /Add `def handler/,
    ],
    ['in a comment', '# handler = 1\n', 'app.py does not define "handler", the name in "handler".', /Add `def handler/],
    [
      'misspelt',
      'def handlr(e, c): pass\n',
      'app.py does not define "handler", the name in "handler".',
      /It defines "handlr"/,
    ],
    [
      'imported from a module that does not have it',
      'from core import handler\n',
      'fn/app.py imports "handler", the name in "handler", from a module that does not define it.',
      /Define `def handler/,
    ],
  ])('is reported as missing if it is %s', async (_, text, message, hint) => {
    const problem = await crcErrorOf(pythonPackage({ 'app.py': text, 'core.py': 'x = 1\n' }).build());
    expect(problem.message).toBe(message);
    expect(problem.hint).toMatch(hint);
  });
});

describe('text that is not valid Python', () => {
  it.each([
    ['app.py', 'def handler(e, c):\n    return (1\n'],
    ['app.py', 'print "x"\ndef handler(e, c): pass\n'],
    ['lib/core.py', 'def x(:\n'],
  ])('is found in %s, with its location: %s', async (file, text) => {
    const files = { 'app.py': 'import lib.core\ndef handler(e, c): pass\n', 'lib/core.py': '', [file]: text };
    const { message } = await crcErrorOf(pythonPackage(files).build());
    expect(message).toMatch(new RegExp(`^fn/${file}:\\d+:\\d+: this is not valid Python\\.$`));
  });

  it('is not checked in files that the handler does not import, nor in libraries', async () => {
    await pythonPackage({
      'app.py': `import old\n${HANDLER}`,
      'unused.py': 'print "x"',
      'old/__init__.py': 'print "x"',
      'old-1.0.dist-info/RECORD': 'old/__init__.py,sha256=x,1\n',
    }).build();
  });

  it('is not reported for any syntax up to Python 3.14', async () => {
    const text = [
      'type Pair[T] = tuple[T, T]',
      'def first[T](pair: Pair[T]) -> T: return pair[0]',
      'class Box[T]: pass',
      'class Crate[T: int = str, *Ts = *tuple[int]]: pass',
      'def only[T = int](x: T) -> T: return x',
      'try: pass\nexcept ValueError, TypeError: pass',
      't"hello {x}"',
      'match [1]:\n    case [x, *_] if x: pass\n    case {"a": y, **rest}: pass\n    case _: pass',
      'f"{"a" if True else "b"} {1:>{2}} {[x for x in "a"]!r} {x=}"',
      'try: pass\nexcept* ValueError as e: pass',
      'with (open("a") as a, open("b") as b): pass',
      'async def go():\n    async for x in y: yield x\n    await z',
      'def f(a, /, b, *, c: int = 1, **k) -> None: ...',
      'print(*[1], **{}, sep="")',
      'x = lambda *a, **k: (yield)',
      'nums = 0x_ff + 1_000j + 0b1',
      '@a.b[c]\ndef d(): pass',
      'del x, nums',
      'assert (n := 10) > 5, "no"',
    ].join('\n');
    await pythonPackage({ 'app.py': `${text}\n${HANDLER}` }).build();
  });
});

describe('requirements.txt', () => {
  const requiredNames = (text: string, files: Readonly<Record<string, string>> = {}, runtime = 'python3.13') =>
    requirementsOf('requirements.txt', (path) => (path === 'requirements.txt' ? text : files[path]), runtime).map(
      ({ name, line, file }) => name ?? `${file}:${line}`,
    );

  it('written by pip freeze and pip-compile for boto3 requires nothing', async () => {
    const text = `# what pip freeze and pip-compile write for boto3 alone
-i https://pypi.org/simple
--extra-index-url https://deploy:hunter2@pypi.example.com/simple
boto3==1.40.1 \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000001
botocore==1.40.1
jmespath==1.0.1
python-dateutil==2.9.0.post0
s3transfer==0.13.1
six==1.17.0
urllib3==2.5.0
colorama==0.4.6 ; sys_platform == "win32"
`;
    const pkg = pythonPackage({ 'app.py': HANDLER, 'requirements.txt': text });
    const { files, leftOut, warnings } = await pkg.build();
    // The index URL with its password is not packaged.
    expect([files.map(({ path }) => path), leftOut, warnings]).toEqual([['app.py'], ['requirements.txt'], []]);
    const extra = pythonPackage({
      'app.py': HANDLER,
      'requirements.txt': `${text}requests==2\nrequests[socks]>1 ; python_version > "3"\n`,
    });
    const { message, hint } = await crcErrorOf(extra.build());
    expect(message).toBe('requirements.txt lists requests, but crc does not install packages.');
    // `pip freeze > requirements.txt` in PowerShell, which pip reads too.
    const utf16 = Buffer.from('\uFEFFrequests==2\r\nsix==1.17.0\r\n', 'utf16le');
    const fromPowerShell = pythonPackage({ 'app.py': HANDLER, 'requirements.txt': utf16 });
    expect((await crcErrorOf(fromPowerShell.build())).message).toBe(message);
    expect(`${message} ${hint}`).not.toContain('hunter2');
  });

  it('has modules of data that are too large to be analyzed: they may define any name', async () => {
    // The error shows whether it is analyzed.
    const data = `${'D = "abc"\n'.repeat(120_000)}}\n`;
    const pkg = pythonPackage({ 'app.py': `import data\n${HANDLER}`, 'data.py': data });
    expect((await pkg.build()).files.map(({ path }) => path)).toEqual(['app.py', 'data.py']);
    expect(await pkg.calls()).toEqual([]);
  });

  it('lists tools that the function does not import, with a note', async () => {
    const requirements = 'pytest\nmoto[dynamodb]\nblack==1\npytest-cov\n';
    const { warnings } = await pythonPackage({ 'app.py': HANDLER, 'requirements.txt': requirements }).build();
    expect(warnings).toEqual([
      'requirements.txt lists pytest, moto, black, pytest-cov: tools for tests and builds, which are not packaged',
    ]);
    const used = pythonPackage({ 'app.py': `import moto\n${HANDLER}`, 'requirements.txt': requirements });
    expect((await crcErrorOf(used.build())).message).toContain('lists moto,');
  });

  it.each([
    ['a\n\n# c\nb # d\n', ['a', 'b']],
    ['a >= 1, \\\n  < 2\nb', ['a', 'b']],
    ['a \\\n# comment\n--hash=sha256:00 \\\n--hash=sha256:11\nb', ['a', 'b']],
    ['a\\', ['a']],
    ['-r other.txt\n--requirement=sub/more.txt\n-rother.txt', ['from-other', 'from-more', 'from-other']],
    ['-c constraints.txt\n--pre\n--no-binary :all:\n-f x', []],
    ['-r circle.txt\na', ['circle', 'a']],
    ['A.B_c-d', ['a-b-c-d']],
    ['a@https://example.com/x;y.whl ; sys_platform == "win32"', []],
    ['a @ https://example.com/x;y.whl', ['a']],
    ['a ; (sys_platform == "linux" and python_version >= "3.9") or extra == "x" --hash=sha256:0', ['a']],
    ['a;python_version<"3.10"', []],
    ['\uFEFFa\r\nb\r\n', ['a', 'b']],
    ['./local\n-e .\ngit+https://x/y', ['requirements.txt:1', 'requirements.txt:2', 'requirements.txt:3']],
  ])('is read as pip reads it: %j', (text, names) => {
    const files = {
      'other.txt': 'from-other',
      'sub/more.txt': '-r deep.txt',
      'sub/deep.txt': 'from-more',
      'circle.txt': '-r requirements.txt\ncircle',
    };
    expect(requiredNames(text, files)).toEqual(names);
  });

  it.each([
    ['sys_platform == "linux"', true],
    ["os_name != 'posix'", false],
    ['python_version < "3.13"', false],
    ['python_version >= "3.9"', true],
    ['python_version == "3.*"', true],
    ['python_version != "3.13.*"', false],
    ['python_version ~= "3.10"', true],
    ['"linux" in sys_platform', true],
    ['sys_platform not in "win32 darwin"', true],
    ['platform_machine == "x86_64"', true],
    ['extra == "dev"', false],
    ['sys_platform == "win32" or (sys_platform == "darwin" and python_version > "3")', false],
    ['nonsense', true],
    ['', true],
  ])('evaluates the marker %s on Lambda as %s', (marker, holds) => {
    expect(markerHolds(marker, 'python3.13')).toBe(holds);
  });
});

describe('modules that are imported', () => {
  const warningsFor = async (code: string, files: Readonly<Record<string, string>> = {}, runtime = 'python3.13') =>
    (
      await pythonPackage({ 'app.py': `${code}\n${HANDLER}`, ...files })
        .again({ runtime })
        .build()
    ).warnings;

  it('and are nowhere are listed, whatever lists their libraries', async () => {
    const files = {
      'pyproject.toml': '[project]\ndependencies = ["requests"]\n',
      'lib/__init__.py': 'from yaml.nodes import Node\n',
      'lib/requests/__init__.py': '',
    };
    expect(await warningsFor('import lib, requests.adapters as adapters', files)).toEqual([
      expect.stringMatching(
        /^neither the package nor python3\.13 has requests \(imported in fn\/app\.py\), yaml \(imported in fn\/lib\/__init__\.py\): install .* --target fn /,
      ),
    ]);
  });

  it.each([
    [
      'Lambda',
      'from __future__ import annotations\nimport boto3, os.path, botocore.exceptions\nimport dateutil as d',
      {},
    ],
    ['the folder', 'import a, b.c\nfrom . import d\nfrom e import f', { 'a.py': '', 'b/c.py': '', 'e.abi3.so': '' }],
    ['a folder on the search path', "import sys\nsys.path.append('vendor')\nimport x", { 'vendor/x/__init__.py': '' }],
    ['nothing, if they are optional', 'try:\n    import x\nexcept ImportError:\n    x = None', {}],
    ['nothing, if only types need them', 'import typing\nif typing.TYPE_CHECKING:\n    import mypy_boto3_s3', {}],
    ['nothing, if only some calls need them', 'def f():\n    import x', {}],
  ])('may come from %s', async (_, code, files) => {
    expect(await warningsFor(code, files)).toEqual([]);
  });

  it('and are below a folder where Python does not look for them are listed', async () => {
    const files = {
      'src/app/__init__.py': '',
      'src/app/core.py': '',
      'src/run.py': `from app import core\n${HANDLER}`,
    };
    const pkg = pythonPackage(files, 'src.run.handler');
    expect((await pkg.build()).warnings).toEqual([
      'app (imported in fn/src/run.py) is in fn/src, where Lambda does not look for modules: set "source" to that folder, or import src.app',
    ]);
    const change = { runtime: 'python3.13', handler: 'src.run.handler' };
    expect((await pkg.again({ ...change, environment: { PYTHONPATH: 'src' } }).build()).warnings).toEqual([]);
    expect((await pkg.again({ ...change, source: 'fn/src', handler: 'run.handler' }).build()).warnings).toEqual([]);
  });

  it('and that Python no longer has are listed', async () => {
    expect(await warningsFor('import cgi', {}, 'python3.12')).toEqual([]);
    expect(await warningsFor('import cgi', {}, 'python3.13')).toEqual([
      expect.stringContaining('has cgi (imported in'),
    ]);
  });
});

describe('commands of installed libraries', () => {
  const installed = (python: string, scripts: string) => ({
    'app.py': HANDLER,
    'a/__init__.py': '',
    'bin/a': `#!${python}\nimport a\n`,
    'bin/long': `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n`,
    'bin/program': '\x7fELF',
    'bin/shell': '#!/bin/sh\necho\n',
    'bin/own.py': '#!/usr/bin/python3\n',
    'a-1.dist-info/RECORD': `${scripts}a/__init__.py,,\na-1.dist-info/RECORD,,\n`,
  });
  const lines = (folder: string, digest: string) =>
    [
      ...['a', 'long'].map((name) => `${folder}bin/${name},sha256=${digest},1\n`),
      ...['program', 'shell'].map((name) => `${folder}bin/${name},,\n`),
    ].join('');

  it.each([
    ['pip', '../../'],
    ['uv', ''],
  ])('have the path of one machine, so %s gives the same package on each without them', async (_, folder) => {
    const mine = pythonPackage(installed('/home/me/.venv/bin/python3', lines(folder, 'a')));
    const theirs = pythonPackage(installed('/opt/python/bin/python3', lines(folder, 'b')));
    const { files, leftOut, sha256 } = await mine.build();
    expect([sha256, await mine.hash()]).toEqual([(await theirs.build()).sha256, await theirs.hash()]);
    expect([files.map(({ path }) => path), leftOut]).toEqual([
      ['a-1.dist-info/RECORD', 'a/__init__.py', 'app.py', 'bin/own.py', 'bin/program', 'bin/shell'],
      ['bin/a', 'bin/long'],
    ]);
    expect(Buffer.from(files[0]?.bytes ?? []).toString()).toBe(
      `${folder}bin/program,,\n${folder}bin/shell,,\na/__init__.py,,\na-1.dist-info/RECORD,,\n`,
    );
  });
});

describe('files that are named like tests', () => {
  it('are tests, unless the function imports them', async () => {
    const pkg = pythonPackage({
      'app.py': `from ab_test import variant\n${HANDLER}`,
      'ab_test.py': 'from test_data import x\n',
      'test_data.py': 'x = 1\n',
      'app_test.py': 'import app, other_test\n',
      'other_test.py': '',
      'tests/test_app.py': '',
    });
    const { files, leftOut } = await pkg.build();
    expect(files.map(({ path }) => path)).toEqual(['ab_test.py', 'app.py', 'test_data.py']);
    expect(leftOut).toEqual(['app_test.py', 'other_test.py', 'tests/']);
  });

  it.each([
    ['in parentheses', 'from lib import (  # see (1)\n    core,\n    ab_test,\n)\n'],
    ['after a backslash', 'from lib import core, \\\r\n    ab_test\r\n'],
    ['behind a colon', 'try: import lib.ab_test\nexcept ImportError: pass\n'],
  ])('are kept if they are imported %s', async (_, statement) => {
    const { leftOut } = await pythonPackage({
      'app.py': `${statement}${HANDLER}`,
      'lib/__init__.py': '',
      'lib/core.py': '',
      'lib/ab_test.py': '',
      'lib/other_test.py': '',
    }).build();
    expect(leftOut).toEqual(['lib/other_test.py']);
  });

  it('are kept in libraries', async () => {
    const pkg = pythonPackage({
      'app.py': HANDLER,
      'numpy/__init__.py': '',
      'numpy/tests/__init__.py': '',
      'numpy/core/tests/test_x.py': '',
      'numpy/__pycache__/x.pyc': '',
      'numpy-2.0.dist-info/RECORD': 'numpy/__init__.py,sha256=x,1\nnumpy/tests/__init__.py,,\n../../bin/f2py,,\n',
      'six_test.py': '',
      'six-1.dist-info/top_level.txt': 'six_test\n',
      'vendor/a/tests/x.py': '',
      'vendor/a-1.dist-info/RECORD': 'a/__init__.py,,\n',
      'tests/x.py': '',
    });
    const { files, leftOut } = await pkg.build();
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'numpy/tests/__init__.py',
        'numpy/core/tests/test_x.py',
        'six_test.py',
        'vendor/a/tests/x.py',
      ]),
    );
    expect(leftOut).toEqual(['numpy/__pycache__/', 'tests/']);
  });

  it('are restored by a line in .crcignore', async () => {
    const { files } = await pythonPackage({
      'app.py': HANDLER,
      'a_test.py': '',
      'tests/x.py': '',
      '.crcignore': '!a_test.py\n!tests/\n',
    }).build();
    expect(files.map(({ path }) => path)).toEqual(['a_test.py', 'app.py', 'tests/x.py']);
  });
});
