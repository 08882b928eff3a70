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
  const remaining = [...answers];
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return remaining.shift() ?? '';
  };
  expect(await confirm('Do it?', new AbortController().signal, { ask })).toBe(expected);
  expect(questions).toHaveLength(times);
  expect(questions[0]).toBe('Do it? [y/N]');
  for (const question of questions.slice(1)) expect(question).toBe('Please answer yes or no. Do it? [y/N]');
});

it('accepts Enter as a yes if that is the default', async () => {
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return '';
  };
  expect(await confirm('Write them?', undefined, { ask, enter: 'yes' })).toBe(true);
  expect(questions).toEqual(['Write them? [Y/n]']);
});
