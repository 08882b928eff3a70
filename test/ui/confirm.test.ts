import { expect, it } from 'vitest';
import { confirm } from '../../src/ui/confirm.ts';

it.each([
  [['y'], true, 1],
  [['YES'], true, 1],
  [['n'], false, 1],
  [[''], false, 1],
  [['maybe', 'y'], true, 2],
  [['maybe', 'yess', 'no'], false, 3],
])('the answers %j: %s', async (answers, expected, times) => {
  const left = [...answers];
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return left.shift() ?? '';
  };
  expect(await confirm('Do it?', new AbortController().signal, { ask })).toBe(expected);
  expect(asked).toHaveLength(times);
  expect(asked[0]).toBe('Do it? [y/N]');
  for (const again of asked.slice(1)) expect(again).toBe('Please answer yes or no. Do it? [y/N]');
});

it('accepts Enter as a yes where that is the usual answer', async () => {
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return '';
  };
  expect(await confirm('Write them?', undefined, { ask, enter: 'yes' })).toBe(true);
  expect(asked).toEqual(['Write them? [Y/n]']);
});
