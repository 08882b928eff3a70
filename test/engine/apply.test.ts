import { afterEach, describe, expect, it, vi } from 'vitest';
import { refuseAll } from '../../src/engine/apply.ts';
import type { Event } from '../../src/engine/outcome.ts';
import { plan } from '../../src/engine/plan.ts';
import { resource } from '../../src/engine/resource.ts';
import type { UnlistedPart } from '../../src/engine/types.ts';
import { existing, FOREIGN, findings, type Memory, memory, NO_CONSENT, run, writesOf } from './memory.ts';

/** The pauses between reads. They end immediately and advance the clock. */
const pauses = vi.hoisted((): number[] => []);
vi.mock('node:timers/promises', async (original) => ({
  ...(await original<typeof import('node:timers/promises')>()),
  setTimeout: async (milliseconds: number) => {
    pauses.push(milliseconds);
    vi.setSystemTime(Date.now() + milliseconds);
  },
}));
afterEach(() => {
  pauses.length = 0;
  vi.useRealTimers();
});

function failOn(fake: Memory, operation: string, times = 1): void {
  let remaining = times;
  fake.before = (what) => {
    if (what === operation && remaining-- > 0) throw new Error(`${operation} failed`);
  };
}

/** Makes the nth read return this answer, like an eventually consistent service. */
function staleRead(fake: Memory, nth: number, answer: Memory['live']): void {
  const earlier = fake.answer;
  fake.answer = (read) => (read === nth ? answer : earlier(read));
}

