import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { invokeLocally } from '../../src/invoke/local.ts';
import type { FunctionPackage } from '../../src/package/package.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';
import { crcErrorOf, nodePackage, type TestPackage } from '../helpers/packages.ts';

const pathsOf = async (pkg: FunctionPackage) => (await pkg.build()).files.map(({ path }) => path).sort();
const BUNDLE = ['index.mjs', 'index.mjs.map'];

/** Runs the built package in Node, without the source files, and returns its answer. */
async function answerOf(pkg: TestPackage): Promise<unknown> {
  const { files } = await pkg.build();
  const { payload, functionError, log } = {
    log: '',
    ...(await invokeLocally(localInvocation({ files, folder: pkg.folder }))),
  } as {
    payload?: string;
    functionError?: string;
    log: string;
  };
  if (payload === undefined || functionError !== undefined) throw new Error(`${payload} ${log}`);
  return JSON.parse(payload);
}

describe('the bundle behaves like the source in Node', () => {
  const library = {
    'node_modules/answer/package.json':
      '{ "name": "answer", "version": "1.0.0", "main": "lib/index.js", "module": "lib/index.mjs" }',
    'node_modules/answer/lib/index.js': "module.exports = () => 'cjs in ' + require('path').basename(__dirname);",
    'node_modules/answer/lib/index.mjs': "export default () => 'esm';",
  };

  it.each([
    ['require', 'index.js', "const answer = require('answer'); exports.handler = async () => answer();"],
    ['import', 'index.mjs', "import answer from 'answer'; export const handler = async () => answer();"],
  ])('prefers main to module for %s, and gives a library its own __dirname', async (_, file, text) => {
    expect(await answerOf(nodePackage({ [file]: text, ...library }))).toBe('cjs in lib');
  });

  it('uses the export conditions of each kind of import, and none for bundlers', async () => {
    const manifest = {
      name: 'dual',
      exports: { module: './module.js', require: './require.cjs', import: './import.mjs' },
    };
    const pkg = nodePackage({
      'index.mjs':
        "import a from 'dual'; import { createRequire } from 'node:module'; import b from './b.cjs'; export const handler = async () => [a, b];",
      'b.cjs': "module.exports = require('dual');",
      'node_modules/dual/package.json': JSON.stringify(manifest),
      'node_modules/dual/module.js': "export default 'module';",
      'node_modules/dual/require.cjs': "module.exports = 'require';",
      'node_modules/dual/import.mjs': "export default 'import';",
    });
    expect(await answerOf(pkg)).toEqual(['import', 'require']);
  });

  it('gives each module its own location: __dirname, __filename, import.meta', async () => {
    const pkg = nodePackage({
      'index.ts':
        "import { a } from './lib/a.mjs';\nimport b from './lib/deep/b.cjs';\nexport const handler = async () => [__filename.endsWith('index.ts'), a, b];\n",
      'lib/a.mjs':
        "import { dirname } from 'node:path';\nimport { fileURLToPath } from 'node:url';\nconst __dirname = dirname(fileURLToPath(import.meta.url));\nexport const a = [__dirname === import.meta.dirname, import.meta.filename.endsWith('lib/a.mjs')];\n",
      'lib/deep/b.cjs':
        "'use strict';\nmodule.exports = require('node:path').relative(require.main?.path ?? '', __dirname).endsWith('deep');\n",
    });
    expect(await answerOf(pkg)).toEqual([true, [true, true], true]);
  });

  it('preserves typeof __dirname, and removes hashbangs', async () => {
    const pkg = nodePackage({
      'index.mjs':
        "#!/usr/bin/env node\nimport x from './x.cjs'; export const handler = async () => [x, typeof import.meta.url];",
      'x.cjs': '#!/usr/bin/env node\nmodule.exports = typeof __dirname;',
    });
    expect(await answerOf(pkg)).toEqual(['string', 'string']);
  });
});

