import { describe, expect, it } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import { SERVICES, type ServiceName } from '../../src/aws/services.ts';
import { parseConfig } from '../../src/config/parse.ts';
import type { Grant } from '../../src/engine/types.ts';
import type { Context } from '../../src/resources/context.ts';
import { functionResourceIds } from '../../src/resources/function/ids.ts';
import { type Entry, RESOURCES } from '../../src/resources/list.ts';
import { listOrphans } from '../../src/resources/orphans/listing.ts';
import { exampleConfig, withEverything } from '../helpers/configs.ts';
import { contextFor, PLACE, READ_ONLY_RUN } from '../helpers/context.ts';
import { outputsDocumentSchema } from '../helpers/documents/other-commands.ts';
import { awsError, fakeAws } from '../helpers/fake-aws.ts';

const loose = exampleConfig();
withEverything(loose);
const CONFIG = parseConfig(JSON.stringify(loose), 'crc.config.json');

/** The entries by the ids that they have in this config. */
const ENTRIES = RESOURCES.map((entry) => [entry.ids(CONFIG).join(', '), entry] as const);

/** A context in which only the clients of these services are loaded. */
function contextWith(services: readonly ServiceName[]): Context {
  const { clients } = fakeAws({});
  const loaded: Clients = new Proxy(clients, {
    get(target, name: keyof Clients) {
      if (name in SERVICES && !services.includes(name as ServiceName)) throw new Error(`${name} is not in "services"`);
      return name === 'inRegion' ? () => loaded : target[name];
    },
  });
  return contextFor(loaded);
}

const created = async (entry: Entry) => (await entry.load())(CONFIG, contextWith(entry.services), READ_ONLY_RUN);

it('every entry of the list has a resource in the config that has everything', () => {
  const missing = RESOURCES.filter(({ ids }) => ids(CONFIG).length === 0);
  expect(missing, 'add the key of the config to withEverything, in test/helpers/configs.ts').toEqual([]);
});

describe.each(ENTRIES)('the entry of %s', (_, entry) => {
  it('creates resources with these ids, with the clients of its services', async () => {
    expect((await created(entry)).map(({ id }) => id)).toEqual(entry.ids(CONFIG));
  });

  it('has addresses whose keys are in the schema of the outputs document', async () => {
    const keys = (await created(entry)).flatMap(({ address }) => (address === 'none' ? [] : [address.path[0]]));
    expect(keys.filter((key = '') => !(key in outputsDocumentSchema.shape))).toEqual([]);
  });
});

it('crc deploy-function has permissions for exactly the resources that it covers', async () => {
  const all = (await Promise.all(RESOURCES.map(created))).flat();
  const permitted = all.filter(({ actions }) => actions.deploy !== undefined).map(({ id }) => id);
  const covered = CONFIG.functions.flatMap((own) => functionResourceIds(own, CONFIG.functions));
  expect(permitted.toSorted()).toEqual(covered.toSorted());
});

const KINDS = ENTRIES.flatMap(([ids, entry]) =>
  typeof entry.orphans === 'string'
    ? []
    : entry.orphans.map(({ kind, named }) => [kind.prefix, ids, { entry, kind, named }] as const),
);

describe.each(KINDS)(
  'resources of the kind %s that are no longer in the config, of %s',
  (_, __, { entry, ...rest }) => {
    const { kind, named } = rest;
    const names = named(CONFIG).flatMap((name) => name ?? []);

    it('are not those in the config', async () => {
      expect(names).not.toEqual([]);
      const { listing } = kind;
      if (typeof listing === 'function') return;
      const arns = (await created(entry)).flatMap(({ actions: { read, write } }) =>
        [...read, ...write].flatMap(({ resources }) => resources),
      );
      const inArns = arns.flatMap((arn) => listing.exec(arn)?.[1] ?? []);
      expect(names.filter((name) => !inArns.includes(name))).toEqual([]);
    });

    it('are deleted only with the tag of the project', () => {
      const owned = { StringEquals: { project: 'own' } };
      const removing = kind.removing(PLACE, (grant): Grant => ({ ...grant, condition: owned }));
      const writes = removing.flatMap(({ actions, condition }) =>
        actions.filter((action) => !/:(Get|List|Describe|Scan)/.test(action)).map((action) => [action, condition]),
      );
      expect(writes).not.toEqual([]);
      expect(writes.filter(([, condition]) => condition !== owned)).toEqual([]);
      expect(kind.finding(PLACE)).not.toEqual([]);
    });

    it('are read and deleted with the clients of its services', async () => {
      const create = await kind.load();
      const surroundings = { config: CONFIG, users: { ofRole: never, ofTable: never }, lockTableUsers: never };
      const { type } = create({ id: `${kind.prefix}/A`, name: 'A' }, surroundings, contextWith(kind.services));
      expect(type).toBe(kind.type);
    });
  },
);

it('no resource is listed as two kinds, each of which would take it for no longer in the config', async () => {
  const patterns = [...new Set(KINDS.map(([, , { kind }]) => kind.listing))].filter(
    (listing) => listing instanceof RegExp,
  );
  const all = (await Promise.all(RESOURCES.map(created))).flat();
  const arns = all.flatMap(({ actions: { read, write } }) => [...read, ...write].flatMap(({ resources }) => resources));
  expect(arns.filter((arn) => patterns.filter((pattern) => pattern.test(arn)).length > 1)).toEqual([]);
});

async function never(): Promise<never> {
  throw new Error('nothing is sent');
}

it('a failed listing keeps its id if a new kind is listed with the others', async () => {
  const topics = { prefix: 'topic', type: 'AWS::SNS::Topic', listing: /:sns:(.+)/, services: [], finding: () => [] };
  const kind = { ...topics, removing: () => [], load: never };
  const entry: Entry = { ids: () => [], services: [], orphans: [{ kind, named: () => [] }], load: never };
  const { clients } = fakeAws({
    tag: {
      GetResources: () => {
        throw awsError('AccessDeniedException');
      },
    },
  });
  const idsAndNames = async () =>
    (await listOrphans(CONFIG, contextFor(clients)))
      .filter(({ id }) => !id.startsWith('role/'))
      .map(({ id, name }) => [id, name]);
  const before = await idsAndNames();
  expect(before).toEqual([['function/*', 'functions and tables that are not in the config']]);
  const list = RESOURCES as Entry[];
  list.push(entry);
  try {
    expect(await idsAndNames()).toEqual(before);
  } finally {
    list.pop();
  }
});
