import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleDocuments } from '../../src/config/role-documents.ts';
import type { RoleConfig } from '../../src/config/schema.ts';
import {
  digestKeys,
  isKeptFor,
  keysBelowPrefixes,
  stateKey,
  stateKeys,
  workspaceKeys,
  workspacePrefixes,
} from '../../src/config/state-keys.ts';
import type { PolicyDocument } from '../../src/policies/document.ts';
import { fits } from '../../src/policies/glob.ts';

const BUCKET = 'my-bucket';
const config: Parameters<typeof roleDocuments>[0] = {
  oidcProvider: {
    url: 'https://token.actions.githubusercontent.com',
    audiences: ['sts.amazonaws.com'],
    thumbprints: [],
  },
  stateBucket: { name: BUCKET, region: 'eu-west-2', objectLock: false, encryption: { algorithm: 'AES256' } },
  lockTable: { name: 'locks', capacity: 'on-demand', lockFile: true },
};

function writer(name: string, key: string): RoleConfig {
  return {
    name,
    policyName: 'P',
    trust: { repository: 'o/r', subjects: ['*'] },
    path: '/',
    inlinePolicies: {},
    state: [{ key, access: 'write', workspaceKeyPrefix: 'env:' }],
    crc: [],
    statements: [],
    managedPolicyArns: [],
    maxSessionSeconds: 3_600,
  };
}

function isAccepted(roles: readonly RoleConfig[]): boolean {
  const parts = { roles: roles.map((value, index) => ({ index, value })) };
  const keys = roles.flatMap(({ state }) => state.map(({ key }) => key));
  return (
    keys.every((key) => stateKey(key) === undefined) &&
    [stateKeys, digestKeys, workspaceKeys].every((rule) => rule(parts).length === 0)
  );
}

/** Everything that Terraform stores for a state and its workspaces: objects as ARNs, items as ids. */
function keptFor(key: string, workspaces: readonly string[]) {
  const keys = [key, ...workspaces.map((name) => `env:/${name}/${key}`)];
  return {
    objects: keys
      .flatMap((stateKey) => [stateKey, `${stateKey}.tflock`])
      .map((stateKey) => `arn:aws:s3:::${BUCKET}/${stateKey}`),
    items: keys.flatMap((stateKey) => [stateKey, `${stateKey}-md5`]).map((stateKey) => `${BUCKET}/${stateKey}`),
  };
}

const list = (value: unknown) => (Array.isArray(value) ? value : [value]) as readonly string[];

/** The IAM patterns of objects and items that a policy allows to write. */
function writable(policy: PolicyDocument | undefined) {
  const statements = (policy?.Statement ?? []).filter(({ Action }) =>
    list(Action).some((action) => /:(Put|Delete)/.test(action)),
  );
  return {
    objects: statements.flatMap(({ Resource }) => list(Resource)).filter((arn) => arn.startsWith('arn:aws:s3')),
    items: statements.flatMap(({ Condition }) =>
      list(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []),
    ),
  };
}

/** Objects and items of another role's state that a role with this key may write. */
function reach(key: string, other: string, workspaces: readonly string[]): readonly string[] {
  const { policy } = roleDocuments(config, writer('A', key), { accountId: '123456789012', region: 'eu-west-2' });
  const allowed = writable(policy);
  const reserved = keptFor(other, workspaces);
  return [
    ...reserved.objects.filter((arn) => allowed.objects.some((pattern) => fits(pattern, arn))),
    ...reserved.items.filter((id) => allowed.items.some((pattern) => fits(pattern, id))),
  ];
}