it("bundles packages that Yarn's Plug'n'Play keeps in zips", async () => {
  const zip = (name: string, code: string) =>
    zipSync({
      [`node_modules/${name}/package.json`]: strToU8(JSON.stringify({ name, version: '1.0.0' })),
      [`node_modules/${name}/index.js`]: strToU8(code),
      [`node_modules/${name}/data.txt`]: strToU8('!'),
    });
  const located = (name: string, packageLocation: string, ...needs: string[]) => [
    name,
    [
      [
        '1',
        { packageLocation, packageDependencies: [name, ...needs].map((needed) => [needed, '1']), linkType: 'HARD' },
      ],
    ],
  ];
  const top = {
    packageLocation: './',
    packageDependencies: [
      ['plain', '1'],
      ['peering', '1'],
    ],
    linkType: 'SOFT',
  };
  const pkg = nodePackage({
    'index.js': "exports.handler = async () => [require('plain'), require('peering')];",
    '../yarn.lock': '',
    '../.yarn/cache/plain.zip': zip(
      'plain',
      "module.exports = require('path').basename(__dirname) + require('fs').readFileSync(require('path').join(__dirname, 'data.txt'));",
    ),
    '../.yarn/cache/peering.zip': zip('peering', "module.exports = require('plain') + ' too';"),
    '../.pnp.data.json': JSON.stringify({
      dependencyTreeRoots: [],
      enableTopLevelFallback: true,
      fallbackExclusionList: [],
      fallbackPool: [],
      ignorePatternData: null,
      packageRegistryData: [
        [null, [[null, top]]],
        located('plain', './.yarn/cache/plain.zip/node_modules/plain/'),
        located('peering', './.yarn/__virtual__/peering-abc/0/cache/peering.zip/node_modules/peering/', 'plain'),
      ],
    }),
  });
  expect(await answerOf(pkg)).toEqual(['plain!', 'plain! too']);
});

it('an external package that cannot be read is an error, and not left out', async () => {
  const pkg = nodePackage({ 'index.js': "exports.handler = async () => require('sharp');" }, { external: ['sharp'] });
  mkdirSync(join(pkg.folder, 'node_modules'));
  symlinkSync('sharp', join(pkg.folder, 'node_modules/sharp'));
  await expect(pkg.build()).rejects.toThrow('ELOOP');
});

it("names the setting with which Yarn installs external packages, which Plug'n'Play has in zips", async () => {
  const pkg = nodePackage(
    { 'index.js': "exports.handler = async () => require('sharp');", '../.pnp.cjs': '' },
    { external: ['sharp'] },
  );
  expect((await pkg.build()).warnings[0]).toBe(
    'sharp is "external" and not in node_modules, so it is not in the package: write `nodeLinker: node-modules` in .yarnrc.yml and run `yarn install`',
  );
});

