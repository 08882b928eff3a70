import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { treeParser } from '../src/tree-sitter.ts';

/** Runs the garbage collector, which frees the parsers' WebAssembly memory. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

it('parses with several parsers loaded at once, all in one memory', async () => {
  const parsers = await Promise.all(
    (['python', 'python', 'terraform', 'python'] as const).map(async (language) => await treeParser(language)),
  );
  const texts = parsers.map((parse, index) => parse(index === 2 ? 'a = 1\n' : 'import boto3\n').rootNode.toString());
  expect(texts.map((text) => text.includes('ERROR'))).toEqual([false, false, false, false]);
  expect(texts[0]).toContain('import_statement');
  parsers.length = 0;
  collectGarbage();
  // Finalizers run in a later turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  expect((await treeParser('python'))('x = 1\n').rootNode.hasError).toBe(false);
});
