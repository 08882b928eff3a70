import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const files = ['src', 'bin']
  .flatMap((folder) => sourcesOf(folder))
  .map((path) => {
    // Comments may name what code must not.
    const code = readFileSync(join(ROOT, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
    return { path, code, imports: importsOf(path, code) };
  });

/** What the files of a folder may import of crc, as beginnings of paths. Folders that are not named here are free. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/engine/': ['src/engine/'],
  'src/policies/': ['src/policies/'],
  'src/ui/': ['src/ui/', 'src/engine/types.ts', 'src/errors.ts'],
  'src/aws/': ['src/aws/', 'src/engine/types.ts', 'src/errors.ts'],
  'src/package/': ['src/package/', 'src/errors.ts'],
  'src/config/': ['src/config/', 'src/policies/', 'src/aws/names.ts', 'src/errors.ts'],
  'src/sandbox/': ['src/sandbox/', 'src/errors.ts'],
  'src/resources/index.ts': ['src/resources/', 'src/engine/', 'src/config/'],
  'src/resources/': ['src/resources/', 'src/engine/', 'src/policies/', 'src/aws/', 'src/package/', 'src/errors.ts'],
  'src/errors.ts': [],
};

/** Outside code that only some folders may use, by what it is for. */
const ONLY_IN: readonly (readonly [what: string, pattern: RegExp, folders: readonly string[]])[] = [
  ['the AWS SDK', /^@(aws-sdk|smithy)\//, ['src/aws/', 'src/resources/']],
  ['the terminal', /^(ora|picocolors|node:readline)/, ['src/ui/']],
  ['the command line', /^commander$/, ['src/cli.ts']],
  ['the schema', /^zod/, ['src/config/']],
];

describe('the import rules', () => {
  it('see the whole tree', () => {
    const folders = new Set(files.map(({ path }) => `${dirname(path)}/`));
    expect([...folders]).toEqual(expect.arrayContaining(['src/engine/', 'src/policies/', 'src/ui/', 'src/aws/']));
    const commands = files.find(({ path }) => path === 'src/commands/verify.ts');
    expect(commands?.imports).toContain('src/ui/text.ts');
  });

  it.each(Object.entries(MAY_IMPORT))('%s imports only %j of crc', (folder, allowed) => {
    const wrong = files
      .filter(({ path }) => ruleOf(path) === folder)
      .flatMap(({ path, imports }) => imports.filter((one) => isCrc(one)).map((one) => ({ path, imports: one })))
      .filter(({ imports }) => !allowed.some((start) => imports.startsWith(start)));
    expect(wrong).toEqual([]);
  });

  it('keep the engine, the policies and the errors free of anything from outside', () => {
    const outside = files
      .filter(({ path }) => /^src\/(engine|policies)\/|^src\/errors/.test(path))
      .flatMap(({ imports }) => imports.filter((one) => !isCrc(one) && !isBuiltin(one)));
    expect(outside).toEqual([]);
  });

  it.each(ONLY_IN)('%s is used only where it belongs', (_, pattern, folders) => {
    const users = files.filter(({ imports }) => imports.some((one) => pattern.test(one))).map(({ path }) => path);
    expect(users).not.toEqual([]);
    expect(users.filter((path) => !folders.some((folder) => path.startsWith(folder)))).toEqual([]);
  });
});

describe('the code', () => {
  it.each<[what: string, pattern: RegExp, where: RegExp]>([
    ['prints', /process\.std(out|err)|\bconsole\.\w/, /^src\/(engine|policies|resources|aws|package|config)\//],
    ['ends the process itself', /process\.(exit|abort|reallyExit)\s*\(/, /^(src|bin)\//],
    ['makes an AWS client', /\bnew \w+Client\(/, /^src\/(?!aws\/)/],
  ])('nowhere %s where it must not', (_, pattern, where) => {
    const checked = files.filter(({ path }) => where.test(path));
    expect(checked).not.toEqual([]);
    expect(checked.filter(({ code }) => pattern.test(code)).map(({ path }) => path)).toEqual([]);
  });
});

function sourcesOf(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.[jt]s$/.test(name)).map((name) => join(folder, name));
}

/** The most specific rule for a file: one for the file itself comes before its folder's. */
function ruleOf(path: string): string | undefined {
  const rules = Object.keys(MAY_IMPORT).filter((start) => path.startsWith(start));
  return rules.sort((a, b) => b.length - a.length)[0];
}

/** What a file imports, `import type`, `export … from` and `import()` too; files of crc by their path in the project. */
function importsOf(path: string, code: string): readonly string[] {
  const found = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map(([, name = '']) =>
    name.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), name)) : name,
  );
}

function isCrc(name: string): boolean {
  return name.startsWith('src/') || name.startsWith('bin/') || name.startsWith('..');
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}