describe('files that the function reads', () => {
  it('next to itself are in the package', async () => {
    const pkg = nodePackage({
      'index.mjs':
        "import { readFileSync } from 'node:fs';\nexport const handler = async () => ({ statusCode: 200, body: readFileSync(new URL('./page.html', import.meta.url), 'utf8') });\n",
      'page.html': '<p>hello</p>\n',
    });
    expect(await pathsOf(pkg)).toEqual([...BUNDLE, 'page.html']);
    expect(await answerOf(pkg)).toEqual({ statusCode: 200, body: '<p>hello</p>\n' });
  });

  it('next to a module in a folder, by __dirname, and next to a library', async () => {
    const pkg = nodePackage({
      'index.js':
        "const fs = require('fs'), path = require('path'); exports.handler = async () => [require('./lib/a'), require('data'), fs.existsSync(path.join(__dirname, 'lib', 'words.txt'))];",
      'lib/a.js': "module.exports = require('fs').readFileSync(require('path').join(__dirname, 'words.txt'), 'utf8');",
      'lib/words.txt': 'own',
      'node_modules/data/index.js':
        "module.exports = require('fs').readFileSync(require('path').resolve(__dirname, './d', 'data.txt'), 'utf8');",
      'node_modules/data/d/data.txt': 'of a library',
    });
    expect(await pathsOf(pkg)).toEqual([...BUNDLE, 'lib/words.txt', 'node_modules/data/d/data.txt']);
    expect(await answerOf(pkg)).toEqual(['own', 'of a library', true]);
  });

  it('next to a library, are left out if it has none: no file, a folder, a name that cannot be one', async () => {
    const names = ['none.txt', 'none/a.txt', 'index.js/a.txt', 'folder', `${'a'.repeat(300)}.txt`, 'null\0byte.txt'];
    const pkg = nodePackage({
      'index.js': "require('data'); exports.handler = async () => 1;",
      'node_modules/data/index.js': names.map((name) => `__dirname + '/${name}';`).join('\n'),
      'node_modules/data/folder/a.txt': 'a',
    });
    expect(await pathsOf(pkg)).toEqual(BUNDLE);
  });

  it('next to a library, is an error if it cannot be read, and not left out', async () => {
    const pkg = nodePackage({
      'index.js': "require('data'); exports.handler = async () => 1;",
      'node_modules/data/index.js': "require('fs').readFileSync(__dirname + '/data.txt'); __dirname + '/none.txt';",
    });
    symlinkSync('data.txt', join(pkg.folder, 'node_modules/data/data.txt'));
    expect((await crcErrorOf(pkg.build())).message).toMatch(/data\.txt cannot be read: its symbolic links/);
  });

  it.each([
    ["fs.readFileSync(__dirname + '/words.txt', 'utf8')", ['words.txt'], 'w'],
    ['fs.readFileSync(`${__dirname}/lib/words.txt`, "utf8")', ['lib/words.txt'], 'l'],
    ["fs.readdirSync(path.join(__dirname, 'lib')).join()", ['lib/app.js', 'lib/words.txt'], 'app.js,words.txt'],
    ["fs.readFileSync(__dirname + '/lib/' + 'words.txt', 'utf8')", ['lib/app.js', 'lib/words.txt'], 'l'],
    ["path.relative(process.cwd(), __dirname) + __dirname.endsWith('/')", [], 'false'],
  ])('by other expressions, and whole folders: %s', async (expression, paths, answer) => {
    const pkg = nodePackage({
      'index.js': `const fs = require('fs'), path = require('path'); exports.handler = async () => ${expression};`,
      'words.txt': 'w',
      'lib/words.txt': 'l',
      'lib/app.js': '1;',
    });
    expect(await pathsOf(pkg)).toEqual([...BUNDLE, ...paths]);
    expect(await answerOf(pkg)).toBe(answer);
  });

  it('elsewhere are packaged if the config includes them, and are listed otherwise', async () => {
    const files = {
      'index.js': "exports.handler = async () => require('fs').readFileSync(__dirname + ['/words.txt'], 'utf8');",
      'words.txt': 'w',
      'templates/a/b.html': 'b',
      'templates/c.txt': 'c',
      'README.md': 'words.txt',
    };
    const withoutInclude = await nodePackage(files).build();
    expect(withoutInclude.warnings).toEqual([
      'the code names words.txt, which is not in the package; if it reads it at run time, write "include": ["words.txt"] in the config',
    ]);
    const pkg = nodePackage(files, { include: ['./words.txt', 'templates/**/*.html'] });
    expect((await pkg.build()).warnings).toEqual([]);
    expect(await pathsOf(pkg)).toEqual([...BUNDLE, 'templates/a/b.html', 'words.txt']);
    expect(await answerOf(pkg)).toBe('w');
    expect(await pkg.hash()).not.toBe(await pkg.again({ include: ['words.txt'] }).hash());
  });

  it.each([
    ["fs.readFileSync('notes.md')", ['notes.md']],
    ["fs.readFileSync('./data/api.yaml')", ['data/api.yaml']],
    ["fs.readFileSync('package.json')", ['package.json']],
    ["JSON.parse(fs.readFileSync(process.env.LAMBDA_TASK_ROOT + '/package.json'))", ['package.json']],
    ["fs.readFileSync(path.join(here(), 'pages', lang, name))", ['pages/**']],
    ["fs.readFileSync(path.join(path.dirname(here()), 'pages/de', name))", ['pages/**']],
    ["fs.readFileSync('./pages/' + name)", ['pages/**']],
    ['fs.readFileSync(`pages/${name}`)', ['pages/**']],
    ["fs.readdirSync('pages')", ['pages/**']],
    ['fs.readFileSync(`${here()}/pages/${name}`)', ['pages/**']],
    ["event.path.startsWith('/pages/') && fetch(new URL('https://example.com/pages/' + name))", []],
    ["fs.writeFileSync(path.join(require('os').tmpdir(), 'pages', name), lang)", []],
    ["fs.writeFileSync(path.join('/tmp', 'pages', name), lang)", []],
    ["new Promise((resolve) => resolve(event['pages']))", []],
    ['1 // See notes.md and package.json, about pages.', []],
  ])('that a path names only in part are listed, by file or folder: %s', async (expression, lacking) => {
    const { warnings } = await nodePackage({
      'index.js': `const fs = require('fs'), path = require('path'), here = () => '/', name = '', lang = '';
exports.handler = async (event) => ${expression}
`,
      ...{ 'notes.md': 'n', 'data/api.yaml': 'a', 'package.json': '{}', 'pages/de/a.html': 'a', 'pages/b.html': 'b' },
    }).build();
    const listed = warnings.filter((warning) => warning.startsWith('the code names'));
    expect(listed.map((warning) => /"include": (.*) in the config/.exec(warning)?.[1])).toEqual(
      lacking.length === 0 ? [] : [JSON.stringify(lacking)],
    );
  });

  it('that the bundler has are listed up to twenty', async () => {
    const keys = Array.from({ length: 25 }, () => 'a: 1').join(', ');
    const { warnings } = await nodePackage({
      'index.js': `const data = { ${keys} };\nexports.handler = async () => data;\n`,
    }).build();
    expect(warnings).toHaveLength(21);
    expect(warnings[0]).toMatch(/index\.js:1:\d+: Duplicate key "a" in object literal/);
    expect(warnings.at(-1)).toMatch(/^the bundler has 4 more warnings about /);
  });

  it.each([
    ['page.htm', {}, /Did you mean page\.html\?/],
    ['nowhere/**', {}, /relative to "source"/],
    ['.env', { '.env': 'S=1' }, /never packaged/],
    ['lib', { 'lib/prod.tfvars': 's' }, /never packaged/],
  ])('%s in "include" that matches nothing is refused', async (pattern, files, hint) => {
    const pkg = nodePackage(
      { 'index.js': 'exports.handler = () => 1;', 'page.html': 'x', ...files },
      { include: [pattern] },
    );
    const problem = await crcErrorOf(pkg.build());
    expect(problem.message).toContain(`"include" names ${pattern}`);
    expect(problem.hint).toMatch(hint);
  });

  it('are not those of tests, tools and libraries that only a wildcard selects', async () => {
    const files = {
      'index.js': 'exports.handler = () => 1;',
      'a.json': '{}',
      'lib/b.json': '{}',
      'tests/c.json': '{}',
      'd.test.json': '{}',
      'node_modules/e/package.json': '{}',
      'node_modules/e/deep/f.json': '{}',
    };
    const withAll = nodePackage(files, { include: ['**/*.json'] });
    expect(await pathsOf(withAll)).toEqual(['a.json', ...BUNDLE, 'lib/b.json']);
    const named = nodePackage(files, { include: ['node_modules/e/**', 'd.test.json', 'lib/*'] });
    expect(await pathsOf(named)).toEqual([
      'd.test.json',
      ...BUNDLE,
      'lib/b.json',
      'node_modules/e/deep/f.json',
      'node_modules/e/package.json',
    ]);
    for (const pattern of ['*/c.json', '*.test.json']) {
      const { hint } = await crcErrorOf(nodePackage(files, { include: [pattern] }).build());
      expect(hint).toContain('A wildcard selects no tests');
    }
  });

  it('are never the source of the handler, which Lambda prefers to the bundle', async () => {
    const files = { 'index.js': "exports.handler = async () => require('./lib');", 'lib.js': 'module.exports = 1;' };
    expect(await pathsOf(nodePackage(files, { include: ['**'] }))).toEqual([...BUNDLE, 'lib.js']);
    const folder = nodePackage({ ...files, 'index/page.html': '' }, { include: ['index'] });
    expect((await folder.build()).warnings).toEqual([
      'Lambda would load the folder index in the package instead of index.mjs: rename one of them',
    ]);
  });

  it('restores test and tool files, but no secrets', async () => {
    const pkg = nodePackage(
      {
        'index.js': 'exports.handler = () => 1;',
        'tests/data.json': '{}',
        'tests/other.json': '{}',
        'tests/.env': 's',
      },
      { include: ['tests/data.json'] },
    );
    expect(await pathsOf(pkg)).toEqual([...BUNDLE, 'tests/data.json']);
    const withFolder = nodePackage(
      { 'index.js': 'exports.handler = () => 1;', 'tests/a.json': '{}', 'tests/.env': 's' },
      { include: ['tests'] },
    );
    expect(await pathsOf(withFolder)).toEqual([...BUNDLE, 'tests/a.json']);
  });

  it('in the code that are never packaged are listed', async () => {
    const pkg = nodePackage({
      'index.mjs': "export const handler = async () => new URL('./gone.html', import.meta.url).href;",
    });
    expect((await pkg.build()).warnings).toEqual([
      'fn/index.mjs reads gone.html, which is not in fn or is never packaged',
    ]);
  });
});

