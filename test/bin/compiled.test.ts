import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { ROOT } from '../helpers/cli.ts';
import { folderWith } from '../helpers/folder.ts';

const PADDING = `/* ${'-'.repeat(2_000)} */`;

/** A program of two files. The second one, which is required after the start, is long enough for the cache. */
function program(later = "module.exports = { word: () => 'first' };"): string {
  return folderWith({
    'main.cjs': `
      const { requireCompiled } = require(${JSON.stringify(join(ROOT, 'bin/compiled.js'))});
      requireCompiled(require('node:path').join(__dirname, 'dist/entry.cjs')).run();
    `,
    'dist/entry.cjs': `exports.run = () => {
      const { word } = require('./later.cjs');
      setImmediate(() => console.log(word()));
    };`,
    'dist/later.cjs': `${later}${PADDING}`,
  });
}

function runs(folder: string, { env = {}, flags = [] as readonly string[] } = {}) {
  const { NODE_DISABLE_COMPILE_CACHE: _, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(folder, 'main.cjs')], {
    env: { ...inherited, ...env },
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { status, stdout, stderr };
}

const FIRST = { status: 0, stdout: 'first\n', stderr: '' };

/** The files of the cache, and their paths. */
function cached(folder: string): string[] {
  const cache = join(folder, 'dist/compiled');
  if (!existsSync(cache)) return [];
  return readdirSync(cache, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.cjs'))
    .map((path) => join(cache, path));
}

function onlyCached(folder: string): string {
  const [path] = cached(folder);
  if (path === undefined || cached(folder).length > 1) throw new Error(`not one file: ${cached(folder).join(', ')}`);
  return path;
}

/** Replaces the compiled form of `later.cjs` by that of another source of the same length, with the right checksum. */
function plant(folder: string, other: string): void {
  const source = readFileSync(join(folder, 'dist/later.cjs'), 'utf8');
  const otherFolder = program(other);
  runs(otherFolder);
  const compiled = readFileSync(onlyCached(otherFolder)).subarray(4);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(compiled, crc32(source)));
  writeFileSync(onlyCached(folder), Buffer.concat([checksum, compiled]));
}

it('runs what an earlier run compiled, with the functions that it called', () => {
  const folder = program();
  expect(runs(folder)).toEqual(FIRST);
  plant(folder, "module.exports = { word: () => 'other' };");
  expect(runs(folder)).toEqual({ ...FIRST, stdout: 'other\n' });
});

it('writes nothing once everything is stored', () => {
  const folder = program();
  runs(folder);
  plant(folder, "module.exports = { word: () => 'other' };");
  const planted = readFileSync(onlyCached(folder));
  runs(folder);
  expect(readFileSync(onlyCached(folder))).toEqual(planted);
});

it('compiles a changed file again, even one of the same length', () => {
  const folder = program();
  runs(folder);
  writeFileSync(join(folder, 'dist/later.cjs'), `module.exports = { word: () => 'third' };${PADDING}`);
  expect(runs(folder)).toEqual({ ...FIRST, stdout: 'third\n' });
  expect(runs(folder)).toEqual({ ...FIRST, stdout: 'third\n' });
});

it.each<[string, (content: Buffer) => Buffer]>([
  ['empty', () => Buffer.alloc(0)],
  ['shorter than a checksum', (content) => content.subarray(0, 3)],
  ['cut off', (content) => content.subarray(0, -100)],
  ['full of zeros', (content) => Buffer.alloc(content.length)],
  [
    'damaged in one bit',
    (content) => Buffer.from(content.map((byte, at) => (at === content.length >> 1 ? byte ^ 1 : byte))),
  ],
])('does not run what is %s, and replaces it', (_, damage) => {
  const folder = program();
  runs(folder);
  const path = onlyCached(folder);
  const length = readFileSync(path).length;
  const damaged = damage(readFileSync(path));
  writeFileSync(path, damaged);
  expect(runs(folder)).toEqual(FIRST);
  expect(readFileSync(path)).not.toEqual(damaged);
  expect(readFileSync(path).length).toBe(length);
});

/** What else may be in the place of a compiled file. */
function replaceBySomethingElse(path: string, kind: 'a pipe' | 'a link'): void {
  rmSync(path);
  if (kind === 'a pipe') spawnSync('mkfifo', [path]);
  else {
    const target = join(dirname(path), 'target');
    writeFileSync(target, 'a file of somebody else');
    symlinkSync(target, path);
  }
}

it.each(['a pipe', 'a link'] as const)(
  'replaces %s: it neither waits for a pipe nor writes to where a link leads',
  (kind) => {
    const folder = program();
    runs(folder);
    const path = onlyCached(folder);
    replaceBySomethingElse(path, kind);
    expect(runs(folder)).toEqual(FIRST);
    expect(lstatSync(path).isFile()).toBe(true);
    const target = join(dirname(path), 'target');
    if (existsSync(target)) expect(readFileSync(target, 'utf8')).toBe('a file of somebody else');
  },
);

it('lets no one else write what it stores, whatever the umask is', () => {
  const folder = program();
  writeFileSync(join(folder, 'set-up.cjs'), 'process.umask(0);');
  runs(folder, { flags: ['--require', join(folder, 'set-up.cjs')] });
  const path = onlyCached(folder);
  for (const part of [path, dirname(path), dirname(dirname(path))]) expect(statSync(part).mode & 0o022, part).toBe(0);
});

it.each([
  ['version of Node: V8 does not tell apart those that Node has patched', "'version', { value: 'v20.99.0' }"],
  ['processor', "'arch', { value: 'another' }"],
])('stores compiled code separately for each %s', (_, property) => {
  const folder = program();
  runs(folder);
  writeFileSync(join(folder, 'set-up.cjs'), `Object.defineProperty(process, ${property});`);
  expect(runs(folder, { flags: ['--require', join(folder, 'set-up.cjs')] })).toEqual(FIRST);
  expect(cached(folder)).toHaveLength(2);
});

it('does not grow without bound: instead of a ninth folder, it starts again', () => {
  const folder = program();
  for (const number of [1, 2, 3, 4, 5, 6, 7])
    mkdirSync(join(folder, 'dist/compiled', `of another Node ${number}`), { recursive: true });
  runs(folder);
  runs(folder);
  expect(readdirSync(join(folder, 'dist/compiled'))).toHaveLength(8);
  expect(runs(folder, { flags: ['--stack-trace-limit=20'] })).toEqual(FIRST);
  expect(readdirSync(join(folder, 'dist/compiled'))).toHaveLength(1);
});

it('stores compiled code separately for each set of flags of V8', () => {
  const folder = program();
  runs(folder);
  runs(folder, { flags: ['--max-old-space-size=400'] });
  expect(cached(folder)).toHaveLength(2);
});

it('writes nothing in a run that changes the flags of V8: no other run could use it', () => {
  const folder = program(
    "require('node:v8').setFlagsFromString('--heap-growing-percent=50'); module.exports = { word: () => 'first' };",
  );
  expect(runs(folder)).toEqual(FIRST);
  expect(cached(folder)).toEqual([]);
});

it('does not store what compiles as fast as it is read: short files, and what every start loads', () => {
  const folder = program();
  writeFileSync(join(folder, 'dist/later.cjs'), "module.exports = { word: () => 'first' };");
  writeFileSync(
    join(folder, 'dist/entry.cjs'),
    `${PADDING}exports.run = () => console.log(require('./later.cjs').word());`,
  );
  expect(runs(folder)).toEqual(FIRST);
  expect(cached(folder)).toEqual([]);
});

it('runs, and says nothing, where it cannot write', () => {
  const folder = program();
  writeFileSync(join(folder, 'dist/compiled'), 'a file where the folder would be');
  expect(runs(folder)).toEqual(FIRST);
});

it("runs, and says nothing, where Node's permission model forbids it to write", () => {
  const folder = program();
  const isStable = process.allowedNodeEnvironmentFlags.has('--permission');
  const flags = [isStable ? '--permission' : '--experimental-permission', '--allow-fs-read=*', '--no-warnings'];
  expect(runs(folder, { flags })).toEqual(FIRST);
  expect(cached(folder)).toEqual([]);
});

it('runs, and says nothing, where its folder has been deleted meanwhile', () => {
  const folder = program(
    "module.exports = { word: () => (require('node:fs').rmSync(__dirname, { recursive: true }), 'first') };",
  );
  expect(runs(folder)).toEqual(FIRST);
  expect(existsSync(join(folder, 'dist'))).toBe(false);
});

it.each([
  ['another user, as with sudo', 'process.getuid = () => 4242;'],
  ['Bun', "Object.defineProperty(process.versions, 'bun', { value: '1.3.0' });"],
  ['Deno', "Object.defineProperty(process.versions, 'deno', { value: '2.5.0' });"],
  ['Node 20.14, which has no crc32', "Object.defineProperty(process.versions, 'node', { value: '20.14.0' });"],
])('runs, and writes nothing, as %s', (_, setUp) => {
  const folder = program();
  writeFileSync(join(folder, 'set-up.cjs'), setUp);
  expect(runs(folder, { flags: ['--require', join(folder, 'set-up.cjs')] })).toEqual(FIRST);
  expect(cached(folder)).toEqual([]);
});

it('writes nothing with NODE_DISABLE_COMPILE_CACHE', () => {
  const folder = program();
  expect(runs(folder, { env: { NODE_DISABLE_COMPILE_CACHE: '1' } })).toEqual(FIRST);
  expect(cached(folder)).toEqual([]);
});

it('has what require has', () => {
  const parts =
    "[typeof require.resolve('node:fs'), require.resolve.paths('a').length > 0, require.main.filename, !!require.cache]";
  const folder = program(`exports.word = () => ${parts}.join(' ');`);
  expect(runs(folder).stdout).toBe(`string true ${join(folder, 'main.cjs')} true\n`);
});

it('is like require for files that require one another in a circle', () => {
  const folder = program("exports.name = 'later'; exports.word = () => require('./other.cjs').both;");
  writeFileSync(
    join(folder, 'dist/other.cjs'),
    "const later = require('./later.cjs'); exports.both = later.name + ', ' + (require('./later.cjs') === later);",
  );
  expect(runs(folder).stdout).toBe('later, true\n');
});

it('is like require for a file that throws: the error has its place, and the file runs again when it is required again', () => {
  const folder = program(
    `exports.word = () => {
      for (const turn of [1, 2]) try { require('./broken.cjs'); } catch (error) { console.log(error.stack.split('\\n')[1].trim()); }
      return globalThis.count;
    };`,
  );
  writeFileSync(
    join(folder, 'dist/broken.cjs'),
    "globalThis.count = (globalThis.count ?? 0) + 1;\nthrow new Error('broken');",
  );
  const place = `at Object.<anonymous> (${join(folder, 'dist/broken.cjs')}:2:7)`;
  for (const _ of ['compiled', 'from the cache'])
    expect(runs(folder).stdout.split('\n').slice(0, 3)).toEqual([place, place, '2']);
});

it('leaves the modules of Node and packages to require', () => {
  const folder = program("exports.word = () => [require('node:path').sep, require('a-package')].join(' ');");
  const modules = folderWith({ 'a-package/index.js': "module.exports = 'of a package';" });
  expect(runs(folder, { env: { NODE_PATH: modules } }).stdout).toBe('/ of a package\n');
});
