import { describe, expect, it } from 'vitest';
import { plan } from '../../src/engine/plan.ts';
import { existing, FOREIGN, findings, memory, NO_CONSENT } from './memory.ts';

const findingOf = async (...args: Parameters<typeof findings>) => (await findings(...args))[0];

describe('plan', () => {
  it('absent: only a create change', async () => {
    expect(await findingOf([memory()])).toMatchObject({
      id: 'thing',
      type: 'Test::Thing',
      name: 'name of thing',
      status: 'absent',
      changes: [{ kind: 'create' }],
      warnings: [],
      notes: [],
      irreversible: [],
      adoptable: false,
      work: { steps: [], kept: undefined },
    });
  });

  it('in sync: no changes', async () => {
    const fake = memory();
    fake.live = existing();
    expect(await findingOf([fake])).toMatchObject({ status: 'in-sync', changes: [] });
  });

  it('warnings: from the config, whether or not the resource exists, and from the live resource; they change no status', async () => {
    const fake = memory({ warnings: ['of the config'] });
    expect(await findingOf([fake])).toMatchObject({ status: 'absent', warnings: ['of the config'] });
    fake.live = existing({}, { warnings: ['of the account'] });
    expect(await findingOf([fake])).toMatchObject({ status: 'in-sync', warnings: ['of the config', 'of the account'] });
    fake.before = () => {
      throw new Error('denied');
    };
    expect(await findingOf([fake])).toMatchObject({ status: 'unread', warnings: ['of the config'] });
  });

  it('drifted: every leaf', async () => {
    const fake = memory();
    fake.live = existing({ first: 'b', second: 3 });
    expect(await findingOf([fake])).toMatchObject({
      status: 'drifted',
      changes: [
        { kind: 'update', path: 'first', live: 'b', want: 'a' },
        { kind: 'update', path: 'second', live: 3, want: 2 },
      ],
    });
  });

  it('unread: the error of the read, and other resources are still planned', async () => {
    const broken = memory({ id: 'broken' });
    const error = new Error('denied');
    broken.before = () => {
      throw error;
    };
    const inSync = memory({ id: 'fine' });
    inSync.live = existing();
    expect(await findings([broken, inSync])).toMatchObject([
      { id: 'broken', status: 'unread', changes: [], error },
      { id: 'fine', status: 'in-sync' },
    ]);
  });

  it('fixed and refused facts are conflicts, next to the other changes', async () => {
    const fixed = memory({ fixed: 'cannot change' });
    fixed.live = existing({ first: 'b', second: 3 });
    expect(await findingOf([fixed])).toMatchObject({
      status: 'conflict',
      changes: [
        { kind: 'conflict', path: 'first', live: 'b', want: 'a', why: 'cannot change' },
        { kind: 'update', path: 'second' },
      ],
    });
    const refused = memory({ refuse: (live, want) => (live > want ? 'may only grow' : undefined) });
    refused.live = existing({ second: 3 });
    expect(await findingOf([refused])).toMatchObject({
      status: 'conflict',
      changes: [{ kind: 'conflict', why: 'may only grow' }],
    });
    refused.live = existing({ second: 1 });
    expect(await findingOf([refused])).toMatchObject({ status: 'drifted', changes: [{ kind: 'update' }] });
  });

  it('foreign: a conflict that shows the full difference, and a plain difference with consent', async () => {
    const fake = memory();
    fake.live = existing({ tags: { ManagedBy: 'terraform' }, first: 'b' }, { foreign: FOREIGN });
    const other = { kind: 'update', path: 'first', live: 'b', want: 'a' };
    expect(await findingOf([fake])).toMatchObject({
      status: 'conflict',
      adoptable: true,
      changes: [
        {
          kind: 'conflict',
          path: 'tags.ManagedBy',
          live: 'terraform',
          want: 'crc',
          why: expect.stringContaining('--adopt'),
        },
        other,
      ],
    });
    expect(await findingOf([fake], { adopt: true, prune: false })).toMatchObject({
      status: 'drifted',
      changes: [{ kind: 'update', path: 'tags.ManagedBy', live: 'terraform', want: 'crc', why: FOREIGN.owner }, other],
    });
  });

  it('foreign: a missing tag, unlisted properties and a fixed fact are shown together, and adoption overrides none of them', async () => {
    const fake = memory({ fixed: 'cannot change' });
    const unlisted = [
      { path: 'extras', kind: { singular: 'an extra', plural: 'extras' }, live: 'x', remove: async () => undefined },
    ];
    fake.live = existing({ tags: {}, first: 'b', second: 3 }, { foreign: { ...FOREIGN, live: null }, unlisted });
    const rest = [
      { kind: 'conflict', path: 'first', live: 'b', want: 'a', why: 'cannot change' },
      { kind: 'update', path: 'second', live: 3, want: 2 },
      { kind: 'remove', path: 'extras', live: 'x', want: null },
    ];
    const tag = { path: 'tags.ManagedBy', live: null, want: 'crc' };
    const finding = await findingOf([fake]);
    expect(finding).toMatchObject({ status: 'conflict', adoptable: false });
    expect(finding?.changes).toEqual([{ kind: 'conflict', ...tag, why: expect.stringContaining('--adopt') }, ...rest]);
    const adopted = await findingOf([fake], { adopt: true, prune: false });
    expect(adopted?.status).toBe('conflict');
    expect(adopted?.changes).toEqual([{ kind: 'update', ...tag, why: FOREIGN.owner }, ...rest]);
  });

  it('foreign is a conflict even when nothing differs', async () => {
    const fake = memory();
    fake.live = existing({}, { foreign: FOREIGN });
    expect(await findingOf([fake])).toMatchObject({
      status: 'conflict',
      changes: [{ kind: 'conflict', path: FOREIGN.path }],
    });
  });

  it('unlisted properties become removals', async () => {
    const fake = memory();
    fake.live = existing(
      {},
      {
        unlisted: [
          {
            path: 'extras',
            kind: { singular: 'an extra', plural: 'extras' },
            live: 'x',
            remove: async () => undefined,
          },
        ],
      },
    );
    expect(await findingOf([fake])).toMatchObject({
      status: 'drifted',
      changes: [{ kind: 'remove', path: 'extras', live: 'x', want: null }],
    });
  });

  it('reports irreversible changes only if they are planned', async () => {
    const fake = memory({ refuse: () => undefined });
    expect((await fake.resource.inspect(NO_CONSENT)).irreversible).toEqual(['2 stays for ever']);
    fake.live = existing({ first: 'b' });
    expect((await fake.resource.inspect(NO_CONSENT)).irreversible).toEqual([]);
    fake.live = existing({ second: 1 });
    expect((await fake.resource.inspect(NO_CONSENT)).irreversible).toEqual(['2 stays for ever']);
  });

  it('starts no reads after it was stopped: the remaining resources are unread', async () => {
    const controller = new AbortController();
    const fakes = Array.from({ length: 100 }, (_, index) => memory({ id: `thing ${index}` }));
    for (const fake of fakes) {
      fake.before = async () => {
        controller.abort();
        await new Promise(setImmediate);
      };
    }
    const planned = await plan(
      fakes.map(({ resource }) => resource),
      NO_CONSENT,
      () => undefined,
      controller.signal,
    );
    const read = fakes.filter(({ log }) => log.length > 0).length;
    expect(read).toBe(1);
    expect(planned.filter(({ status }) => status === 'unread')).toHaveLength(fakes.length - read);
  });

  it('reads everything in parallel, and reports each read', async () => {
    let resolve: () => void = () => undefined;
    const allStarted = new Promise<void>((done) => {
      resolve = done;
    });
    const started: string[] = [];
    const fakes = ['a', 'b', 'c'].map((id) => {
      const fake = memory({ id });
      fake.before = async () => {
        if (started.push(id) === 3) resolve();
        await allStarted;
      };
      return fake;
    });
    const events: string[] = [];
    await plan(
      fakes.map(({ resource }) => resource),
      NO_CONSENT,
      (event) => events.push(event.kind === 'read' ? `${event.kind} ${event.done}/${event.total}` : event.kind),
    );
    expect(events).toEqual(['reading', 'read 1/3', 'read 2/3', 'read 3/3']);
  });

  it('lets the requests for a resource leave before it prepares those for the next one', async () => {
    const order: string[] = [];
    const [first, second] = [memory({ id: 'first' }), memory({ id: 'second' })];
    // The SDK prepares a request in many small steps.
    first.before = async () => {
      for (let step = 0; step < 100; step += 1) await Promise.resolve();
      order.push('the first request leaves');
    };
    second.before = () => {
      order.push('the second is prepared');
    };
    await plan([first.resource, second.resource], NO_CONSENT, () => undefined);
    expect(order).toEqual(['the first request leaves', 'the second is prepared']);
  });
});
