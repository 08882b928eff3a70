import { describe, expect, it } from 'vitest';
import { Blocked } from '../../src/engine/apply.ts';
import type { Event } from '../../src/engine/outcome.ts';
import { foresee, planRemoval, refuseRemovals, removeAll } from '../../src/engine/remove.ts';
import { existing, type Memory, type MemoryOptions, memory } from './memory.ts';

function existingFake(options: MemoryOptions): Memory {
  const fake = memory(options);
  fake.live = existing();
  return fake;
}

/** Many existing resources, and how many of them were processed at the same time. */
function manyFakes(count: number) {
  let running = 0;
  const concurrency = { most: 0 };
  const fakes = Array.from({ length: count }, (_, index) => existingFake({ id: `thing ${index}` }));
  for (const fake of fakes) {
    fake.before = async () => {
      running += 1;
      concurrency.most = Math.max(concurrency.most, running);
      await new Promise(setImmediate);
      running -= 1;
    };
  }
  return { fakes, concurrency };
}

const resourcesOf = (fakes: readonly Memory[]) => fakes.map(({ resource }) => resource);

const NONE: ReadonlySet<string> = new Set();

/** The predicted outcome of each resource, as `outcome: why` by id. */
async function predicted(fakes: readonly Memory[], readOnly = NONE) {
  const plan = await planRemoval(resourcesOf(fakes), () => undefined);
  const results = await foresee(plan, readOnly);
  expect(fakes.flatMap(({ log }) => log)).not.toContain('remove');
  return Object.fromEntries(
    results.map(({ id, outcome, why }) => [id, why === undefined ? outcome : `${outcome}: ${why}`]),
  );
}

async function remove(fakes: readonly Memory[], signal = new AbortController().signal) {
  const events: Event[] = [];
  const report = (event: Event) => {
    events.push(event);
  };
  const plan = await planRemoval(resourcesOf(fakes), report);
  const results = await removeAll(plan, { report, signal, readOnly: new Set() });
  return { events, outcomes: Object.fromEntries(results.map(({ id, outcome }) => [id, outcome])) };
}

