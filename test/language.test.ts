import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { COMMANDS } from '../src/commands/index.ts';
import { oldWords, oldWordsOfComment, oldWordsOfTest } from './helpers/language.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));
const TESTS = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file));
/** Files that are not bundled: bin, tests and their helpers, bench, scripts. */
const WORKSHOP = ['bin', 'test', 'bench', 'scripts'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(js|mjs|ts)$/.test(file))
    .map((file) => join(folder, file)),
);
/** Files that contain the list of words, and examples of it. */
const LISTS_OF_WORDS = [join('test', 'helpers', 'language.ts'), join('test', 'language.test.ts')];
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs')).map((file) => join('docs', file)),
].filter((file) => file.endsWith('.md'));

const trees = new Map<string, unknown>();

/** The syntax tree of a file. Cached, because several checks use it. */
function treeOf(code: string): unknown {
  const tree = trees.get(code) ?? parseAst(code, { lang: 'ts' });
  trees.set(code, tree);
  return tree;
}

/** Texts that may be shown: string literals of more than one word, with `…` for expressions. */
function textsOf(code: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const element of node) visit(element);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, value, quasis } = node as { type?: unknown; value?: unknown; quasis?: unknown };
    if (type === 'Literal' && typeof value === 'string') texts.push(value);
    if (type === 'TemplateLiteral' && Array.isArray(quasis)) {
      texts.push(quasis.map((quasi: { value: { cooked: string } }) => quasi.value.cooked).join('…'));
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(treeOf(code));
  return texts.filter((text) => text.includes(' '));
}

/** Comments, line by line. */
function commentsOf(code: string): readonly string[] {
  return code
    .split('\n')
    .flatMap((line) => (/^\s*(\/\*\*|\*|\/\/)/.test(line) ? line : (/\s\/\/ .*$/.exec(line)?.[0] ?? [])));
}

