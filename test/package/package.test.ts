import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { invokeLocally } from '../../src/invoke/local.ts';
import { functionPackage, sizeText } from '../../src/package/package.ts';
import { sha256 } from '../../src/package/sha256.ts';
import { zip } from '../../src/package/zip.ts';
import { ROOT } from '../helpers/cli.ts';
import { localInvocation } from '../helpers/local.ts';
import { crcErrorOf, nodePackage as node, pythonPackage as python } from '../helpers/packages.ts';

const HANDLER = 'export async function handler() { return 1; }\n';

const PY = 'def handler(event, context):\n    return 1\n';

const textOf = (files: Readonly<Record<string, Uint8Array>>, path: string) => Buffer.from(files[path] ?? []).toString();

describe('zip', () => {
  it('of more files than the format can count is an error with an explanation', () => {
    const files = Array.from({ length: 65_536 }, (_, index) => ({ path: `${index}`, bytes: new Uint8Array() }));
    expect(() => zip(files)).toThrow('The package has 65536 files, but a zip can contain 65535.');
  });

  const files = [
    { path: 'b/2.txt', bytes: Buffer.from('two') },
    { path: 'a.txt', bytes: Buffer.from('one') },
    { path: 'B.txt', bytes: new Uint8Array() },
  ];

  it('has the same bytes for any order, and stores what compression would not shrink', () => {
    const bytes = zip(files);
    expect(Buffer.from(zip([...files].reverse())).equals(bytes)).toBe(true);
    expect(Buffer.from(bytes).includes('two')).toBe(true);
    expect(Object.keys(unzipSync(bytes))).toEqual(['B.txt', 'a.txt', 'b/2.txt']);
  });

  it('has these bytes on every machine and version of Node', () => {
    expect(Buffer.from(zip([{ path: 'a.txt', bytes: Buffer.from('one') }])).toString('hex')).toMatchInlineSnapshot(
      `"504b030414000000000000602100f1866c7a030000000300000005000000612e7478746f6e65504b0102140314000000000000602100f1866c7a0300000003000000050000000000000000000000ed8100000000612e747874504b0506000000000100010033000000260000000000"`,
    );
  });

  it('is what the library would write for files of which each is to be compressed', () => {
    const texts = Object.fromEntries(['a.txt', 'b/é.txt', 'b/ü/c.txt'].map((path) => [path, path.repeat(100)]));
    const bytes = zip(Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
    const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
    const options = { mtime: new Date(1980, 0, 1, 12), os: 3, attrs: 0o100755 << 16, level: 6 } as const;
    expect(Buffer.from(zipSync(files, options)).equals(bytes)).toBe(true);
  });

  it('compresses other files to these bytes', () => {
    const bytes = zip([{ path: 'a.txt', bytes: Buffer.from('crc '.repeat(10_000)) }]);
    expect(bytes.length).toBeLessThan(1_000);
    expect(sha256(bytes)).toMatchInlineSnapshot(`"BXz/VAN+xcds0+wd1L1T3z1pqncI2VEP8Eq1z9/YEuc="`);
    expect(Buffer.from(unzipSync(bytes)['a.txt'] ?? []).toString()).toBe('crc '.repeat(10_000));
  });

  it.each(['Pacific/Kiritimati', 'America/Los_Angeles', 'Asia/Kathmandu'])(
    'has the same bytes in time zone %s',
    (timeZone) => {
      const before = process.env.TZ;
      const bytes = zip(files);
      try {
        process.env.TZ = timeZone;
        expect(Buffer.from(zip(files)).equals(bytes)).toBe(true);
      } finally {
        if (before === undefined) delete process.env.TZ;
        else process.env.TZ = before;
      }
    },
  );

  it('can be read by other programs, with modes that let Lambda read and execute', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crc-zip-'));
    writeFileSync(join(folder, 'p.zip'), zip(files));
    const script =
      'import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor i in z.infolist(): print(i.filename, oct(i.external_attr>>16), i.compress_type, i.date_time[0], i.create_system)';
    const { status, stdout } = spawnSync('python3', ['-c', script, join(folder, 'p.zip')], { encoding: 'utf8' });
    // Without Python there is nothing to compare with. The expected bytes above define the format.
    if (status === null) return;
    expect(stdout.trim().split('\n')).toEqual([
      'B.txt 0o100755 0 1980 3',
      'a.txt 0o100755 0 1980 3',
      'b/2.txt 0o100755 0 1980 3',
    ]);
  });
});

