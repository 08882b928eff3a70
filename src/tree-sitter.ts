import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Language, Parser, type Tree } from 'web-tree-sitter';

/** Packages with the grammar of a language, by the file that the build copies beside the bundle. */
const GRAMMARS = { terraform: '@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm' } as const;
const RUNTIME = 'web-tree-sitter/web-tree-sitter.wasm';

/** Parses many texts of one language. Load it where it is due: the grammar is a program of 90 kB or more. */
export async function treeParser(language: keyof typeof GRAMMARS): Promise<(text: string) => Tree> {
  await Parser.init({ locateFile: () => fileOf(RUNTIME) });
  const parser = new Parser().setLanguage(await Language.load(await readFile(fileOf(GRAMMARS[language]))));
  return (text) => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error('The parser was stopped.');
    return tree;
  };
}

/** In the package crc has the file beside its bundle, and in the repository it is where npm put it. */
function fileOf(specifier: string): string {
  const bundled = fileURLToPath(new URL(`./grammars/${specifier.split('/').at(-1)}`, import.meta.url));
  return existsSync(bundled) ? bundled : createRequire(import.meta.url).resolve(specifier);
}