describe('apply', () => {
  it('creates, reads, sets what still differs in the order of the setters, and reads again', async () => {
    const fake = memory();
    expect((await run([fake])).outcomes).toEqual({ thing: 'created' });
    expect(fake.log).toEqual(['read', 'create', 'read', 'first', 'second', 'read']);
    expect((await findings([fake]))[0]?.status).toBe('in-sync');
  });

  it('reads once what the creation says is as wanted', async () => {
    const fake = memory({ created: existing() });
    expect((await run([fake])).outcomes).toEqual({ thing: 'created' });
    expect(fake.log).toEqual(['read', 'create', 'read']);
  });

  it('writes nothing that is already in sync', async () => {
    const fake = memory();
    fake.live = existing();
    expect((await run([fake])).outcomes).toEqual({ thing: 'unchanged' });
    expect(fake.log).toEqual(['read']);
  });

  it('sets exactly what differs', async () => {
    const fake = memory();
    fake.live = existing({ second: 3 });
    expect((await run([fake])).outcomes).toEqual({ thing: 'updated' });
    expect(writesOf(fake)).toEqual(['second']);
  });

  it('writes nothing in case of a conflict', async () => {
    const fake = memory({ fixed: 'cannot change' });
    fake.live = existing({ first: 'b', second: 3 });
    expect(await run([fake])).toEqual({ outcomes: { thing: 'blocked' }, errors: { thing: 'first: cannot change' } });
    expect(writesOf(fake)).toEqual([]);
  });

  it('writes nothing and fails if the resource could not be read', async () => {
    const fake = memory();
    failOn(fake, 'read');
    expect(await run([fake])).toEqual({ outcomes: { thing: 'failed' }, errors: { thing: 'read failed' } });
    expect(writesOf(fake)).toEqual([]);
  });

  it.each(['create', 'first', 'second'])(
    'ends in the same state when %s fails and the run is repeated',
    async (operation) => {
      const fake = memory();
      failOn(fake, operation);
      expect(await run([fake])).toEqual({ outcomes: { thing: 'failed' }, errors: { thing: `${operation} failed` } });
      expect((await run([fake])).outcomes.thing).toMatch(/created|updated/);
      expect((await findings([fake]))[0]?.status).toBe('in-sync');
      expect(fake.log.filter((what) => what === 'create').length).toBeLessThanOrEqual(2);
    },
  );

  it('follows dependencies, and blocks only what depends on a failure', async () => {
    const order: string[] = [];
    const make = (id: string, ...needs: string[]) => {
      const fake = memory({ id, needs });
      fake.before = (operation) => {
        if (operation === 'create') order.push(id);
      };
      return fake;
    };
    const fakes = [make('c', 'b'), make('b', 'a'), make('a'), make('alone')];
    expect((await run(fakes)).outcomes).toEqual({ a: 'created', b: 'created', c: 'created', alone: 'created' });
    expect(order.filter((id) => id !== 'alone')).toEqual(['a', 'b', 'c']);

    const [c, b, a, unrelated] = [make('c', 'b'), make('b', 'a'), memory({ id: 'a' }), make('alone')];
    failOn(a, 'create');
    const { outcomes, errors } = await run([c, b, a, unrelated]);
    expect(outcomes).toEqual({ a: 'failed', b: 'blocked', c: 'blocked', alone: 'created' });
    expect(errors.b).toBe('needs a, which is not ready');
    expect(writesOf(b)).toEqual([]);
  });

  it('starts a dependent only after its dependency was read again', async () => {
    const order: string[] = [];
    const [needed, user] = [memory({ id: 'needed' }), memory({ id: 'user', needs: ['needed', 'not in the plan'] })];
    for (const fake of [needed, user]) {
      fake.before = (operation) => {
        order.push(`${fake.resource.id} ${operation}`);
      };
    }
    staleRead(needed, 3, existing({ second: 3 }));
    await run([user, needed], { deadline: 5_000 });
    expect(order.slice(2)).toEqual([
      ...['create', 'read', 'first', 'second', 'read', 'read'].map((operation) => `needed ${operation}`),
      ...['create', 'read', 'first', 'second', 'read'].map((operation) => `user ${operation}`),
    ]);
  });

  it('reports a resource in sync as unchanged even if its dependency failed, and keeps the order of the plan', async () => {
    const [user, needed, other] = [memory({ id: 'user', needs: ['needed'] }), memory({ id: 'needed' }), memory()];
    user.live = existing();
    failOn(needed, 'create');
    const { outcomes } = await run([user, needed, other]);
    expect(Object.entries(outcomes)).toEqual([
      ['user', 'unchanged'],
      ['needed', 'failed'],
      ['thing', 'created'],
    ]);
  });

  it.each<[string, (needed: Memory) => void]>([
    ['in conflict', (needed) => Object.assign(needed, { live: existing({ tags: {} }, { foreign: FOREIGN }) })],
    ['unread', (needed) => failOn(needed, 'read')],
    [
      'not converged',
      (needed) => Object.assign(needed, { live: existing({ second: 3 }), answer: () => existing({ second: 3 }) }),
    ],
  ])('blocks a resource whose dependency is %s', async (_, spoil) => {
    const [needed, user] = [memory({ id: 'needed' }), memory({ id: 'user', needs: ['needed'] })];
    spoil(needed);
    const { outcomes, errors } = await run([needed, user]);
    expect(outcomes.user).toBe('blocked');
    expect(errors.user).toBe('needs needed, which is not ready');
    expect(writesOf(user)).toEqual([]);
  });

  it('names all dependencies that block a resource', async () => {
    const needed = ['a', 'b', 'c'].map((id) => memory({ id }));
    for (const resource of needed) failOn(resource, 'create');
    const two = memory({ id: 'two', needs: ['a', 'b'] });
    const three = memory({ id: 'three', needs: ['a', 'b', 'c'] });
    expect((await run([...needed, two, three])).errors).toMatchObject({
      two: 'needs a and b, which are not ready',
      three: 'needs a, b and c, which are not ready',
    });
  });

  it('reports each reason of a conflict once', async () => {
    const fake = memory({ fixed: 'cannot change', refuse: () => 'may only grow' });
    fake.live = existing({ first: 'b', second: 3 });
    expect((await run([fake])).errors.thing).toBe('first: cannot change; second: may only grow');
  });

  it('reports the reason of a fact once for all its properties', async () => {
    const limits = resource({
      id: 'thing',
      type: 'Test::Thing',
      name: 'thing',
      want: { limits: { least: 1, most: 2 } },
      read: async () => ({ facts: { limits: { least: 3, most: 4 } }, details: null }),
      create: async () => undefined,
      set: { limits: { fixed: 'cannot change' } },
      removal: async () => ({ remove: async () => undefined }),
      actions: { read: [], write: [], remove: [] },
      address: 'none',
      terraform: 'left out: it is a test',
    });
    expect((await run([{ ...memory(), resource: limits }])).errors.thing).toBe('limits: cannot change');
  });

  it('writes independent resources in parallel', async () => {
    let writing = 0;
    let most = 0;
    const fakes = ['a', 'b', 'c'].map((id) => {
      const fake = memory({ id });
      fake.before = async (operation) => {
        if (operation !== 'create') return;
        writing += 1;
        most = Math.max(most, writing);
        await new Promise(setImmediate);
        writing -= 1;
      };
      return fake;
    });
    await run(fakes);
    expect(most).toBe(3);
  });

  describe('stale reads', () => {
    it('are not a failure after a change', async () => {
      const fake = memory();
      const before = existing({ second: 3 });
      fake.live = before;
      staleRead(fake, 2, before);
      expect((await run([fake], { deadline: 5_000 })).outcomes).toEqual({ thing: 'updated' });
      expect(fake.log).toEqual(['read', 'second', 'read', 'read']);
    });

    it('are not a failure after the creation: missing, and not yet tagged', async () => {
      const fake = memory();
      staleRead(fake, 2, undefined);
      staleRead(fake, 3, existing({ tags: { ManagedBy: 'none' } }, { foreign: FOREIGN }));
      expect((await run([fake], { deadline: 5_000 })).outcomes).toEqual({ thing: 'created' });
      expect(fake.log).toEqual(['read', 'create', 'read', 'read', 'read', 'first', 'second', 'read']);
    });

    it('are not in sync when they report the resource as missing', async () => {
      const fake = memory();
      fake.live = existing({ second: 3 });
      staleRead(fake, 2, undefined);
      expect((await run([fake], { deadline: 5_000 })).outcomes).toEqual({ thing: 'updated' });
      expect(fake.log).toEqual(['read', 'second', 'read', 'read']);
    });
  });

  it('are repeated for thirty seconds, with pauses of up to two', async () => {
    const fake = memory();
    fake.live = existing({ second: 3 });
    const stale = fake.live;
    fake.answer = () => stale;
    vi.useFakeTimers({ toFake: ['Date'] });
    expect((await run([fake], { deadline: 'default' })).outcomes).toEqual({ thing: 'failed' });
    expect(pauses.slice(0, 5)).toEqual([250, 500, 1_000, 2_000, 2_000]);
    const waited = pauses.reduce((sum, pause) => sum + pause);
    expect([waited > 28_000, waited <= 30_000]).toEqual([true, true]);
  });

  it('fails if the resource is missing after it was written', async () => {
    const fake = memory();
    fake.live = existing({ second: 3 });
    staleRead(fake, 2, undefined);
    expect(await run([fake])).toEqual({
      outcomes: { thing: 'failed' },
      errors: { thing: 'AWS accepted the changes, but does not return the resource' },
    });
  });

  it('fails when no read shows the change before the deadline', async () => {
    const fake = memory();
    fake.live = existing({ second: 3 });
    const stale = fake.live;
    fake.before = (operation) => {
      if (operation === 'read') fake.live = stale;
    };
    const { outcomes, errors } = await run([fake], { deadline: 0 });
    expect(outcomes).toEqual({ thing: 'failed' });
    expect(errors.thing).toBe('AWS accepted the changes, but still returns other values for: second');
  });

  describe('unlisted properties', () => {
    function withExtra(): { fake: Memory; user: Memory } {
      const fake = memory();
      const extra: UnlistedPart = {
        path: 'extras',
        kind: { singular: 'an extra', plural: 'extras' },
        live: 'x',
        remove: async () => {
          fake.log.push('remove');
          if (fake.live !== undefined) fake.live = { ...fake.live, unlisted: [] };
        },
      };
      fake.live = existing({ second: 3 }, { unlisted: [extra] });
      return { fake, user: memory({ id: 'user', needs: ['thing'] }) };
    }

    it('are kept without --prune: the rest is fixed, the resource is blocked, and its dependents continue', async () => {
      const { fake, user } = withExtra();
      const { outcomes, errors } = await run([fake, user]);
      expect(outcomes).toEqual({ thing: 'blocked', user: 'created' });
      expect(errors.thing).toMatch(
        /everything else is up to date, but it has an extra that is not in the config: x;.*--prune/,
      );
      expect(writesOf(fake)).toEqual(['second']);
    });

    it('cause neither a write nor a second read', async () => {
      const { fake } = withExtra();
      fake.live = existing({}, { unlisted: fake.live?.unlisted ?? [] });
      const { outcomes, errors } = await run([fake]);
      expect(outcomes).toEqual({ thing: 'blocked' });
      expect(errors.thing).toBe(
        'it has an extra that is not in the config: x; add it to the config, or remove it with `crc bootstrap --prune`',
      );
      expect(fake.log).toEqual(['read']);
    });

    it('that cannot be removed are a failure', async () => {
      const { fake } = withExtra();
      const before = fake.live;
      fake.answer = () => before && { ...before, facts: existing().facts };
      const { outcomes, errors } = await run([fake], { consent: { adopt: false, prune: true } });
      expect(outcomes).toEqual({ thing: 'failed' });
      expect(errors.thing).toBe('AWS accepted the changes, but still returns other values for: extras');
    });

    it('are removed with --prune', async () => {
      const { fake, user } = withExtra();
      const { outcomes } = await run([fake, user], { consent: { adopt: false, prune: true } });
      expect(outcomes).toEqual({ thing: 'updated', user: 'created' });
      expect(writesOf(fake)).toEqual(['second', 'remove']);
    });
  });

  it('adopts a resource only with consent', async () => {
    const fake = memory();
    fake.live = existing({ tags: { ManagedBy: 'other' } }, { foreign: FOREIGN });
    expect((await run([fake])).outcomes).toEqual({ thing: 'blocked' });
    expect(writesOf(fake)).toEqual([]);
    expect((await run([fake], { consent: { adopt: true, prune: false } })).outcomes).toEqual({ thing: 'updated' });
    expect(writesOf(fake)).toEqual(['tags']);
  });

  it('does not adopt what another process created between the plan and the creation', async () => {
    const fake = memory();
    fake.before = (operation) => {
      if (operation === 'create')
        fake.live = existing({ tags: { ManagedBy: 'other' }, first: 'b' }, { foreign: FOREIGN });
    };
    expect((await run([fake])).outcomes).toEqual({ thing: 'blocked' });
    expect(writesOf(fake)).toEqual(['create']);
  });

  it('starts no calls after it was stopped, and lets the call in progress finish', async () => {
    const controller = new AbortController();
    const [fake, later] = [memory({ id: 'thing' }), memory({ id: 'later', needs: ['thing'] })];
    fake.before = (operation) => {
      if (operation === 'first') controller.abort();
    };
    const { outcomes, errors } = await run([fake, later], { signal: controller.signal });
    expect(outcomes).toEqual({ thing: 'failed', later: 'not-started' });
    expect(errors.later).toBeUndefined();
    expect(errors.thing).toBe('stopped before it was finished');
    expect(fake.log).toEqual(['read', 'create', 'read', 'first']);
    expect(fake.live?.facts.first).toBe('a');
    expect((await run([fake, later])).outcomes).toEqual({ thing: 'updated', later: 'created' });
  });

  it('starts nothing if it was already stopped', async () => {
    const [inSync, absent] = [memory({ id: 'fine' }), memory({ id: 'absent' })];
    inSync.live = existing();
    const { outcomes } = await run([inSync, absent], { signal: AbortSignal.abort() });
    expect(outcomes).toEqual({ fine: 'unchanged', absent: 'not-started' });
    expect([...inSync.log, ...absent.log]).toEqual(['read', 'read']);
  });

  it('stops reading when it is stopped while waiting for a consistent read', async () => {
    const controller = new AbortController();
    const fake = memory();
    fake.live = existing({ second: 3 });
    const stale = fake.live;
    fake.answer = (read) => {
      if (read === 3) controller.abort();
      return stale;
    };
    const { errors } = await run([fake], { signal: controller.signal, deadline: 60_000 });
    expect(errors.thing).toBe('stopped before it was finished');
    expect(fake.log).toEqual(['read', 'second', 'read', 'read']);
  });

  it('never writes what is read-only, and is blocked by it if it is not in sync', async () => {
    const needed = memory({ id: 'needed' });
    const user = memory({ id: 'user', needs: ['needed'] });
    const readOnly = new Set(['needed']);
    expect((await run([needed, user], { readOnly })).outcomes).toEqual({ user: 'blocked' });
    expect([...writesOf(needed), ...writesOf(user)]).toEqual([]);
    needed.live = existing();
    expect((await run([needed, user], { readOnly })).outcomes).toEqual({ user: 'created' });
    expect(writesOf(needed)).toEqual([]);
  });

  it('reports its progress', async () => {
    const events: Event[] = [];
    const fake = memory();
    await run([fake], { events });
    expect(events.flatMap((event) => (event.kind === 'writing' ? [event.what] : []))).toEqual([
      'create',
      'first',
      'second',
    ]);
    expect(events.at(-1)).toEqual({ kind: 'written', result: { id: 'thing', outcome: 'created' } });
  });

  it('reports nothing about read-only resources', async () => {
    const events: Event[] = [];
    const needed = memory({ id: 'needed' });
    await run([needed], { events, readOnly: new Set(['needed']) });
    expect(events.map(({ kind }) => kind)).toEqual(['reading', 'read']);
  });

  it('rejects an entire plan', async () => {
    const [unread, inSync, absent] = [memory({ id: 'unread' }), memory({ id: 'fine' }), memory({ id: 'absent' })];
    const [drifted, needed] = [memory({ id: 'drifted' }), memory({ id: 'needed' })];
    failOn(unread, 'read');
    inSync.live = existing();
    drifted.live = existing({ second: 3 });
    const planned = await plan(
      [unread, inSync, absent, drifted, needed].map(({ resource }) => resource),
      NO_CONSENT,
      () => undefined,
    );
    expect(refuseAll(planned, new Set(['needed']))).toEqual([
      { id: 'unread', outcome: 'failed', error: new Error('read failed') },
      { id: 'fine', outcome: 'unchanged' },
      { id: 'absent', outcome: 'not-started' },
      { id: 'drifted', outcome: 'not-started' },
    ]);
    const writes = [unread, inSync, absent, drifted].flatMap(writesOf);
    expect(writes).toEqual([]);
  });
});
