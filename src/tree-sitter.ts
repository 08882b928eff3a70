import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Language, Parser, type Tree } from 'web-tree-sitter';

/** Files of src/grammars, which the build copies. */
const GRAMMARS = { python: 'tree-sitter-python.wasm', terraform: 'tree-sitter-terraform.wasm' } as const;
const RUNTIME = 'web-tree-sitter.wasm';

/**
 * The library uses one memory per process. Two concurrent calls of `Parser.init` would create two, and trees created in
 * one would be freed in the other:
 * https://github.com/tree-sitter/tree-sitter/blob/master/lib/binding_web/src/bindings.ts
 */
const shared: { runtime?: Promise<void>; readonly languages: Map<string, Promise<Language>> } = {
  languages: new Map(),
};

/** A parser for texts in one language. Call this only when needed: a grammar has 90 kB or more. */
export async function treeParser(language: keyof typeof GRAMMARS): Promise<(text: string) => Tree> {
  shared.runtime ??= Parser.init({ locateFile: runtimeFile });
  await shared.runtime;
  const loaded =
    shared.languages.get(language) ?? readFile(grammarFile(GRAMMARS[language])).then((bytes) => Language.load(bytes));
  shared.languages.set(language, loaded);
  const parser = new Parser().setLanguage(await loaded);
  return (text) => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error('The parser was stopped.');
    return tree;
  };
}

function grammarFile(name: string): string {
  return fileURLToPath(new URL(`./grammars/${name}`, import.meta.url));
}

/** The runtime is next to the grammars in the package, and in node_modules in the repository. */
function runtimeFile(): string {
  const bundled = grammarFile(RUNTIME);
  return existsSync(bundled) ? bundled : createRequire(import.meta.url).resolve(`web-tree-sitter/${RUNTIME}`);
}
