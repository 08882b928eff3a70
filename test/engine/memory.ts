import { type ApplyOptions, apply } from '../../src/engine/apply.ts';
import type { Event } from '../../src/engine/outcome.ts';
import { plan } from '../../src/engine/plan.ts';
import { type Resource, resource, withWarnings } from '../../src/engine/resource.ts';
import type { Consent, Finding, Foreign, Live, OneWay, Removal, Setter } from '../../src/engine/types.ts';

type Facts = { readonly tags: { readonly ManagedBy?: string }; readonly first: string; readonly second: number };

/** A resource in memory, with a log of its operations. */
export interface Memory {
  live: Live<Facts> | undefined;
  readonly log: string[];
  /** Called before each operation. If it throws, the operation fails. */
  before(operation: string): void | Promise<void>;
  /** The result of the nth read; default: the current state. */
  answer(read: number): Live<Facts> | undefined;
  readonly resource: Resource;
}

export const WANT: Facts = { tags: { ManagedBy: 'crc' }, first: 'a', second: 2 };

export interface MemoryOptions {
  readonly id?: string;
  readonly needs?: readonly string[];
  readonly removedAfter?: readonly string[];
  /** Reasons that affect the removal. */
  readonly removal?: Pick<Removal, 'blocked' | 'kept'>;
  readonly fixed?: string;
  readonly refuse?: OneWay<number, Live<Facts>>['refuse'];
  /** What the creation answers, for a service that returns what it created. */
  readonly created?: Live<Facts>;
  /** Warnings about the config. */
  readonly warnings?: readonly string[];
}

export function memory(options: MemoryOptions = {}): Memory {
  const { id = 'thing', needs = [], removedAfter = [], removal, fixed, refuse, created, warnings = [] } = options;
  const call = async (operation: string) => {
    self.log.push(operation);
    await self.before(operation);
  };
  const set = (change: Partial<Facts>) => {
    if (self.live === undefined) throw new Error('a setter was called without a resource');
    self.live = { ...self.live, facts: { ...self.live.facts, ...change } };
  };
  const setSecond: Setter<number, Live<Facts>> = async (second) => {
    await call('second');
    set({ second });
  };
  const self: Memory = {
    live: undefined,
    log: [],
    before: () => undefined,
    answer: () => self.live,
    resource: withWarnings(
      resource<Facts, unknown>({
        id,
        type: 'Test::Thing',
        name: `name of ${id}`,
        needs,
        removedAfter,
        want: WANT,
        async read() {
          await call('read');
          return self.answer(self.log.filter((operation) => operation === 'read').length);
        },
        async create() {
          await call('create');
          // Like an existing resource, which must not be an error.
          self.live ??= created ?? { facts: { tags: WANT.tags, first: 'default', second: 0 }, details: null };
          return created;
        },
        set: {
          tags: async (tags) => {
            await call('tags');
            set({ tags });
            if (self.live !== undefined) self.live = { ...self.live, foreign: undefined };
          },
          first:
            fixed === undefined
              ? async (first) => {
                  await call('first');
                  set({ first });
                }
              : { fixed },
          second:
            refuse === undefined
              ? setSecond
              : { set: setSecond, refuse, irreversible: (want) => `${want} stays for ever` },
        },
        removal: async () => ({
          ...removal,
          remove: async () => {
            await call('remove');
            self.live = undefined;
          },
        }),
        actions: { read: [], write: [], remove: [] },
        address: 'none',
        terraform: 'left out: it lives in memory',
      }),
      { warnings, exposures: [] },
    ),
  };
  return self;
}

/** An existing resource as wanted, except for these facts. */
export function existing(facts: Partial<Facts> = {}, more: Partial<Live<Facts>> = {}): Live<Facts> {
  return { facts: { ...WANT, ...facts }, details: null, ...more };
}

/** The owner of a resource that belongs to another project. */
export const FOREIGN: Foreign = {
  path: 'tags.ManagedBy',
  live: 'terraform',
  want: 'crc',
  owner: 'belongs to another',
  why: 'belongs to another; use --adopt',
};

export const NO_CONSENT: Consent = { adopt: false, prune: false };

export async function findings(fakes: readonly Memory[], consent = NO_CONSENT): Promise<readonly Finding[]> {
  return await plan(
    fakes.map((fake) => fake.resource),
    consent,
    () => undefined,
  );
}

export interface Run extends Omit<Partial<ApplyOptions>, 'deadline'> {
  readonly consent?: Consent;
  readonly events?: Event[];
  /** Default: 0, which allows one read after each write. */
  readonly deadline?: number | 'default';
}

/** Plans and applies resources. Returns outcomes by id. */
export async function run(
  fakes: readonly Memory[],
  { consent = NO_CONSENT, events, deadline = 0, ...options }: Run = {},
) {
  const report = (event: Event) => {
    events?.push(event);
  };
  const planned = await plan(
    fakes.map((fake) => fake.resource),
    consent,
    report,
  );
  const results = await apply(planned, {
    report,
    signal: new AbortController().signal,
    ...(deadline === 'default' ? {} : { deadline }),
    ...options,
  });
  return {
    outcomes: Object.fromEntries(results.map(({ id, outcome }) => [id, outcome])),
    errors: Object.fromEntries(results.map(({ id, error }) => [id, error instanceof Error ? error.message : error])),
  };
}

export function writesOf({ log }: Memory): readonly string[] {
  return log.filter((operation) => operation !== 'read');
}