describe('the package of a Python folder', () => {
  it('is the same after touch, chmod, another umask and another order of creation', async () => {
    const first = python({ 'app.py': PY, 'lib/x.py': 'X = 1\n' });
    const built = await first.build();
    expect(Object.keys(unzipSync(built.zip))).toEqual(['app.py', 'lib/x.py']);

    const umask = process.umask(0o077);
    const second = python({ 'lib/x.py': 'X = 1\n', 'app.py': PY });
    process.umask(umask);
    chmodSync(join(second.folder, 'app.py'), 0o600);
    utimesSync(join(second.folder, 'app.py'), 1, 1);
    const rebuilt = await second.build();
    expect([rebuilt.sha256, rebuilt.source]).toEqual([built.sha256, built.source]);
  });

  it.each([
    ['UTF-8', Buffer.from('notes-é.txt\n')],
    ['UTF-8 with a byte order mark and line endings of Windows', Buffer.from('\uFEFFnotes-é.txt\r\n')],
    ['UTF-16 of PowerShell', Buffer.from('\uFEFFnotes-é.txt\r\n', 'utf16le')],
    ['UTF-16, big-endian', Buffer.from('\uFEFFnotes-é.txt\r\n', 'utf16le').swap16()],
  ])('does not contain what a .crcignore in %s lists', async (_, rules) => {
    const { files } = await python({ 'app.py': PY, 'notes-é.txt': 'x', '.crcignore': rules }).build();
    expect(files.map(({ path }) => path)).toEqual(['app.py']);
  });

  it('is not built with a .crcignore whose patterns cannot be read', async () => {
    const { build } = python({
      'app.py': PY,
      'notes-é.txt': 'x',
      '.crcignore': Buffer.from('notes-é.txt\n', 'latin1'),
    });
    expect((await crcErrorOf(build())).message).toMatch(/\.crcignore is not UTF-8 text\.$/);
  });

  it('never contains secrets, states, tests, tool files, or anything listed in .crcignore', async () => {
    const ignored = {
      '.env': 'S=1',
      '.env.local': 'S=1',
      '.ENV': 'S=1',
      'lib/.env': 'S=1',
      'terraform.tfstate': '{}',
      'terraform.tfstate.backup': '{}',
      'prod.tfvars': 's',
      '.terraform/x': 'x',
      '.git/config': 'x',
      '.npmrc': 'token',
      'crc.config.json': '{}',
      'test_app.py': 'x',
      'app_test.py': 'x',
      'tests/a.py': 'x',
      'conftest.py': 'x',
      '__pycache__/app.pyc': 'x',
      '.venv/bin/python': 'x',
      '.aws-sam/build/Fn/app.py': 'x',
      '.serverless/fn.zip': 'x',
      'cdk.out/asset/app.py': 'x',
      '.tox/py/app.py': 'x',
      'node_modules/x/index.js': 'x',
      '.DS_Store': 'x',
      'docs/readme.md': 'x',
      'notes.txt': 'x',
      '.crcignore': 'docs/\n*.txt\n!keep.txt\n!.env\n# comment\n',
    };
    const { build } = python({ 'app.py': PY, 'keep.txt': 'k', ...ignored });
    expect(Object.keys(unzipSync((await build()).zip))).toEqual(['app.py', 'keep.txt']);
  });

  it('changes its hash only with its files and options', async () => {
    const pkg = python({ 'app.py': PY, 'tests/t.py': '1' });
    const hash = await pkg.hash();
    writeFileSync(join(pkg.folder, 'tests/t.py'), '2');
    writeFileSync(join(pkg.folder, '.env'), 'SECRET=1');
    utimesSync(join(pkg.folder, 'app.py'), 1, 1);
    expect(await pkg.hash()).toBe(hash);
    const options = { root: pkg.root, source: 'fn', runtime: 'python3.14', handler: 'app.handler' };
    expect(await functionPackage(options).hash()).not.toBe(hash);
    expect(await functionPackage({ ...options, runtime: 'python3.13', handler: 'app.other' }).hash()).not.toBe(hash);
    writeFileSync(join(pkg.folder, 'app.py'), `${PY}\n`);
    expect(await pkg.hash()).not.toBe(hash);
    // A Python package does not depend on npm packages.
    const before = await pkg.hash();
    writeFileSync(join(pkg.root, 'package-lock.json'), '{}');
    expect(await pkg.hash()).toBe(before);
  });

  it.each([
    ['no such file', 'other.handler', {}, /fn has no other\.py/],
    ['no such function', 'app.other', {}, /app\.py does not define "other"/],
    ['an indented one', 'app.inner', { 'app.py': 'class A:\n  def inner(e, c): pass\n' }, /does not define "inner"/],
    ['a name with the same prefix', 'app.hand', {}, /does not define "hand"/],
  ])('is refused with a handler of %s', async (_, handler, files, message) => {
    expect((await crcErrorOf(python({ 'app.py': PY, ...files }, handler).build())).message).toMatch(message);
  });

  it.each([
    ['a function', 'app.handler', 'async def handler(e, c): pass'],
    ['an assignment', 'app.handler', 'handler = make()'],
    ['an annotated one', 'app.handler', 'handler: Callable = make()'],
    ['an import', 'app.handler', 'from lib import other, handler'],
  ])('accepts %s as the handler', async (_, handler, text) => {
    expect((await python({ 'app.py': text }, handler).build()).files).toHaveLength(1);
  });

  it.each(['lib.app.handler', 'lib/app.handler'])('finds %s in a folder', async (handler) => {
    expect((await python({ 'lib/app.py': PY }, handler).build()).files).toHaveLength(1);
    expect((await python({ 'lib/app/__init__.py': PY }, handler).build()).files).toHaveLength(1);
  });

  it('with requirements that the runtime lacks is rejected until they are in the folder', async () => {
    const requirements = '# libs\nboto3>=1.34\nBotoCore\nPy_Yaml==6.0 ; python_version > "3"  # why\nrequests[socks]\n';
    const refused = await crcErrorOf(python({ 'app.py': PY, 'requirements.txt': requirements }).build());
    expect(refused.message).toBe('requirements.txt lists py-yaml, requests, but crc does not install packages.');
    expect(refused.hint).toMatch(
      /pip install -r fn\/requirements\.txt --target fn --platform manylinux2014_x86_64 .*--python-version 3\.13 .* \(aarch64/,
    );
    const vendored = { 'py_yaml-6.0.dist-info/METADATA': 'x', 'requests-2.32.0.dist-info/METADATA': 'x' };
    await python({ 'app.py': PY, 'requirements.txt': requirements, ...vendored }).build();
    await python({ 'app.py': PY, 'requirements.txt': requirements, '.crcignore': 'requirements.txt' }).build();
    await python({ 'app.py': PY, 'requirements.txt': 'boto3\n\n' }).build();
  });

  it.each([
    ['an index', '--index-url https://me:hunter2@pypi.example.com/simple\n', undefined],
    ['one written with =', '--extra-index-url=https://hunter2@pypi.example.com/simple\n', undefined],
    ['hashes on a separate line', 'boto3==1.0 \\\n    --hash=sha256:00\n', undefined],
    ['an address', '# x\nhttps://me:hunter2@example.com/pkg.whl\n', 'the package on line 2'],
    ['a repository', 'git+https://hunter2@github.com/o/r.git#egg=x\n', 'the package on line 1'],
    ['a named address', 'pkg @ https://me:hunter2@example.com/pkg.whl\r\n', 'pkg'],
    ['an editable requirement', '-e git+ssh://hunter2@example.com/o/r\n', 'the package on line 1'],
    ['a reference to another file', 'boto3\n-r hunter2.txt\n', 'the package on line 2'],
    ['a folder', './hunter2\n', 'the package on line 1'],
    ['an invalid line', 'password hunter2\n', 'the package on line 1'],
  ])('never quotes a line of requirements.txt, which may hold a password: %s', async (_, requirements, packageName) => {
    const built = python({ 'app.py': PY, 'requirements.txt': requirements }).build();
    if (packageName === undefined) {
      await built;
      return;
    }
    const { message, hint } = await crcErrorOf(built);
    expect(message).toBe(`requirements.txt lists ${packageName}, but crc does not install packages.`);
    expect(`${message} ${hint}`).not.toContain('hunter2');
  });
});

describe('the source folder', () => {
  it('is a clear error if it does not exist, is a file, or is empty', async () => {
    const { root } = python({ 'app.py': PY, 'empty/tests/x.py': 'x' });
    const at = (source: string) => functionPackage({ root, source, runtime: 'python3.13', handler: 'app.handler' });
    expect((await crcErrorOf(at('nope').hash())).message).toMatch(
      /source folder .*nope cannot be read: it does not exist/,
    );
    expect((await crcErrorOf(at('fn/app.py').hash())).message).toMatch(/cannot be read: it is not a folder/);
    expect((await crcErrorOf(at('fn/empty').hash())).message).toMatch(/has no files to package/);
  });

  it('follows a link to a file inside, and no other', async () => {
    const linkedInside = python({ 'app.py': PY });
    symlinkSync('app.py', join(linkedInside.folder, 'alias.py'));
    const files = unzipSync((await linkedInside.build()).zip);
    expect(textOf(files, 'alias.py')).toBe(PY);

    writeFileSync(join(linkedInside.root, 'secret.txt'), 's');
    for (const [target, message] of [
      ['../secret.txt', /secret\.txt, which crc does not follow/],
      ['/etc/hostname', /etc\/hostname, which crc does not follow/],
      ['nowhere', /is a symbolic link to nothing/],
      ['.', /which crc does not follow/],
    ] as const) {
      const link = join(linkedInside.folder, 'link');
      symlinkSync(target, link);
      expect((await crcErrorOf(linkedInside.hash())).message).toMatch(message);
      rmSync(link);
    }
  });

  it('leaves out virtual environments of any name, and links to folders that are left out', async () => {
    const pkg = python({ 'app.py': PY, 'env/pyvenv.cfg': 'home = /usr/bin\n', 'env/lib/x.py': '', 'lib/a.py': '' });
    symlinkSync('/usr/bin/python3', join(pkg.folder, 'env/python'));
    for (const name of ['node_modules', '.venv', '.aws']) symlinkSync(pkg.root, join(pkg.folder, name));
    const { files, leftOut } = await pkg.build();
    expect(files.map(({ path }) => path)).toEqual(['app.py', 'lib/a.py']);
    expect(leftOut).toEqual(['.aws/', '.venv/', 'env/', 'node_modules/']);
  });

  it('with a folder that has the name of a required file is an error with an explanation', async () => {
    const ignoring = python({ 'app.py': PY, '.crcignore/x': '' });
    expect((await crcErrorOf(ignoring.build())).message).toMatch(/source folder .*fn cannot be read: .*it is a folder/);
    const handler = python({ 'app.py/x.txt': '' });
    expect((await crcErrorOf(handler.build())).message).toMatch(/fn has no app\.py/);
  });

  it('accepts unusual names, also in folders', async () => {
    const unusualNames = ['a\nb.py', '..x', 'lib/__proto__', 'constructor', 'a b', '-rf', 'back\\slash', '#x', '!x'];
    const pkg = python({ 'app.py': PY, ...Object.fromEntries(unusualNames.map((name) => [name, 'x'])) });
    // The library for reading zips keeps files by name in an object, where this name is reserved.
    writeFileSync(join(pkg.folder, '__proto__'), 'x');
    const { files } = await pkg.build();
    expect(files.map(({ path }) => path).sort()).toEqual([...unusualNames, 'app.py', '__proto__'].sort());
    expect(Object.keys(unzipSync((await pkg.build()).zip)).sort()).toEqual([...unusualNames, 'app.py'].sort());
  });

  it('reports a name that is not UTF-8', async () => {
    const pkg = python({ 'app.py': PY });
    writeFileSync(Buffer.concat([Buffer.from(`${pkg.folder}/a`), Buffer.from([0xff])]), 'x');
    expect((await crcErrorOf(pkg.hash())).message).toMatch(/The name of "a.*" .* is not UTF-8/);
  });

  it('whose lock file cannot be read is an error, and not a different hash', async () => {
    const pkg = node({ 'index.ts': HANDLER });
    symlinkSync('package-lock.json', join(pkg.root, 'package-lock.json'));
    expect((await crcErrorOf(pkg.hash())).message).toMatch(
      /The lock file .*package-lock\.json cannot be read: its symbolic links/,
    );
  });

  it.each(['.crcignore', 'package-lock.json', 'tsconfig.json', '../package.json', '../tsconfig.json', 'data.json'])(
    'with a pipe by the name %s is an error, and waits for no writer',
    async (name) => {
      const pkg = node({ 'index.ts': HANDLER });
      execFileSync('mkfifo', [join(pkg.folder, name)]);
      expect((await crcErrorOf(pkg.build())).message).toMatch(
        /(cannot be read: .*it is a pipe|folder is a pipe, which)/,
      );
    },
  );

  it('leaves out a pipe with the name of a test, which an import does not need', async () => {
    const pkg = python({ 'app.py': `import test_data\n${PY}` });
    execFileSync('mkfifo', [join(pkg.folder, 'test_data.py')]);
    expect((await pkg.build()).leftOut).toEqual(['test_data.py']);
  });

  it('follows no link out of the folder that has the name of a test', async () => {
    const pkg = python({ 'app.py': `import test_data\n${PY}` });
    writeFileSync(join(pkg.root, 'secret.py'), 's');
    symlinkSync('../secret.py', join(pkg.folder, 'test_data.py'));
    expect((await crcErrorOf(pkg.hash())).message).toMatch(/secret\.py, which crc does not follow/);
  });

  it('over 50 MB is rejected, with the largest files and what to do', { timeout: 120_000 }, async () => {
    // To compress random bytes takes seconds, and on a busy machine many.
    const { build } = python({ 'app.py': PY, 'model.bin': randomBytes(51 * 1024 * 1024) });
    const { message, hint } = await crcErrorOf(build());
    expect(message).toMatch(/The package is 53\.5 MB, but Lambda allows 50 MB.* Largest: model\.bin \(53\.5 MB\)/);
    expect(hint).toContain('.crcignore');
  });
});

describe('the package of a Node function', () => {
  it('is one ES module with its source map, without the SDK of the runtime', async () => {
    const { build } = node({
      'index.ts':
        "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nimport { x } from './lib';\nexport const handler = async (): Promise<unknown> => [x, DynamoDBClient];\nexport const other = 1;\n",
      'lib.ts': 'export const x: number = 42;\n',
    });
    const files = unzipSync((await build()).zip);
    expect(Object.keys(files)).toEqual(['index.mjs', 'index.mjs.map']);
    const text = textOf(files, 'index.mjs');
    expect(text).toContain('from "@aws-sdk/client-dynamodb"');
    expect(text).toMatch(/export \{\s*handler\s*\}/);
    expect(text).toContain('//# sourceMappingURL=index.mjs.map');
    expect(JSON.parse(textOf(files, 'index.mjs.map')).sources.sort()).toEqual(['index.ts', 'lib.ts']);
  });

  it('is the same in another folder, and different with one more byte', async () => {
    const [first, second] = [node({ 'index.ts': HANDLER }), node({ 'index.ts': HANDLER })];
    expect((await second.build()).sha256).toBe((await first.build()).sha256);
    writeFileSync(join(first.folder, 'index.ts'), `${HANDLER} `);
    const changed = await first.build();
    expect([changed.sha256, changed.source]).not.toContain((await second.build()).sha256);
    expect(changed.source).not.toBe((await second.build()).source);
  });

  it('is built once for each state of the source', async () => {
    const { build } = node({ 'index.ts': HANDLER });
    expect(await build()).toBe(await build());
  });

  it('uses the nearest lock file, up to the folder of the config', async () => {
    const pkg = node({ 'index.ts': HANDLER });
    const hashes = [await pkg.hash()];
    for (const [path, text] of [
      ['package-lock.json', '1'],
      ['fn/package-lock.json', '2'],
      ['fn/package-lock.json', '3'],
      ['package-lock.json', 'hidden by the nearer one'],
    ] as const) {
      writeFileSync(join(pkg.root, path), text);
      hashes.push(await pkg.hash());
    }
    // fn/package-lock.json also counts as a source file.
    expect(new Set(hashes).size).toBe(4);
    expect(hashes[4]).toBe(hashes[3]);
  });

  it('uses the nearest tsconfig, like the editor', async () => {
    const text = 'class A { constructor() { this.x; } x = 1 }\nexport const handler = () => new A();\n';
    const pkg = node({ 'index.ts': text });
    const [plain, hash] = [await pkg.build(), await pkg.hash()];
    const options = (define: boolean) => `{"compilerOptions":{"useDefineForClassFields":${define}}}`;
    writeFileSync(join(pkg.root, 'tsconfig.json'), options(false));
    const above = await pkg.again().build();
    expect([above.sha256, await pkg.hash()]).not.toContain(plain.sha256);
    expect(await pkg.hash()).not.toBe(hash);
    writeFileSync(join(pkg.folder, 'tsconfig.json'), options(true));
    expect((await pkg.again().build()).sha256).not.toBe(above.sha256);
  });

  it.each([
    ['CommonJS', 'index.cjs', 'exports.handler = async () => 7;'],
    ['CommonJS in .js', 'index.js', 'module.exports = { handler: async () => 7 };'],
    ['an ES module', 'index.mjs', 'export const handler = async () => 7;'],
    ['a re-export', 'index.ts', 'export { inner as handler } from "./inner.ts";'],
    [
      'a require of Node',
      'index.cjs',
      'const { sep } = require("node:path"); exports.handler = async () => (sep ? 7 : 0);',
    ],
    [
      'its own require next to one of a package',
      'index.ts',
      'import { createRequire } from "node:module";\nimport { seven } from "./dynamic.cjs";\nconst require = createRequire(import.meta.url);\nexport const handler = async () => (require("node:fs") ? seven() : 0);',
    ],
  ])('runs, made from %s', async (_, file, text) => {
    const { build, folder } = node({
      [file]: text,
      'inner.ts': 'export const inner = async () => 7;',
      'dynamic.cjs': 'exports.seven = () => (require("node:path") ? 7 : 0);',
    });
    const { files } = await build();
    expect(await invokeLocally(localInvocation({ files, folder }))).toMatchObject({ payload: '7' });
  });

  it.each([
    ['no such file', 'other.handler', {}, /fn has no other\.ts or other\.js/],
    ['no such export', 'index.other', {}, /index\.ts does not export "other"/],
    ['no such export of CommonJS', 'index.handler', { 'index.ts': 'export {};' }, /does not export "handler"/],
    ['two dots', 'a.b.handler', {}, /more than one dot: Lambda would look for "b\.handler" in a\.js/],
    ['a way out', 'x/../../up.handler', {}, /outside the function's folder/],
  ])('is refused with a handler of %s', async (_, handler, files, message) => {
    const problem = await crcErrorOf(node({ 'index.ts': HANDLER, ...files }, { handler }).build());
    expect(problem.message).toMatch(message);
    expect(problem.hint).not.toBe('');
  });

  it.each(['exports.handler = async () => 7;', 'module.exports = { handler: async () => 7 };'])(
    'explains that package.json makes this an ES module: %s',
    async (text) => {
      const { message, hint } = await crcErrorOf(
        node({ 'index.js': text, 'package.json': '{"type":"module"}' }).build(),
      );
      expect(message).toMatch(/index\.js does not export "handler"/);
      expect(hint).toContain('package.json makes it an ES module');
      expect(hint).toContain('rename it to index.cjs');
      expect((await crcErrorOf(node({ 'index.js': 'export {};' }).build())).hint).not.toContain('index.cjs');
    },
  );

  it('finds a handler in a folder', async () => {
    const { files } = await node({ 'src/index.ts': HANDLER }, { handler: 'src/index.handler' }).build();
    expect(files.map(({ path }) => path)).toEqual(['src/index.mjs.map', 'src/index.mjs']);
  });

  it('that does not build is rejected with file, line and column', async () => {
    const { message, details } = await crcErrorOf(node({ 'index.ts': 'export const handler = (;\n' }).build());
    expect([message, details]).toEqual([
      expect.stringMatching(/could not be built\.$/),
      [expect.stringMatching(/^fn\/index\.ts:1:25: Unexpected ";"/)],
    ]);
  });

  it.each([
    ['index.ts', 'const key = "x" "hunter2";', 'index.ts:1:17: Expected ";"'],
    ['index.ts', 'const key = x hunter2;', 'index.ts:1:15: Expected ";"'],
    ['settings.json', '{ "token": hunter2 }', 'settings.json:1:12: Unexpected token in JSON'],
    ['package.json', '{ "//registry/:_authToken": hunter2', 'package.json:1:29: Unexpected token in JSON'],
    ['tsconfig.json', '{ "compilerOptions": hunter2', 'tsconfig.json:1:22: Unexpected token in JSON'],
  ])('that does not build shows only the location in %s: %s', async (file, text, location) => {
    const index = `import './settings.json';\n${HANDLER}`;
    const pkg = node({ 'settings.json': '{}', 'index.ts': index, [file]: text });
    const { message, details } = await crcErrorOf(pkg.build());
    expect(details.join('\n')).toContain(location);
    expect([message, ...details].join('\n')).not.toContain('hunter2');
  });

  it('with a missing package says how to install it', async () => {
    const text = `import 'left-pad';\nimport './nope';\n${HANDLER}`;
    const { details, hint } = await crcErrorOf(node({ 'index.ts': text }).build());
    expect(details.join('\n')).toMatch(/index\.ts:1:8: Could not resolve "left-pad"/);
    expect(hint).toContain('`npm install left-pad`');
  });

  it.each([
    ['pnpm-lock.yaml', 'pnpm add'],
    ['yarn.lock', 'yarn add'],
    ['bun.lock', 'bun add'],
    ['package-lock.json', 'npm install'],
  ])('with a missing package and a %s says `%s`', async (lock, command) => {
    const text = `import 'left-pad';\n${HANDLER}`;
    const pkg = node({ 'index.ts': text, [`../${lock}`]: '' });
    expect((await crcErrorOf(pkg.build())).hint).toContain(`\`${command} left-pad\``);
  });

  it.each([
    ['all of them', ['left-pad', 'ms'], 'Install the missing packages in fn: `pnpm install`'],
    ['one of them', ['ms'], 'Install the missing packages: `pnpm add left-pad`'],
  ])('with missing packages and a package.json that lists %s says how it installs them', async (_, names, hint) => {
    const dependencies = Object.fromEntries(names.map((name) => [name, '1']));
    const text = `import 'left-pad';\nimport 'ms';\n${HANDLER}`;
    const pkg = node({ 'index.ts': text, 'package.json': JSON.stringify({ dependencies }), '../pnpm-lock.yaml': '' });
    expect((await crcErrorOf(pkg.build())).hint).toBe(hint);
  });

  it('with a missing package that the package.json of the repository lists says how that installs it', async () => {
    const pkg = node({ 'index.ts': `import 'ms';\n${HANDLER}`, '../package.json': '{"dependencies":{"ms":"2"}}' });
    expect((await crcErrorOf(pkg.build())).hint).toBe('Install the missing packages: `npm install`');
  });

  it('with a missing package and a package.json that names a package manager says how that installs it', async () => {
    const packageManager = { 'package.json': '{ "packageManager": "pnpm@10.4.1" }' };
    const pkg = node({ 'index.ts': `import 'left-pad';\n${HANDLER}`, ...packageManager });
    expect((await crcErrorOf(pkg.build())).hint).toContain('`pnpm add left-pad`');
  });

  it.each([
    ['that is never packaged', './tests/data.ts', /imports tests\/data\.ts from outside its source folder/],
    ['that .crcignore names', './ignored.ts', /imports ignored\.ts from outside its source folder/],
  ])('is refused when it imports a file %s, whose changes would not be detected', async (_, path, message) => {
    const pkg = node({
      'index.ts': `import { x } from '${path}';\nexport const handler = () => x;\n`,
      'tests/data.ts': 'export const x = 1;',
      'ignored.ts': 'export const x = 1;',
      '.crcignore': 'ignored.ts',
    });
    expect((await crcErrorOf(pkg.build())).message).toMatch(message);
  });

  it('bundles npm packages, wherever they are above it', async () => {
    const pkg = node({ 'index.ts': "import { x } from 'pkg';\nexport const handler = () => x;\n" });
    mkdirSync(join(pkg.root, 'node_modules/pkg'), { recursive: true });
    writeFileSync(join(pkg.root, 'node_modules/pkg/package.json'), '{"name":"pkg","main":"i.js"}');
    writeFileSync(join(pkg.root, 'node_modules/pkg/i.js'), 'exports.x = "from pkg";');
    expect(textOf(unzipSync((await pkg.build()).zip), 'index.mjs')).toContain('from pkg');
  });

  it.each([
    ['function', 'export function handler(event, context, callback) { callback(null, 1); }', 'nodejs24.x', true],
    ['arrow', 'export const handler = (event, context, callback) => callback(null, 1);', 'nodejs24.x', true],
    ['CommonJS', 'exports.handler = function (e, c, cb) { cb(null, 1); };', 'nodejs24.x', true],
    ['async', 'export const handler = async (event, context) => 1;', 'nodejs24.x', false],
    ['older runtime', 'export const handler = (event, context, callback) => callback(null, 1);', 'nodejs22.x', false],
  ])('warns of a handler with a callback, which Node 24 does not call: %s', async (_, text, runtime, warns) => {
    const { warnings } = await node(
      { [text.startsWith('exports') ? 'index.cjs' : 'index.js']: text },
      { runtime },
    ).build();
    expect(warnings.filter((warning) => warning.includes('callback'))).toHaveLength(warns ? 1 : 0);
  });

  it('of this project is only a few kilobytes', async () => {
    const source = 'functions/increment-visits';
    const { build } = functionPackage({ root: ROOT, source, runtime: 'nodejs24.x', handler: 'index.handler' });
    const { files, zip: bytes, warnings } = await build();
    expect([files.map(({ path }) => path), warnings]).toEqual([['index.mjs.map', 'index.mjs'], []]);
    expect(bytes.length).toBeLessThan(10_000);
    const { files: inPython } = await functionPackage({
      root: ROOT,
      source: `${source}/python`,
      runtime: 'python3.13',
      handler: 'IncrementVisits.lambda_handler',
    }).build();
    expect(inPython.map(({ path }) => path)).toEqual(['IncrementVisits.py']);
  });
});

it.each([
  [812, '812 B'],
  [3_141, '3.1 kB'],
  [2_400_000, '2.4 MB'],
])('formats %i bytes as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

it('executes no code of the function while packaging it', async () => {
  const spy = vi.fn();
  vi.stubGlobal('crcRan', spy);
  await node({ 'index.ts': `globalThis.crcRan();\n${HANDLER}` }).build();
  expect(spy).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});
