import { expect, it } from 'vitest';
import { uriDecoded } from '../src/decoded.ts';

it.each([
  ['a%20b%2Fc', 'a b/c'],
  ['%E2%82%AC', '€'],
  ['100%', '100%'],
  ['%E2%82', '%E2%82'],
])('decodes %s as "%s"', (encoded, text) => {
  expect(uriDecoded(encoded)).toBe(text);
});
