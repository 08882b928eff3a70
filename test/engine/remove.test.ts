import { describe, expect, it } from 'vitest';
import { Blocked } from '../../src/engine/apply.ts';
import type { Event } from '../../src/engine/outcome.ts';
import { foresee, planRemoval, refuseRemovals, removeAll } from '../../src/engine/remove.ts';
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

const NONE: ReadonlySet<string> = new Set();

/** What is foreseen of a plan, as `id: outcome: why`. */
async function foreseen(things: readonly Memory[], readOnly = NONE) {
  const plan = await planRemoval(resourcesOf(things), () => undefined);
  const results = await foresee(plan, readOnly);
  expect(things.flatMap(({ log }) => log)).not.toContain('remove');
  return Object.fromEntries(
    results.map(({ id, outcome, why }) => [id, why === undefined ? outcome : `${outcome}: ${why}`]),
  );
}

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
  it('follows dependencies in reverse', async () => {
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

  it('keeps the dependencies of a resource that could not be removed', async () => {
    const [a, b] = [there({ id: 'a' }), there({ id: 'b', needs: ['a'] })];
    b.before = (what) => {
      if (what === 'remove') throw new Error('denied');
    };
    const { outcomes } = await remove([a, b, memory({ id: 'gone' })]);
    expect(outcomes).toEqual({ a: 'blocked', b: 'failed', gone: 'absent' });
    expect(a.log).not.toContain('remove');
  });

  it('limits how many run at once, and reports its progress', async () => {
    const { things, seen } = many(200);
    const { events, outcomes } = await remove(things);
    expect(Object.values(outcomes).every((outcome) => outcome === 'removed')).toBe(true);
    expect(seen.most).toBe(32);
    expect(events.filter(({ kind }) => kind === 'read').at(-1)).toEqual({ kind: 'read', done: 200, total: 200 });
  });

  it('starts no read and no removal once it is stopped', async () => {
    const { things } = many(3);
    const plan = await planRemoval(resourcesOf(things), () => undefined, AbortSignal.abort());
    expect(plan.every(({ error }) => error instanceof Error)).toBe(true);
    expect(things.flatMap(({ log }) => log)).toEqual([]);
    const { outcomes } = await remove(things, AbortSignal.abort());
    expect(Object.values(outcomes)).toEqual(['not-started', 'not-started', 'not-started']);
    expect(things.flatMap(({ log }) => log)).not.toContain('remove');
  });

  it('is shown in advance as it will happen', async () => {
    const things = [
      there({ id: 'a' }),
      there({ id: 'b', needs: ['a'], removal: { blocked: 'a lock' } }),
      there({ id: 'c', needs: ['d'], removal: { kept: 'it is shared' } }),
      there({ id: 'd' }),
      memory({ id: 'e' }),
      there({ id: 'f' }),
    ];
    expect(await foreseen(things)).toEqual({
      a: 'blocked: b still depends on it',
      b: 'blocked: a lock',
      c: 'kept: it is shared',
      d: 'kept: c still depends on it',
      e: 'absent',
      f: 'removed',
    });
    const { outcomes } = await remove(things);
    expect(outcomes).toEqual({ a: 'blocked', b: 'blocked', c: 'kept', d: 'kept', e: 'absent', f: 'removed' });
  });

  it('waits for another, unless that one is blocked or fails; what is kept on purpose does not block it', async () => {
    const following = (id: string, first: string) => there({ id, removedAfter: [first] });
    const failing = there({ id: 'failing' });
    failing.before = (what) => {
      if (what === 'remove') throw new Error('denied');
    };
    const order: string[] = [];
    const first = there({ id: 'first' });
    const second = following('second', 'first');
    for (const thing of [second, first]) {
      thing.before = (what) => {
        if (what === 'remove') order.push(thing.resource.id);
      };
    }
    const things = [
      second,
      first,
      there({ id: 'held', removal: { blocked: 'a state', kept: 'not mine' } }),
      following('after held', 'held'),
      there({ id: 'kept', removal: { kept: 'not mine' } }),
      following('after kept', 'kept'),
      failing,
      following('after failing', 'failing'),
    ];
    expect(await foreseen(things)).toMatchObject({
      'after held': 'blocked: held must be deleted first',
      'after kept': 'removed',
      'after failing': 'removed',
    });
    const { outcomes } = await remove(things);
    expect(order).toEqual(['first', 'second']);
    expect(outcomes).toMatchObject({ 'after held': 'blocked', 'after kept': 'removed', 'after failing': 'blocked' });
  });

  it('is blocked, and not a failure, when the final check finds a reason', async () => {
    const thing = there({ id: 'bucket' });
    thing.before = (what) => {
      if (what === 'remove') throw new Blocked('a new state');
    };
    const { outcomes } = await remove([thing, there({ id: 'table', removedAfter: ['bucket'] })]);
    expect(outcomes).toEqual({ bucket: 'blocked', table: 'blocked' });
  });

  it('of selected resources waits for unselected ones, and never removes those', async () => {
    const readOnly = new Set(['user', 'bucket']);
    const things = [there({ id: 'user', needs: ['a'] }), there({ id: 'bucket' }), there({ id: 'a' })];
    expect(await foreseen(things, readOnly)).toEqual({ a: 'blocked: user still depends on it' });
    const alone = [there({ id: 'bucket' }), there({ id: 'a', removedAfter: ['bucket'] })];
    expect(await foreseen(alone, readOnly)).toEqual({ a: 'removed' });
    const held = [
      there({ id: 'bucket', removal: { blocked: 'a lock' } }),
      there({ id: 'a', removedAfter: ['bucket'] }),
    ];
    expect(await foreseen(held, readOnly)).toEqual({ a: 'blocked: bucket must be deleted first' });
  });

  it('rejected as a whole starts nothing', async () => {
    const broken = there({ id: 'broken' });
    broken.before = () => {
      throw new Error("another's bucket");
    };
    const things = [
      broken,
      there({ id: 'a' }),
      memory({ id: 'gone' }),
      there({ id: 'kept', removal: { kept: 'shared' } }),
    ];
    const plan = await planRemoval(resourcesOf(things), () => undefined);
    const results = refuseRemovals(plan, NONE).map(({ id, outcome }) => [id, outcome]);
    expect(Object.fromEntries(results)).toEqual({ broken: 'failed', a: 'not-started', gone: 'absent', kept: 'kept' });
  });
});