/** Key segments that are likely to collide. */
const key = fc
  .array(fc.constantFrom('a', 'b', 'a-md5', 'env:', 'x', 'a.tflock', '-md5', 'a-md5-md5', 'a.tflock-md5', 'default'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join('/'));
const workspace = fc.constantFrom('a', 'x', 'env:', 'a-md5', '-md5', 'dev', 'b');

describe('keys of states', () => {
  it('of different roles are accepted only if no policy allows writing the state of another', () => {
    fc.assert(
      fc.property(key, key, fc.array(workspace, { maxLength: 3 }), (first, second, workspaces) => {
        fc.pre(isAccepted([writer('A', first), writer('B', second)]));
        expect(reach(first, second, workspaces)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['a', 'x/a-md5'],
    ['x/a', 'a-md5'],
    ['a', 'x/a'],
    ['a', 'a-md5'],
  ])('%s and %s are refused because they collide', (first, second) => {
    expect(isAccepted([writer('A', first), writer('B', second)])).toBe(false);
    const workspaces = ['dev', 'x'];
    expect([...reach(first, second, workspaces), ...reach(second, first, workspaces)]).not.toEqual([]);
  });

  it.each([
    ['a', 'b'],
    ['a/x', 'a/y'],
    ['x/a', 'x/ba'],
    ['a-md5/x', 'a'],
  ])('%s and %s are accepted', (first, second) => {
    expect(isAccepted([writer('A', first), writer('B', second)])).toBe(true);
  });

  const oneStateRole = (name: string, access: 'read' | 'write'): RoleConfig => ({
    ...writer(name, 'a'),
    state: ['a', 'x/a'].map((key) => ({ key, access, workspaceKeyPrefix: 'env:' })),
  });
  const inOrder = (roles: readonly RoleConfig[]) =>
    workspaceKeys({ roles: roles.map((value, index) => ({ index, value })) }).length === 0;

  it('that both roles may use anyway are accepted: the plan and the apply of several folders', () => {
    expect(inOrder([oneStateRole('plan', 'read'), oneStateRole('apply', 'write')])).toBe(true);
    expect(inOrder([writer('other', 'a'), oneStateRole('apply', 'write')])).toBe(false);
  });
});

/**
 * Compares each state with every other state, according to the documented rules. This is too slow for a thousand roles.
 */
describe('collisions between the states of many roles match a pairwise comparison', () => {
  interface Entry {
    readonly role: string;
    readonly key: string;
    readonly prefix: string;
    readonly access: 'read' | 'write';
    readonly path: string;
  }
  const state = fc.record({
    key,
    access: fc.constantFrom<Entry['access']>('read', 'write'),
    workspaceKeyPrefix: fc.constantFrom('env:', 'a', 'a/b'),
  });
  const roles = fc
    .array(fc.array(state, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    .map((all) => all.map((states, index) => ({ index, value: { ...writer(`R${index}`, 'a'), state: states } })));
  const entriesOf = (all: readonly { readonly index: number; readonly value: RoleConfig }[]): readonly Entry[] =>
    all.flatMap(({ index, value }) =>
      value.state.map(({ workspaceKeyPrefix: prefix, ...state }, at) => ({
        ...state,
        prefix,
        role: value.name,
        path: `roles[${index}].state[${at}].key`,
      })),
    );
  const suffixes = ['', '-md5', '.tflock'];
  const containsKey = (wide: string, narrow: string) =>
    suffixes.some((end) => suffixes.some((other) => `${narrow}${other}`.endsWith(`/${wide}${end}`)));
  const overlap = (first: string, second: string) =>
    `${first}/`.startsWith(`${second}/`) || `${second}/`.startsWith(`${first}/`);

  /** The path of each problem, and a name that its message must contain. */
  const check = (
    rule: typeof workspaceKeys,
    first: (entry: Entry, entries: readonly Entry[]) => string | undefined,
    place = (entry: Entry) => entry.path,
  ) =>
    fc.assert(
      fc.property(roles, (all) => {
        const entries = entriesOf(all);
        const expected = entries.flatMap((entry) => {
          const name = first(entry, entries);
          return name === undefined ? [] : [{ path: place(entry), message: expect.stringContaining(name) }];
        });
        expect(rule({ roles: all })).toEqual(expected);
      }),
      { numRuns: 400 },
    );

  it('keys of digests', () =>
    check(digestKeys, ({ key }, entries) => entries.find((other) => key === `${other.key}-md5`) && `"${key}"`));

  it('keys that end alike', () =>
    check(workspaceKeys, (entry, entries) => {
      const other = entries.find(
        (other) =>
          other.role !== entry.role &&
          overlap(other.prefix, entry.prefix) &&
          containsKey(other.key, entry.key) &&
          !entries.some(
            (ownStates) =>
              ownStates.role === other.role &&
              ownStates.key === entry.key &&
              (ownStates.access === 'write' || other.access === 'read'),
          ),
      );
      return other && `ends like "${other.key}", so that ${other.role} could`;
    }));

  it('prefixes of workspaces', () =>
    check(
      workspacePrefixes,
      (entry, entries) => {
        const other = entries.find(({ key }) => key === entry.key);
        return other === undefined || other.prefix === entry.prefix ? undefined : `${other.role} has "${other.prefix}"`;
      },
      ({ path }) => path.replace(/key$/, 'workspaceKeyPrefix'),
    ));

  it('keys below the prefix of a state', () =>
    check(keysBelowPrefixes, ({ key }, entries) => {
      const other = entries.find((other) => key.startsWith(`${other.prefix}/`) && containsKey(other.key, key));
      return other && `of "${other.key}" keeps its state; choose a key that does not start with "${other.prefix}/"`;
    }));

  it('and a single key is kept for a state by the same rule', () => {
    fc.assert(
      fc.property(key, key, (stateKey, object) => {
        const below = object.startsWith('env:/') && containsKey(stateKey, object);
        expect(isKeptFor({ key: stateKey, prefix: 'env:' }, object)).toBe(object === `${stateKey}-md5` || below);
      }),
    );
  });
});
