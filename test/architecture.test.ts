import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

/** Files that every folder may import. They contain basic helpers and import nothing else of crc. */
const BASIC_FILES = [
  'json.ts',
  'parsed-json.ts',
  'counted.ts',
  'decoded.ts',
  'enumerated.ts',
  'environment.ts',
  'group-by.ts',
  'literal.ts',
  'regular-file.ts',
  'slashes.ts',
];

/** Other imports that a folder may have, as path prefixes. With `type`, only types. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  policies: ['type engine/types.ts'],
  aws: [
    'errors.ts',
    'closest.ts',
    'secrets.ts',
    'shell.ts',
    'policies/trust.ts',
    'engine/back-off.ts',
    'type engine/types.ts',
  ],
  config: ['errors.ts', 'closest.ts', 'memory.ts', 'shell.ts', 'policies/', 'aws/arns.ts', 'aws/regions.ts'],
  package: ['errors.ts', 'closest.ts', 'package-manager.ts', 'shell.ts', 'tree-sitter.ts'],
  resources: [
    'errors.ts',
    'shell.ts',
    'engine/',
    'policies/',
    'trust/',
    'aws/',
    'package/',
    'config/role-documents.ts',
    'config/warnings.ts',
    'terraform/state/',
    'terraform/permissions/',
    'type config/',
  ],
  invoke: [
    'errors.ts',
    'package-manager.ts',
    'aws/',
    'package/',
    'resources/',
    'policies/execution.ts',
    'trust/denials.ts',
    'engine/back-off.ts',
    'engine/interrupted.ts',
    'type engine/types.ts',
    'type config/',
  ],
  terraform: [
    'errors.ts',
    'tree-sitter.ts',
    'closest.ts',
    'secrets.ts',
    'shell.ts',
    'engine/',
    'policies/',
    'aws/',
    'sandbox/',
    'config/state-keys.ts',
    'type config/',
  ],
  trust: ['policies/', 'config/subjects.ts'],
  github: [
    'errors.ts',
    'closest.ts',
    'shell.ts',
    'aws/arns.ts',
    'trust/',
    'policies/',
    'type config/schema.ts',
    'type package-manager.ts',
  ],
  init: [
    'errors.ts',
    'closest.ts',
    'package-manager.ts',
    'shell.ts',
    'github/',
    'package/',
    'aws/regions.ts',
    'policies/',
    'terraform/source/',
    'type config/schema.ts',
  ],
  ui: [
    'errors.ts',
    'package-manager.ts',
    'secrets.ts',
    'shell.ts',
    'policies/document.ts',
    'policies/managed.ts',
    'type engine/types.ts',
    'type engine/outcome.ts',
    'type trust/',
    'trust/condition-keys.ts',
    'trust/verdict.ts',
  ],
  sandbox: ['errors.ts'],
  commands: [''],
};

function importsOf(file: string, text: string): readonly { readonly target: string; readonly type: boolean }[] {
  const imports = text.matchAll(
    /(?:^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s)?|\bimport\()\s*['"]([^'"]+)['"]/gm,
  );
  return [...imports].map(([, type, name = '']) => ({
    target: name.startsWith('.') ? relative(SRC, join(SRC, file, '..', name)) : `package ${name}`,
    type: type !== undefined,
  }));
}

/** Longer files should be split. */
const MAX_LINES = 300;

/** Longer functions should be split. */
const MAX_FUNCTION_LINES = 80;

/** Functions that are too long, with their line and length. */
function longFunctions(file: string, text: string): readonly string[] {
  const functions: string[] = [];
  const lineAt = (position: number) => text.slice(0, position).split('\n').length;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, body, start, end } = node as { type?: string; body?: unknown; start?: number; end?: number };
    if (type?.includes('Function') && body && start !== undefined && end !== undefined) {
      const [first, last] = [lineAt(start), lineAt(end)];
      if (last - first >= MAX_FUNCTION_LINES) functions.push(`${file}:${first} has ${last - first + 1} lines`);
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parseAst(text, { lang: 'ts' }));
  return functions;
}

