import { expect, it, vi } from 'vitest';
import { BackOff } from '../../src/engine/back-off.ts';

const PAUSES = { first: 10, longest: 40, signal: undefined };

it('doubles each pause up to the maximum, and returns how long it paused', async () => {
  const backOff = new BackOff({ ...PAUSES, first: 1, longest: 4 });
  const pauses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    pauses.push(backOff.next);
    await backOff.pause();
  }
  expect([pauses, backOff.waited]).toEqual([[1, 2, 4, 4], 11]);
});

it('derives the pauses from the duration of the attempts', () => {
  const start = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
  const backOff = new BackOff(PAUSES);
  clock.mockReturnValue(start + 5_000);
  expect([backOff.elapsed, backOff.waited]).toEqual([5_000, 0]);
  clock.mockRestore();
});

it('ends a pause when it is stopped', async () => {
  const stop = new AbortController();
  const pause = new BackOff({ ...PAUSES, signal: stop.signal }).pause();
  stop.abort();
  await expect(pause).rejects.toMatchObject({ name: 'AbortError' });
});