/** Titles of tests and suites, if they are on the same line as `it` or `describe`. */
function namesOfTests(code: string): readonly string[] {
  return code.split('\n').flatMap((line) => /^\s*(?:it|describe)\b.*?\((['"`].*)/.exec(line)?.[1] ?? []);
}

/** Names that do not describe what they refer to. */
const VAGUE_NAMES =
  /^(one|made|told|here|found|others|whole|extras.*|.+Extras|.+Here|mend(s|ed)?|settle[ds]?|anew|MOST_.*)$/;

/** Declared names that do not describe what they refer to: variables, parameters, properties of types. */
function vagueNames(code: string): readonly string[] {
  const names: string[] = [];
  const add = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, name, left, argument, elements, properties, value } = node as Record<string, unknown>;
    if (type === 'Identifier' && typeof name === 'string' && VAGUE_NAMES.test(name)) names.push(name);
    for (const inner of [left, argument, value]) add(inner);
    for (const list of [elements, properties]) if (Array.isArray(list)) list.forEach(add);
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, id, params, key } = node as Record<string, unknown>;
    if (type === 'VariableDeclarator' || type === 'FunctionDeclaration') add(id);
    if (type === 'TSPropertySignature' || type === 'TSMethodSignature') add(key);
    if (Array.isArray(params)) params.forEach(add);
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(treeOf(code));
  return names;
}

function problems(file: string, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => oldWords(text).map((problem) => `${file}: ${problem}: ${text.slice(0, 120)}`));
}

describe('plain English', () => {
  it('in all texts in the source', () => {
    expect(SOURCES.flatMap((file) => problems(file, textsOf(readFileSync(join(ROOT, file), 'utf8'))))).toEqual([]);
  });

  it('in every comment', () => {
    const problemsIn = (files: readonly string[], check: typeof oldWordsOfComment) =>
      files
        .filter((file) => !LISTS_OF_WORDS.includes(file))
        .flatMap((file) =>
          commentsOf(readFileSync(join(ROOT, file), 'utf8')).map((comment) => [file, comment] as const),
        )
        .flatMap(([file, comment]) => check(comment).map((problem) => `${file}: ${problem}: ${comment.trim()}`));
    expect([...problemsIn(SOURCES, oldWordsOfComment), ...problemsIn(WORKSHOP, oldWordsOfTest)]).toEqual([]);
  });

  it('in every title of a test', () => {
    const problemsOf = (file: string) =>
      namesOfTests(readFileSync(join(ROOT, file), 'utf8')).flatMap((name) =>
        oldWordsOfTest(name).map((problem) => `${file}: ${problem}: ${name}`),
      );
    expect(TESTS.flatMap(problemsOf)).toEqual([]);
  });

  it('in names, which describe what they refer to', () => {
    const problemsOf = (file: string) =>
      vagueNames(readFileSync(join(ROOT, file), 'utf8')).map((name) => `${file}: ${name}`);
    expect([...SOURCES, ...WORKSHOP].flatMap(problemsOf)).toEqual([]);
  });

  it.each(PAGES)('in %s', (file) => {
    expect(problems(file, readFileSync(join(ROOT, file), 'utf8').split('\n'))).toEqual([]);
  });

  it('is enforced: an unidiomatic expression is found, with a better one', () => {
    const code = "throw new Error(`${name} is not there: somebody took it`); const one = 'mend';";
    expect(problems('x.ts', textsOf(code))).toEqual([
      expect.stringContaining('"is not there", better: not found'),
      expect.stringContaining('"somebody", better: another user'),
    ]);
    expect(commentsOf('/** The others are none of its business. */\nconst a = 1; // Written by half.')).toHaveLength(2);
    expect(oldWordsOfComment('the others are none of its business')).toEqual([expect.stringContaining('left out')]);
    expect(oldWordsOfTest('an empty one is no error')).toEqual([expect.stringContaining('is not an error')]);
    expect(namesOfTests("  it('is mended', () => {")).toEqual(["'is mended', () => {"]);
    const names =
      'const [one] = a; const f = ({ b: found = 1, ...others }: B, here: C) => callHere; interface D { whole: 1 }; function hasExtras() {}';
    expect(vagueNames(names).toSorted()).toEqual(['found', 'hasExtras', 'here', 'one', 'others', 'whole']);
  });
});

describe('commands to run', () => {
  // Hidden commands are for scripts.
  const name = COMMANDS.flatMap((command) => (command.listing === 'none' ? [] : [command.name])).join('|');
  /** In files of a project that has crc installed, `npx crc` is correct, or what its package manager has instead. */
  const bareCommand = new RegExp(`(?<!npx |… )\\bcrc (${name})(?![\\w-])`);
  /** Texts that mention a command without suggesting to run it. */
  const names = [
    /^(### )?crc (audit|demo|verify): /,
    /^(--config: )?crc init writes /,
    /\bcrc version( that |=)/,
    // A command to copy, which runs crc's own sandbox.
    /^(npx|…) crc sandbox -- /,
    // Names that appear as a lock's owner in Terraform, or as the author of a workflow.
    /^crc (state restore|state check|workflow)$/,
  ];
  const bareCommands = (file: string, code: string) =>
    textsOf(code)
      .filter((text) => bareCommand.test(text.replace(/`[^`]*`/g, '')) && !names.some((known) => known.test(text)))
      .map((text) => `${file}: ${text}`);

  it('are in backticks in all texts, so that users can copy them', () => {
    // Definitions and help pages are documentation, and the commands of causes are shown in backticks.
    const documentation = ['commands/definitions/', 'commands/help-pages.ts', 'trust/causes/', 'trust/refusal.ts'];
    const files = SOURCES.filter((file) => !documentation.some((place) => file.startsWith(join('src', place))));
    expect(files.flatMap((file) => bareCommands(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it('are found by the check', () => {
    const code =
      "const a = 'Run crc init on a terminal'; const b = 'Run `crc init` there'; const c = 'npx crc init now';";
    expect(bareCommands('x.ts', code)).toEqual(['x.ts: Run crc init on a terminal']);
  });
});
