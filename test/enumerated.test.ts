import { expect, it } from 'vitest';
import { abbreviated, enumerated } from '../src/enumerated.ts';

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('enumerates %j as "%s"', (names, text) => {
  expect(enumerated(names)).toBe(text);
});

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a, b'],
  [['a', 'b', 'c'], 'a, b and 1 more'],
  [['a', 'b', 'c', 'd'], 'a, b and 2 more'],
])('abbreviates %j to two names as "%s"', (names, text) => {
  expect(abbreviated(names, 2)).toBe(text);
});
