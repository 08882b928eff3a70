import { posix } from 'node:path';
import type { PackageFile } from './package-file.ts';

/**
 * Of the Python modules with test-like names, those that the function imports are not tests (`ab_test.py`), and are
 * kept with the other files. `read` returns one of them.
 */
export async function keptTests(
  files: readonly PackageFile[],
  candidates: readonly string[],
  read: (path: string) => Promise<PackageFile>,
): Promise<{ readonly files: readonly PackageFile[]; readonly leftOut: readonly string[] }> {
  const left = new Set(candidates);
  const kept: PackageFile[] = [];
  for (let texts = files; texts.length > 0 && left.size > 0; ) {
    const names = new Set(texts.filter(({ path }) => path.endsWith('.py')).flatMap(importedNames));
    const imported = [...left].filter((path) => names.has(posix.basename(path, '.py')));
    for (const path of imported) left.delete(path);
    texts = await Promise.all(imported.map(read));
    kept.push(...texts);
  }
  const all = kept.length === 0 ? files : [...files, ...kept].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files: all, leftOut: [...left] };
}

/**
 * All words in its import statements, which go on in parentheses and after a backslash; extra ones do no harm.
 * https://docs.python.org/3/reference/lexical_analysis.html#line-structure
 */
function importedNames({ bytes }: PackageFile): readonly string[] {
  const text = new TextDecoder()
    .decode(bytes)
    .replace(/#[^\n]*/g, '')
    .replace(/\\\r?\n/g, ' ');
  return [...text.matchAll(/(?:^|[:;])[ \t]*(?:from|import)\b[^\n(]*(?:\([^)]*\))?/gm)].flatMap(
    ([statement]) => statement.match(/\w+/g) ?? [],
  );
}