describe('a module that is chosen at run time', () => {
  const files = { 'routes/visits.js': 'exports.total = 7;', 'package.json': '{"type":"commonjs"}' };
  const choosing = (path: string) => ({
    'index.js': `exports.handler = async ({ name }) => require(${path}).total;`,
    ...files,
  });

  it('by a path with its extension is in the bundle', async () => {
    const pkg = nodePackage(choosing("'./routes/' + (name || 'visits') + '.js'"));
    expect((await pkg.build()).warnings).toEqual([]);
    expect(await answerOf(pkg)).toBe(7);
  });

  it.each(["'./routes/' + (name || 'visits')", '`./routes/${name || "visits"}`'])(
    'by a path without its extension is not found there: %s',
    async (path) => {
      const pkg = nodePackage(choosing(path));
      expect((await pkg.build()).warnings).toEqual([
        "fn/index.js chooses a module at run time, with require('./routes/' + …): in the package it is only found by its whole name; end the path with the extension that the file has in the source",
      ]);
      await expect(answerOf(pkg)).rejects.toThrow('Module not found in bundle: ./routes/visits');
    },
  );
});

describe('a worker, which is a file of its own', () => {
  const BESIDE = "new URL('./lib/worker.js', import.meta.url)";
  const starts = (started: string) =>
    `import { Worker } from 'node:worker_threads'; export const handler = async () => new Promise((done) => new Worker(${started}).on('message', done));`;
  const worker =
    "import { n } from './n.js'; import { parentPort } from 'node:worker_threads'; parentPort.postMessage(n);";
  const files = { 'lib/worker.js': worker, 'lib/n.js': 'export const n = 7;' };
  const warningsOf = async (...given: Parameters<typeof nodePackage>) => (await nodePackage(...given).build()).warnings;
  const lacks = (names: string, changes: string, from = 'index.mjs') =>
    `fn/${from} starts lib/worker.js, which is not part of the bundle: ${names} would be missing at run time; write ${changes} in the config`;

  it('needs what it imports in the package', async () => {
    const code = { 'index.mjs': starts(BESIDE), ...files };
    expect(await warningsOf(code)).toEqual([lacks('lib/n.js', '"include": ["lib/n.js"]')]);
    const complete = nodePackage(code, { include: ['lib/n.js'] });
    expect((await complete.build()).warnings).toEqual([]);
    expect(await answerOf(complete)).toBe(7);
  });

  it('needs packages next to it', async () => {
    const code = {
      'index.mjs': starts(BESIDE),
      'lib/worker.js': "import geo from 'geo/x'; import '@aws-sdk/client-s3'; import 'fs';",
      'node_modules/geo/package.json': '{"name":"geo","version":"2.0.0"}',
      'node_modules/geo/x.js': 'module.exports = 1;',
      'package-lock.json': '{}',
    };
    expect(await warningsOf(code)).toEqual([lacks('geo', '"external": ["geo"]')]);
    expect(await warningsOf(code, { external: ['geo'] })).toEqual([]);
  });

  it.each(["'./lib/worker.js'", "'lib/worker.js'"])(
    'needs its own file in the package if it is started as %s',
    async (started) => {
      expect(await warningsOf({ 'index.mjs': starts(started), ...files })).toEqual([
        lacks('lib/worker.js, lib/n.js', '"include": ["lib/worker.js","lib/n.js"]'),
      ]);
      expect(await warningsOf({ 'index.mjs': starts(started), ...files }, { include: ['lib'] })).toEqual([]);
    },
  );

  it('is also a child process, below the folder of its module', async () => {
    const code = {
      'index.js': "exports.handler = require('./src/start.js');",
      'src/start.js':
        "const { fork } = require('child_process'); const { join } = require('path'); module.exports = async () => void fork(join(__dirname, 'job.js'), ['a']);",
      'src/job.js': "require('./more.cjs');",
      'src/more.cjs': '',
    };
    expect(await warningsOf(code)).toEqual([
      'fn/src/start.js starts src/job.js, which is not part of the bundle: src/more.cjs would be missing at run time; write "include": ["src/more.cjs"] in the config',
    ]);
  });

  it('must be JavaScript where Node.js does not remove types', async () => {
    const code = { 'index.mjs': starts("new URL('./w.ts', import.meta.url)"), 'w.ts': 'let a: number = 1;' };
    const compiled =
      'fn/index.mjs starts w.ts, which is not part of the bundle and is not compiled: write it in JavaScript';
    expect(await warningsOf(code, { runtime: 'nodejs20.x' })).toEqual([compiled]);
    expect(await warningsOf(code)).toEqual([]);
    const withJsx = { 'index.mjs': starts("new URL('./w.jsx', import.meta.url)"), 'w.jsx': '<a />;' };
    expect(await warningsOf(withJsx)).toEqual([compiled.replace('w.ts', 'w.jsx')]);
  });
});

