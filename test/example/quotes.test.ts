import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8');

/** Code in docs/architecture.md, with the file that the line above it names. */
const QUOTES = [
  ...read('docs/architecture.md').matchAll(/^`(test\/example\/[\w.-]+)`[^\n]*\n\n```ts\n(.*?)```$/gms),
].map(([, path = '', code = '']) => [path, code] as const);

it('docs/architecture.md shows the example', () => {
  expect(QUOTES.map(([path]) => path)).toEqual([
    'test/example/ids-definition.ts',
    'test/example/ids.ts',
    'test/example/runner-config.ts',
    'test/example/instance-profile.ts',
    'test/example/runner-entry.ts',
    'test/example/instance-profile-orphans.ts',
  ]);
});

it.each(QUOTES)('docs/architecture.md quotes %s verbatim', (path, code) => {
  expect(code).toBe(read(path));
});
