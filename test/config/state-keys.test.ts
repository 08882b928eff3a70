import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleDocuments } from '../../src/config/role-documents.ts';
import type { RoleConfig } from '../../src/config/schema.ts';
import { digestKeys, stateKey, stateKeys, workspaceKeys } from '../../src/config/state-keys.ts';
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

/** All that Terraform keeps of a state and its workspaces: objects as ARNs, items as ids. */
function keptFor(key: string, workspaces: readonly string[]) {
  const keys = [key, ...workspaces.map((name) => `env:/${name}/${key}`)];
  return {
    objects: keys.flatMap((one) => [one, `${one}.tflock`]).map((one) => `arn:aws:s3:::${BUCKET}/${one}`),
    items: keys.flatMap((one) => [one, `${one}-md5`]).map((one) => `${BUCKET}/${one}`),
  };
}

const list = (value: unknown) => (Array.isArray(value) ? value : [value]) as readonly string[];

/** Objects and items that a policy allows to write, as patterns of IAM. */
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

/** What the policy of a role that writes one key allows to write of another role's state. */
function reach(key: string, other: string, workspaces: readonly string[]): readonly string[] {
  const { policy } = roleDocuments(config, writer('A', key), { accountId: '123456789012', region: 'eu-west-2' });
  const may = writable(policy);
  const theirs = keptFor(other, workspaces);
  return [
    ...theirs.objects.filter((arn) => may.objects.some((pattern) => fits(pattern, arn))),
    ...theirs.items.filter((id) => may.items.some((pattern) => fits(pattern, id))),
  ];
}

/** Pieces that collide, if anything does. */
const key = fc
  .array(fc.constantFrom('a', 'b', 'a-md5', 'env:', 'x', 'a.tflock', '-md5', 'a-md5-md5', 'a.tflock-md5', 'default'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join('/'));
const workspace = fc.constantFrom('a', 'x', 'env:', 'a-md5', '-md5', 'dev', 'b');

describe('keys of states', () => {
  it('of different roles that are accepted: no policy allows to write what is another’s', () => {
    fc.assert(
      fc.property(key, key, fc.array(workspace, { maxLength: 3 }), (one, other, workspaces) => {
        fc.pre(isAccepted([writer('A', one), writer('B', other)]));
        expect(reach(one, other, workspaces)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['a', 'x/a-md5'],
    ['x/a', 'a-md5'],
    ['a', 'x/a'],
    ['a', 'a-md5'],
  ])('%s and %s are refused, and with reason', (one, other) => {
    expect(isAccepted([writer('A', one), writer('B', other)])).toBe(false);
    const workspaces = ['dev', 'x'];
    expect([...reach(one, other, workspaces), ...reach(other, one, workspaces)]).not.toEqual([]);
  });

  it.each([
    ['a', 'b'],
    ['a/x', 'a/y'],
    ['x/a', 'x/ba'],
    ['a-md5/x', 'a'],
  ])('%s and %s are accepted', (one, other) => {
    expect(isAccepted([writer('A', one), writer('B', other)])).toBe(true);
  });

  const both = (name: string, access: 'read' | 'write'): RoleConfig => ({
    ...writer(name, 'a'),
    state: ['a', 'x/a'].map((key) => ({ key, access, workspaceKeyPrefix: 'env:' })),
  });
  const inOrder = (roles: readonly RoleConfig[]) =>
    workspaceKeys({ roles: roles.map((value, index) => ({ index, value })) }).length === 0;

  it('that both roles have anyway are accepted: the plan and the apply of several folders', () => {
    expect(inOrder([both('plan', 'read'), both('apply', 'write')])).toBe(true);
    expect(inOrder([writer('other', 'a'), both('apply', 'write')])).toBe(false);
  });
});