function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cycles: string[] = [];
  const visited = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (path.includes(file) || visited.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    visited.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

describe('architecture', () => {
  it.each(Object.entries(ALLOWED))('%s imports only allowed files', (folder, allowed) => {
    const violations = FILES.filter(({ file }) => file.startsWith(`${folder}/`)).flatMap(({ file, text }) =>
      importsOf(file, text)
        .filter(({ target }) => !target.startsWith('package '))
        .filter(({ target, type }) => {
          const names = [target, ...(type ? [`type ${target}`] : [])];
          return (
            !target.startsWith(`${folder}/`) &&
            !BASIC_FILES.includes(target) &&
            !names.some((name) => allowed.some((prefix) => name.startsWith(prefix)))
          );
        })
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(violations).toEqual([]);
  });

  it('has basic files that import nothing of crc', () => {
    const imports = FILES.filter(({ file }) => BASIC_FILES.includes(file)).flatMap(({ file, text }) =>
      importsOf(file, text)
        .filter(({ target }) => !target.startsWith('package '))
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(imports).toEqual([]);
  });

  it.each(['import { a } from', 'import', 'export * from', 'const a = await import('])('sees %s', (start) => {
    const imports = importsOf('engine/a.ts', `/* a */\n${start} '../ui/text.ts'`);
    expect(imports).toEqual([{ target: 'ui/text.ts', type: false }]);
  });

  it.each([
    ['only Node and p-limit', /./, /^(engine|policies)\/|^errors/, /^node:|^p-limit$/],
    [
      'the AWS SDK in aws, resources, invoke and states',
      /@aws-sdk|@smithy/,
      /^(?!aws\/|resources\/|invoke\/|terraform\/state\/)/,
      /^$/,
    ],
    ['the terminal in ui', /^(ora|picocolors|node:readline)/, /^(?!ui\/)/, /^$/],
  ])('uses %s', (_, packages, where, except) => {
    const violations = FILES.filter(({ file }) => where.test(file)).flatMap(({ file, text }) =>
      importsOf(file, text)
        .flatMap(({ target }) => (target.startsWith('package ') ? [target.slice('package '.length)] : []))
        .filter((name) => packages.test(name) && !except.test(name))
        .map((name) => `${file} imports ${name}`),
    );
    expect(violations).toEqual([]);
  });

  it('loads no handlers with definitions, because every start loads all definitions', () => {
    const loaded = FILES.filter(({ file }) => /^commands\/(definitions\/|index|command|options)/.test(file)).flatMap(
      ({ file, text }) =>
        importsOf(file, text.replace(/\bimport\(/g, 'later('))
          .filter(({ target, type }) => !type && !/^commands\/(command|options|definitions\/[a-z-]+)\.ts$/.test(target))
          .map(({ target }) => `${file} imports ${target}`),
    );
    expect(loaded).toEqual([]);
  });

  it('names what it uses of an SDK package in the import itself, so that the bundler leaves out the rest', () => {
    const imports = FILES.flatMap(({ file, text }) =>
      [...text.matchAll(/^.*\bimport\('@(?:aws-sdk|smithy)\/.*$/gm)].map(([line]) => `${file}: ${line.trim()}`),
    );
    expect(imports.length).toBeGreaterThan(5);
    expect(imports.filter((line) => !/: const \{ [\w, ]+ \} = await import\('[^']+'\);$/.test(line))).toEqual([]);
  });

  it('has no handlers that import each other', () => {
    const handlers = FILES.filter(({ file }) => file === 'commands/index.ts').flatMap(({ file, text }) =>
      importsOf(file, text.replaceAll('import(', '\nimport('))
        .map(({ target }) => target)
        .filter((target) => target !== 'commands/command.ts' && !target.startsWith('commands/definitions/')),
    );
    const violations = FILES.filter(({ file }) => handlers.includes(file)).flatMap(({ file, text }) =>
      importsOf(file, text)
        .filter(({ target }) => handlers.includes(target))
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(handlers).toEqual(expect.arrayContaining(['commands/verify.ts', 'commands/rollback-function.ts']));
    expect(violations).toEqual([]);
  });

  it('has no circular imports, including types and dynamic imports', () => {
    const graph = new Map(
      FILES.map(({ file, text }) => [
        file,
        importsOf(file, text.replaceAll('import(', '\nimport(')).map(({ target }) => target),
      ]),
    );
    expect(cyclesOf(graph)).toEqual([]);
    expect(
      cyclesOf(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'd']],
          ['c', ['a']],
          ['d', []],
        ]),
      ),
    ).toEqual(['a > b > c > a']);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const long = FILES.filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it(`has no function of more than ${MAX_FUNCTION_LINES} lines`, () => {
    expect(FILES.flatMap(({ file, text }) => longFunctions(file, text))).toEqual([]);
    const long = `const a = {\n  async b() {${'\n'.repeat(MAX_FUNCTION_LINES)}},\n};`;
    expect(longFunctions('a.ts', long)).toEqual(['a.ts:2 has 81 lines']);
  });

  it('knows every folder', () => {
    const folders = new Set(FILES.flatMap(({ file }) => (file.includes('/') ? [file.split('/')[0]] : [])));
    expect([...folders].sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it('prints only in ui, creates clients only in aws, and never calls process.exit', () => {
    const problems = FILES.flatMap(({ file, text }) => [
      ...(/console\.|process\.(stdout|stderr)/.test(text) && !/^(ui\/|cli\.ts)/.test(file) ? [`${file} prints`] : []),
      ...(/new \w+Client\(/.test(text) && file !== 'aws/services.ts' ? [`${file} makes a client`] : []),
      ...(/process\.exit\(/.test(text) ? [`${file} exits`] : []),
    ]);
    expect(problems).toEqual([]);
  });
});