describe('removal', () => {
  it('follows dependencies in reverse', async () => {
    const order: string[] = [];
    const fakes = [
      existingFake({ id: 'a' }),
      existingFake({ id: 'b', needs: ['a'] }),
      existingFake({ id: 'c', needs: ['b'] }),
    ];
    for (const fake of fakes) {
      fake.before = (operation) => {
        if (operation === 'remove') order.push(fake.resource.id);
      };
    }
    const { outcomes } = await remove(fakes);
    expect(order).toEqual(['c', 'b', 'a']);
    expect(outcomes).toEqual({ a: 'removed', b: 'removed', c: 'removed' });
  });

  it('keeps the dependencies of a resource that could not be removed', async () => {
    const [a, b] = [existingFake({ id: 'a' }), existingFake({ id: 'b', needs: ['a'] })];
    b.before = (operation) => {
      if (operation === 'remove') throw new Error('denied');
    };
    const { outcomes } = await remove([a, b, memory({ id: 'gone' })]);
    expect(outcomes).toEqual({ a: 'blocked', b: 'failed', gone: 'absent' });
    expect(a.log).not.toContain('remove');
  });

  it('limits how many run at once, and reports its progress', async () => {
    const { fakes, concurrency } = manyFakes(200);
    const { events, outcomes } = await remove(fakes);
    expect(Object.values(outcomes).every((outcome) => outcome === 'removed')).toBe(true);
    expect(concurrency.most).toBe(32);
    expect(events.filter(({ kind }) => kind === 'read').at(-1)).toEqual({ kind: 'read', done: 200, total: 200 });
  });

  it('starts no reads or removals after it was stopped', async () => {
    const { fakes } = manyFakes(3);
    const plan = await planRemoval(resourcesOf(fakes), () => undefined, AbortSignal.abort());
    expect(plan.every(({ error }) => error instanceof Error)).toBe(true);
    expect(fakes.flatMap(({ log }) => log)).toEqual([]);
    const { outcomes } = await remove(fakes, AbortSignal.abort());
    expect(Object.values(outcomes)).toEqual(['not-started', 'not-started', 'not-started']);
    expect(fakes.flatMap(({ log }) => log)).not.toContain('remove');
  });

  it('is predicted correctly', async () => {
    const fakes = [
      existingFake({ id: 'a' }),
      existingFake({ id: 'b', needs: ['a'], removal: { blocked: 'a lock' } }),
      existingFake({ id: 'c', needs: ['d'], removal: { kept: 'it is shared' } }),
      existingFake({ id: 'd' }),
      memory({ id: 'e' }),
      existingFake({ id: 'f' }),
    ];
    expect(await predicted(fakes)).toEqual({
      a: 'blocked: b still depends on it',
      b: 'blocked: a lock',
      c: 'kept: it is shared',
      d: 'kept: c still depends on it',
      e: 'absent',
      f: 'removed',
    });
    const { outcomes } = await remove(fakes);
    expect(outcomes).toEqual({ a: 'blocked', b: 'blocked', c: 'kept', d: 'kept', e: 'absent', f: 'removed' });
  });

  it('waits for another removal unless that one is blocked or fails; a kept resource does not block it', async () => {
    const removedAfter = (id: string, first: string) => existingFake({ id, removedAfter: [first] });
    const failing = existingFake({ id: 'failing' });
    failing.before = (operation) => {
      if (operation === 'remove') throw new Error('denied');
    };
    const order: string[] = [];
    const first = existingFake({ id: 'first' });
    const second = removedAfter('second', 'first');
    for (const fake of [second, first]) {
      fake.before = (operation) => {
        if (operation === 'remove') order.push(fake.resource.id);
      };
    }
    const fakes = [
      second,
      first,
      existingFake({ id: 'held', removal: { blocked: 'a state', kept: 'not mine' } }),
      removedAfter('after held', 'held'),
      existingFake({ id: 'kept', removal: { kept: 'not mine' } }),
      removedAfter('after kept', 'kept'),
      failing,
      removedAfter('after failing', 'failing'),
    ];
    expect(await predicted(fakes)).toMatchObject({
      'after held': 'blocked: held must be deleted first',
      'after kept': 'removed',
      'after failing': 'removed',
    });
    const { outcomes } = await remove(fakes);
    expect(order).toEqual(['first', 'second']);
    expect(outcomes).toMatchObject({ 'after held': 'blocked', 'after kept': 'removed', 'after failing': 'blocked' });
  });

  it('is blocked, and not a failure, when the final check finds a reason', async () => {
    const fake = existingFake({ id: 'bucket' });
    fake.before = (operation) => {
      if (operation === 'remove') throw new Blocked('a new state');
    };
    const { outcomes } = await remove([fake, existingFake({ id: 'table', removedAfter: ['bucket'] })]);
    expect(outcomes).toEqual({ bucket: 'blocked', table: 'blocked' });
  });

  it('of selected resources waits for unselected ones, and never removes those', async () => {
    const readOnly = new Set(['user', 'bucket']);
    const fakes = [
      existingFake({ id: 'user', needs: ['a'] }),
      existingFake({ id: 'bucket' }),
      existingFake({ id: 'a' }),
    ];
    expect(await predicted(fakes, readOnly)).toEqual({ a: 'blocked: user still depends on it' });
    const inPlace = [existingFake({ id: 'bucket' }), existingFake({ id: 'a', removedAfter: ['bucket'] })];
    expect(await predicted(inPlace, readOnly)).toEqual({ a: 'removed' });
    const notInPlace = [
      existingFake({ id: 'bucket', removal: { blocked: 'a lock' } }),
      existingFake({ id: 'a', removedAfter: ['bucket'] }),
    ];
    expect(await predicted(notInPlace, readOnly)).toEqual({ a: 'blocked: bucket must be deleted first' });
  });

  it('starts nothing if the plan is rejected', async () => {
    const broken = existingFake({ id: 'broken' });
    broken.before = () => {
      throw new Error("another's bucket");
    };
    const fakes = [
      broken,
      existingFake({ id: 'a' }),
      memory({ id: 'gone' }),
      existingFake({ id: 'kept', removal: { kept: 'shared' } }),
    ];
    const plan = await planRemoval(resourcesOf(fakes), () => undefined);
    const results = refuseRemovals(plan, NONE).map(({ id, outcome }) => [id, outcome]);
    expect(Object.fromEntries(results)).toEqual({ broken: 'failed', a: 'not-started', gone: 'absent', kept: 'kept' });
  });
});