describe('external packages', () => {
  const files = {
    'index.js':
      "let pg = 'none'; try { pg = require('pg-native'); } catch {} exports.handler = async () => [require('geo')('x'), pg];",
    'node_modules/geo/package.json':
      '{"name":"geo","version":"2.0.0","dependencies":{"dep":"1"},"peerDependencies":{"react":"1"},"peerDependenciesMeta":{"react":{"optional":true}}}',
    'node_modules/geo/index.js':
      "const d = require('dep'); module.exports = (x) => require('fs').readFileSync(__dirname + '/data/' + x, 'utf8') + d;",
    'node_modules/geo/data/x': 'data',
    'node_modules/geo/.env': 'never',
    'node_modules/geo/node_modules/dep/package.json': '{"name":"dep","version":"1.0.0","dependencies":{"deep":"1"}}',
    'node_modules/geo/node_modules/dep/index.js': "module.exports = '1' + require('deep');",
    'node_modules/dep/package.json': '{"name":"dep","version":"2.0.0"}',
    'node_modules/dep/index.js': "module.exports = '2';",
    'node_modules/deep/index.js': "module.exports = 'deep';",
    'node_modules/react/index.js': '',
  };

  it('are copied with their dependencies, as Node finds them, and left out if not installed', async () => {
    const pkg = nodePackage(files, { external: ['geo', 'pg-native', 'dep'] });
    expect(await pathsOf(pkg)).toEqual([
      ...BUNDLE,
      'node_modules/deep/index.js',
      'node_modules/dep/index.js',
      'node_modules/dep/package.json',
      'node_modules/geo/data/x',
      'node_modules/geo/index.js',
      'node_modules/geo/node_modules/dep/index.js',
      'node_modules/geo/node_modules/dep/package.json',
      'node_modules/geo/package.json',
    ]);
    expect((await pkg.build()).warnings).toContain(
      'pg-native is "external" and not installed, so it is not in the package',
    );
    expect(await answerOf(pkg)).toEqual(['data1deep', 'none']);
  });

  it('are part of the hash', async () => {
    const pkg = nodePackage(files, { external: ['geo'] });
    expect(await pkg.hash()).not.toBe(await pkg.again({ external: [] }).hash());
  });
});

