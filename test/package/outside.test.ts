import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../helpers/folder.ts';
import { crcErrorOf, packageIn } from '../helpers/packages.ts';

const FUNCTION = 'export const handler = async () => ({ statusCode: 200, body: value });\n';

/** A repository with a config in `infra` and a function in `infra/fn`. */
function inRepository(files: Readonly<Record<string, string>>) {
  const repository = folderWith(files);
  const pkg = packageIn(join(repository, 'infra'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  };
  const codeOf = async () =>
    Buffer.from((await pkg.build()).files.find(({ path }) => path === 'index.mjs')?.bytes ?? []).toString();
  /** Changes the value in a file, which changes the hash and the code. */
  const expectInHash = async (path: string) => {
    const before = await pkg.hash();
    expect(await codeOf()).toContain('value = 1');
    write(path, 'export const value = 2;\n');
    expect(await pkg.hash()).not.toBe(before);
    expect(await codeOf()).toContain('value = 2');
  };
  return { ...pkg, repository, write, codeOf, expectInHash };
}

const ALIASED = {
  'infra/fn/index.ts': `import { value } from 'lib';\n${FUNCTION}`,
  'infra/fn/tsconfig.json': '{ "extends": "../../tsconfig.base.json" }',
  'tsconfig.base.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "lib": ["./lib-a.ts"] } } } // why',
  'lib-a.ts': "export const value = 'a';\n",
  'lib-b.ts': "export const value = 'b';\n",
};

describe('the hash of the source covers what is outside the folder', () => {
  it('extended tsconfigs, and the files that they map to', async () => {
    const { hash, write, codeOf } = inRepository(ALIASED);
    const hashes = [await hash()];
    expect(await codeOf()).toContain('"a"');
    write('lib-a.ts', "export const value = 'a2';\n");
    hashes.push(await hash());
    write('tsconfig.base.json', ALIASED['tsconfig.base.json'].replace('lib-a', 'lib-b'));
    hashes.push(await hash());
    expect(await codeOf()).toContain('"b"');
    expect(new Set(hashes).size).toBe(3);
    write('lib-a.ts', 'export const value = 1;\n');
    expect(await hash()).toBe(hashes[2]);
  });

  it.each([
    ['a tsconfig in a parent folder', 'tsconfig.json', '{"compilerOptions":{"experimentalDecorators":true}}'],
    ['a lock file at the root of the repository', 'package-lock.json', '{}'],
    ['a lock file of pnpm', 'pnpm-lock.yaml', 'a: 1'],
    ['a package.json above', 'package.json', '{"sideEffects":false}'],
  ])('%s', async (_, file, text) => {
    const { hash, write } = inRepository({ 'infra/fn/index.ts': FUNCTION.replace('value', '1') });
    const before = await hash();
    write(file, text);
    expect(await hash()).not.toBe(before);
  });

  it('except what the bundler ignores, and what is above the repository', async () => {
    const { hash, write, repository } = inRepository({
      'home/infra/fn/index.ts': FUNCTION,
      'infra/fn/index.ts': FUNCTION.replace('value', '1'),
      'package.json': '{"type":"module","scripts":{}}',
    });
    const before = await hash();
    write('package.json', '{"type":"module","scripts":{"test":"vitest"},"version":"2.0.0"}');
    expect(await hash()).toBe(before);
    mkdirSync(join(repository, 'home/.git'));
    const home = packageIn(join(repository, 'home/infra'));
    const inHome = await home.hash();
    for (const name of ['package-lock.json', 'tsconfig.json', 'package.json']) write(name, '{}');
    expect(await home.hash()).toBe(inHome);
  });

  it('imported files, and what they import', async () => {
    const { expectInHash } = inRepository({
      'infra/fn/index.ts': `import { value } from '../../shared/a.js';\n${FUNCTION}`,
      'shared/a.ts': "export { value } from './deep/b';\n",
      'shared/deep/b.ts': 'export const value = 1;\n',
    });
    await expectInHash('shared/deep/b.ts');
  });

  it.each([
    [
      'aliases relative to the folder that extends them',
      '@shared/a',
      {
        'base/deep/tsconfig.json': '{"compilerOptions":{"paths":{"@shared/*":["${configDir}/../../shared/*"]}}}',
        'infra/fn/tsconfig.json': '{"extends":"../../base/deep/tsconfig.json"}',
      },
    ],
    ['imports of the nearest package.json', '#a', { 'package.json': '{"imports":{"#a":"./shared/a.ts"}}' }],
    [
      'imports with a pattern and conditions',
      '#shared/a',
      { 'package.json': '{"imports":{"#shared/*":{"node":["./shared/*.ts"],"default":"./other/*.ts"}}}' },
    ],
  ])('files behind %s', async (_, specifier, files) => {
    const { expectInHash } = inRepository({
      ...files,
      'infra/fn/index.ts': `import { value } from '${specifier}';\n${FUNCTION}`,
      'shared/a.ts': 'export const value = 1;\n',
    });
    await expectInHash('shared/a.ts');
  });

  it.each([
    ['npm', { 'package.json': '{"workspaces":["packages/*"]}' }],
    ['yarn', { 'package.json': '{"workspaces":{"packages":["./packages/**"]}}' }],
    ['pnpm', { 'package.json': '{}', 'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n" }],
    ['a link', { 'infra/package.json': '{"dependencies":{"@acme/lib":"file:../packages/lib"}}' }],
  ])('packages of the repository itself: workspaces of %s, installed or not', async (_, files) => {
    const { hash, write, codeOf, repository } = inRepository({
      ...files,
      'infra/fn/index.ts': `import { value } from '@acme/lib';\n${FUNCTION}`,
      'packages/lib/package.json': '{"name":"@acme/lib","main":"src/index.ts","sideEffects":false}',
      'packages/lib/src/index.ts': 'export const value = 1;\n',
      'packages/other/package.json': '{"name":"other"}',
    });
    const before = await hash();
    mkdirSync(join(repository, 'node_modules/@acme'), { recursive: true });
    symlinkSync('../../packages/lib', join(repository, 'node_modules/@acme/lib'));
    expect(await hash()).toBe(before);
    expect(await codeOf()).toContain('value = 1');
    write('packages/other/package.json', '{"name":"other","main":"x"}');
    expect(await hash()).toBe(before);
    write('packages/lib/src/index.ts', 'export const value = 2;\n');
    expect(await hash()).not.toBe(before);
    const changed = await hash();
    write('packages/lib/package.json', '{"name":"@acme/lib","main":"src/index.ts","sideEffects":true}');
    expect(await hash()).not.toBe(changed);
  });

  it('says which list of workspaces is not YAML, and quotes nothing of it', async () => {
    const { hash } = inRepository({
      'pnpm-workspace.yaml': 'packages: [ hunter2\n',
      'infra/fn/index.ts': `import { value } from '@acme/lib';\n${FUNCTION}`,
    });
    const { message } = await crcErrorOf(hash());
    expect(message).toMatch(/pnpm-workspace\.yaml is not valid YAML\.$/);
    expect(message).not.toContain('hunter2');
  });

  it('and the build rejects what it does not cover', async () => {
    // The bundler resolves an escaped path, but crc's search does not find it.
    const { build } = inRepository({
      'infra/fn/index.ts': "import { value } from '../../\\u0073hared';\nexport const handler = () => value;\n",
      'shared.ts': 'export const value = 1;\n',
    });
    expect((await crcErrorOf(build())).message).toMatch(
      /imports \.\.\/\.\.\/shared\.ts from outside its source folder fn/,
    );
  });

  it('and imports cannot add secrets', async () => {
    const { build } = inRepository({
      'infra/fn/index.ts': "import value from '../../credentials.json';\nexport const handler = () => value;\n",
      'credentials.json': '{"key":"x"}',
    });
    const { message, hint } = await crcErrorOf(build());
    expect(message).toBe('The function imports ../../credentials.json, which is never packaged.');
    expect(hint).toContain('"environment"');
  });
});

describe('a tsconfig in a parent folder', () => {
  it('is applied: decorators', async () => {
    const pkg = inRepository({
      'infra/fn/index.ts':
        'function count(target: object, name: string, found: PropertyDescriptor) { found.value = () => name; }\nclass A { @count run() { return ""; } }\nexport const handler = async () => new A().run();\n',
      'tsconfig.json': '{"compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":true}}',
    });
    expect(await pkg.codeOf()).toContain('__decorateClass');
    expect((await pkg.build()).warnings).toEqual([expect.stringMatching(/^emitDecoratorMetadata is set, but esbuild/)]);
  });

  it('may be circular, or missing', async () => {
    const { hash, write, repository } = inRepository({
      'infra/fn/index.ts': FUNCTION,
      'infra/fn/tsconfig.json': '{"extends":["../a","@tsconfig/node22/tsconfig.json","../gone.json"]}',
      'infra/a.json': '{"extends":"./fn/tsconfig.json"}',
    });
    const before = await hash();
    write('infra/a.json', '{"extends":"./fn/tsconfig.json", "compilerOptions":{}}');
    expect(await hash()).not.toBe(before);
    const other = await hash();
    write('node_modules/@tsconfig/node22/tsconfig.json', '{}');
    expect(await hash()).toBe(other);
    rmSync(join(repository, 'infra/a.json'));
    expect(await hash()).not.toBe(other);
  });
});

it.each([
  ['bun@1.4.5', 'bun.lock'],
  ['pnpm@10.4.1', 'pnpm-lock.yaml'],
  ['yarn@4.9.2', 'yarn.lock'],
])('names the lock file of %s if nothing pins the bundled packages', async (packageManager, lock) => {
  const pkg = inRepository({
    'infra/fn/index.mjs': "import x from 'pkg'; export const handler = () => x;\n",
    'package.json': JSON.stringify({ packageManager }),
    'node_modules/pkg/index.js': 'module.exports = 1;',
  });
  expect((await pkg.build()).warnings).toEqual([expect.stringMatching(`; commit ${lock}$`)]);
});

it('warns if nothing pins the bundled packages', async () => {
  const files = {
    'infra/fn/index.js': "import x from 'pkg'; export const handler = () => x;\n",
    'infra/package.json': '{"type":"module"}',
    'node_modules/pkg/index.js': 'module.exports = 1;',
  };
  const pkg = inRepository(files);
  expect((await pkg.build()).warnings).toEqual([
    expect.stringMatching(/^no lock file pins pkg, .*when it changes; commit package-lock\.json/),
  ]);
  pkg.write('package-lock.json', '{}');
  expect((await pkg.build()).warnings).toEqual([]);
});
