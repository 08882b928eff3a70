import { describe, expect, it } from 'vitest';
import { planRemoval, removeAll } from '../../src/engine/remove.ts';
import type { Event } from '../../src/engine/types.ts';
import { existing, type Memory, type MemoryOptions, memory } from './memory.ts';

function there(options: MemoryOptions): Memory {
  const thing = memory(options);
  thing.live = existing();
  return thing;
}

/** Many that exist, and how many of them were worked on at the same time. */
function many(count: number) {
  let working = 0;
  const seen = { most: 0 };
  const things = Array.from({ length: count }, (_, index) => there({ id: `thing ${index}` }));
  for (const thing of things) {
    thing.before = async () => {
      working += 1;
      seen.most = Math.max(seen.most, working);
      await new Promise(setImmediate);
      working -= 1;
    };
  }
  return { things, seen };
}

const resourcesOf = (things: readonly Memory[]) => things.map(({ resource }) => resource);

async function remove(things: readonly Memory[], signal = new AbortController().signal) {
  const events: Event[] = [];
  const report = (event: Event) => {
    events.push(event);
  };
  const plan = await planRemoval(resourcesOf(things), report);
  const results = await removeAll(plan, { report, signal, readOnly: new Set() });
  return { events, outcomes: Object.fromEntries(results.map(({ id, outcome }) => [id, outcome])) };
}

describe('removal', () => {
  it('goes against needs', async () => {
    const order: string[] = [];
    const things = [there({ id: 'a' }), there({ id: 'b', needs: ['a'] }), there({ id: 'c', needs: ['b'] })];
    for (const thing of things) {
      thing.before = (what) => {
        if (what === 'remove') order.push(thing.resource.id);
      };
    }
    const { outcomes } = await remove(things);
    expect(order).toEqual(['c', 'b', 'a']);
    expect(outcomes).toEqual({ a: 'removed', b: 'removed', c: 'removed' });
  });

  it('keeps what something that could not be removed needs', async () => {
    const [a, b] = [there({ id: 'a' }), there({ id: 'b', needs: ['a'] })];
    b.before = (what) => {
      if (what === 'remove') throw new Error('denied');
    };
    const { outcomes } = await remove([a, b, memory({ id: 'gone' })]);
    expect(outcomes).toEqual({ a: 'blocked', b: 'failed', gone: 'absent' });
    expect(a.log).not.toContain('remove');
  });

  it('works on so many at a time, however many there are, and tells how far it is', async () => {
    const { things, seen } = many(200);
    const { events, outcomes } = await remove(things);
    expect(Object.values(outcomes).every((outcome) => outcome === 'removed')).toBe(true);
    expect(seen.most).toBe(32);
    expect(events.filter(({ kind }) => kind === 'read').at(-1)).toEqual({ kind: 'read', done: 200, total: 200 });
  });

  it('starts no read and no removal once it is told to stop', async () => {
    const { things } = many(3);
    const plan = await planRemoval(resourcesOf(things), () => undefined, AbortSignal.abort());
    expect(plan.every(({ error }) => error instanceof Error)).toBe(true);
    expect(things.flatMap(({ log }) => log)).toEqual([]);
    const { outcomes } = await remove(things, AbortSignal.abort());
    expect(Object.values(outcomes)).toEqual(['not-started', 'not-started', 'not-started']);
    expect(things.flatMap(({ log }) => log)).not.toContain('remove');
  });
});