describe('hints', () => {
  const HANDLER = 'exports.handler = async () => 1;';
  const hintOf = async (files: Readonly<Record<string, string>>) => {
    const { hint, alternatives } = await crcErrorOf(nodePackage(files).build());
    return [hint, ...alternatives].join('\n');
  };

  it('suggest "external" for optional drivers of a library, and no packages to install', async () => {
    const hint = await hintOf({
      'index.js': `require('knex'); ${HANDLER}`,
      'node_modules/knex/package.json':
        '{"name":"knex","peerDependenciesMeta":{"mysql":{"optional":true}},"peerDependencies":{"mysql":"1"}}',
      'node_modules/knex/index.js': "exports.a = () => require('mysql'); exports.b = () => require('oracledb/lib/x');",
    });
    expect(hint).toContain('"external": ["mysql","oracledb"]');
    expect(hint).not.toContain('npm install');
  });

  it('advise nothing about a library whose package.json cannot be read', async () => {
    const files = { 'index.js': `require('a'); ${HANDLER}`, 'node_modules/a/index.js': "require('b')" };
    const pkg = nodePackage(files);
    symlinkSync('package.json', join(pkg.folder, 'node_modules/a/package.json'));
    await expect(pkg.build()).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it.each([
    [
      'required dependencies of a library',
      {
        'node_modules/a/package.json': '{"name":"a","dependencies":{"b":"1"}}',
        'node_modules/a/index.js': "require('b')",
      },
      "require('a')",
      /npm install b`/,
    ],
    ['a path alias', {}, "require('@/lib/n')", /Define the alias of @\/lib\/n under "paths"/],
    ['a different path alias', {}, "require('~/n')", /Define the alias of ~\/n/],
    [
      'a page',
      { 'page.html': '<p>' },
      "require('./page.html')",
      /readFileSync\(new URL\("\.\/page\.html", import\.meta\.url\)\)/,
    ],
    [
      'a program of a library',
      { 'node_modules/sharp/index.js': "require('./x.node')", 'node_modules/sharp/x.node': '' },
      "require('sharp')",
      /"external": \["sharp"\]/,
    ],
    ['a package', {}, "require('left-pad')", /npm install left-pad`/],
    [
      'aws-sdk v2',
      {},
      "require('aws-sdk/clients/dynamodb')",
      /^Import the AWS SDK v3, .* or install the missing packages: `npm install aws-sdk`/,
    ],
  ])('explain what to do about %s', async (_, files, text, hint) => {
    expect(await hintOf({ 'index.js': `${text}; ${HANDLER}`, ...files })).toMatch(hint);
  });

  it('say that a streamed response is not supported', async () => {
    const text = 'exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end());';
    const { warnings } = await nodePackage({ 'index.js': text }).build();
    expect(warnings).toEqual([expect.stringMatching(/^fn\/index\.js streams the response, .* not support/)]);
  });

  it('say that aws-sdk v2 is not for new functions', async () => {
    const { warnings } = await nodePackage({
      'index.js': `require('aws-sdk'); ${HANDLER}`,
      'package-lock.json': '{}',
      'node_modules/aws-sdk/index.js': '',
    }).build();
    expect(warnings).toEqual([expect.stringMatching(/^aws-sdk v2 is bundled: .*v3/)]);
  });
});

describe('the export of CommonJS', () => {
  it.each([
    ['exports.handlr = 1;', 'It exports "handlr". Rename it, or fix "handler" in the config.'],
    [
      'module.exports = { run: 1 };',
      'Add `exports.handler = async (event) => {…};` there, or fix "handler" in the config.',
    ],
    [
      'Object.defineProperty(exports, "__esModule", { value: true }); exports.main = exports.run = void 0;',
      expect.any(String),
    ],
  ])('is checked before deployment: %s', async (text, hint) => {
    const problem = await crcErrorOf(nodePackage({ 'index.cjs': text }).build());
    expect(problem.message).toBe('fn/index.cjs does not export "handler", the name in "handler".');
    expect(problem.hint).toEqual(hint);
  });

  it.each([
    'exports.handler = 1;',
    'exports["handler"] = 1;',
    'module.exports.handler = 1;',
    'module.exports = { handler() {} };',
    'const handler = 1; module.exports = { handler };',
    'module.exports = exports = { handler: 1 };',
    'exports.a = 1; exports.handler = exports.a;',
    'exports.a = 1; Object.assign(exports, { handler: 1 });',
    'module.exports = require("./lib");',
    'module.exports = { ...require("./lib") };',
    'for (const name of ["handler"]) exports[name] = 1;',
    'exports.a = 1; (function (e) { e.handler = 1; })(module.exports);',
    'Object.defineProperty(exports, "handler", { get: () => 1 });',
  ])('is accepted: %s', async (text) => {
    await nodePackage({ 'index.cjs': text, 'lib.js': 'exports.handler = 1;' }).build();
  });
});

describe('the source map', () => {
  it('maps to the lines of the source, with lines before the bundle and a handler in a folder', async () => {
    const text = `import { join } from 'node:path';\n// ${'x'.repeat(10)}\nexport const handler = async () => {\n  const here = join(__dirname, 'a');\n  throw new Error(here);\n};\n`;
    const pkg = nodePackage(
      {
        'src/index.ts': text,
        'node_modules/lib/index.js': 'exports.x = 1;',
      },
      { handler: 'src/index.handler' },
    );
    const { files } = await pkg.build();
    const textAt = (path: string) => Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString();
    const lines = textAt('src/index.mjs').split('\n');
    const line = lines.findIndex((text) => text.includes('throw new Error'));
    const map = new SourceMap(JSON.parse(textAt('src/index.mjs.map')));
    expect(map.findEntry(line, (lines[line] ?? '').indexOf('throw'))).toMatchObject({
      originalSource: 'index.ts',
      originalLine: 4,
    });
    expect(map.payload.sourcesContent).toContain(text);
  });

  it('contains no library code, which would be most of the package', async () => {
    const pkg = nodePackage({
      'index.js': "exports.handler = () => require('lib');",
      'node_modules/lib/index.js': '/* long comment */ module.exports = 1;',
    });
    const { files } = await pkg.build();
    const map = Buffer.from(files.find(({ path }) => path.endsWith('.map'))?.bytes ?? []).toString();
    expect(map).not.toContain('long comment');
    expect(map).toContain('node_modules/lib/index.js');
  });
});

it('the package is the same, wherever the package manager keeps the libraries', async () => {
  const text = "import lib from 'lib'; export const handler = async () => lib;";
  const library = {
    'lib/package.json': '{ "name": "lib", "version": "1.0.0", "main": "main.js" }',
    'lib/main.js': "module.exports = [require('esm').x, require('path').basename(__dirname)];",
    'esm/package.json': '{ "name": "esm", "version": "1.0.0", "type": "module", "exports": "./esm.js" }',
    'esm/esm.js': 'export const x = 1;',
  };
  const kept = (folder: string) =>
    Object.fromEntries(Object.entries(library).map(([path, content]) => [`${folder}/${path}`, content]));
  const installed = nodePackage({ 'index.mjs': text, ...kept('node_modules') });
  // As pnpm and Bun link packages from a store, which can be in the home directory, and Yarn has them in its cache.
  const store = folderWith(kept('.home-of-alice/store/node_modules'));
  const linked = nodePackage({ 'index.mjs': text });
  symlinkSync(join(store, '.home-of-alice/store/node_modules'), join(linked.folder, 'node_modules'));
  const builds = await Promise.all([installed.build(), linked.build()]);
  expect(await answerOf(linked)).toEqual([1, 'lib']);
  expect(builds.map(({ files }) => files.map(({ bytes }) => Buffer.from(bytes).toString())).join()).not.toContain(
    'alice',
  );
  expect(builds[1]?.sha256).toBe(builds[0]?.sha256);
});

it('only names of modules are replaced, not a text of the function that is like one', async () => {
  const pkg = nodePackage({
    'index.mjs':
      'import lib from \'lib\';\nexport const handler = async () => [lib, `\n// ../node_modules/x/node_modules/y\n  "a/node_modules/b"(`];',
    'node_modules/lib/index.js': 'module.exports = 1;',
  });
  expect(await answerOf(pkg)).toEqual([1, '\n// ../node_modules/x/node_modules/y\n  "a/node_modules/b"(']);
});

it('the package is the same, wherever the project is', async () => {
  const files = {
    'index.js': "exports.handler = () => [__dirname, require('lib')];",
    'node_modules/lib/index.js': 'module.exports = __filename;',
  };
  const pkg = nodePackage(files);
  const { sha256 } = await pkg.build();
  const moved = `${pkg.root}-moved`;
  renameSync(pkg.root, moved);
  expect((await pkg.again({ root: moved }).build()).sha256).toBe(sha256);
  expect(readFileSync(join(moved, 'fn/index.js'), 'utf8')).toBe(files['index.js']);
});
