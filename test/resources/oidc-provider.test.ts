import { describe, expect, it } from 'vitest';
import { oidcProvider } from '../../src/resources/oidc-provider.ts';
import { type Tags, toTagList } from '../../src/resources/tags.ts';
import { ACCOUNT, contextFor, TAG_LIST } from '../helpers/context.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../helpers/contract.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { type FakeProvider, fakeIam } from '../helpers/fake-iam.ts';

const URL_ = 'https://token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const THUMBPRINT = '1b511abead59c6ce207077c0bf0e0043b1382612';

type State = Map<string, FakeProvider>;

function bench(thumbprints: readonly string[] = [THUMBPRINT], iam = fakeIam(ACCOUNT)): Bench<State> {
  const aws = fakeAws({ iam: iam.handlers });
  const input = { url: URL_, audiences: ['sts.amazonaws.com'], thumbprints, ownRoles: ['Own'], removedAfter: [] };
  return { aws, resource: oidcProvider(input, contextFor(aws.clients)), state: iam.providers };
}

function change(overrides: Partial<FakeProvider>) {
  return (providers: State) => {
    // The fake adds to these lists.
    Object.assign(providers.get(ARN) ?? {}, structuredClone(overrides));
  };
}

function foreign(state: State, overrides: Partial<FakeProvider> = {}): void {
  state.set(ARN, {
    url: URL_,
    clientIds: ['https://github.com/other'],
    thumbprints: ['a'.repeat(40)],
    tags: [],
    ...overrides,
  });
}

describe('OIDC provider', () => {
  testResourceContract({
    bench,
    drifts: [
      {
        path: 'audiences',
        tamper: change({ clientIds: ['https://github.com/other'] }),
        operation: 'AddClientIDToOpenIDConnectProvider',
        input: { OpenIDConnectProviderArn: ARN, ClientID: 'sts.amazonaws.com' },
      },
      {
        path: 'thumbprints',
        tamper: change({ thumbprints: ['b'.repeat(40), 'a'.repeat(40)] }),
        operation: 'UpdateOpenIDConnectProviderThumbprint',
        input: { OpenIDConnectProviderArn: ARN, ThumbprintList: ['b'.repeat(40), 'a'.repeat(40), THUMBPRINT] },
      },
    ],
    reads: ['GetOpenIDConnectProvider'],
  });

  it('is created in one call', async () => {
    const { aws, resource } = bench();
    await converge(resource);
    expect(aws.calls.find(({ operation }) => operation === 'CreateOpenIDConnectProvider')?.input).toEqual({
      Url: URL_,
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: [THUMBPRINT],
      Tags: TAG_LIST,
    });
  });

  it('lets IAM determine the thumbprint if the config has none', async () => {
    const { aws, resource } = bench([]);
    await converge(resource);
    const create = aws.calls.find(({ operation }) => operation === 'CreateOpenIDConnectProvider');
    expect(create?.input).not.toHaveProperty('ThumbprintList');
    expect((await find(resource)).status).toBe('in-sync');
  });

  it("adds what is missing to another owner's provider, and no tag, even with --adopt", async () => {
    const { aws, resource, state } = bench();
    foreign(state);
    const { finding, result } = await converge(resource, { adopt: true, prune: true });
    expect([finding.status, result.outcome]).toEqual(['drifted', 'updated']);
    expect(writes(aws)).toEqual(['AddClientIDToOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint']);
    expect(state.get(ARN)).toEqual({
      url: URL_,
      clientIds: ['https://github.com/other', 'sts.amazonaws.com'],
      thumbprints: ['a'.repeat(40), THUMBPRINT],
      tags: [],
    });
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('accepts a full list of thumbprints, with a note', async () => {
    const { aws, resource, state } = bench();
    const thumbprints = [...'abcde'].map((letter) => letter.repeat(40));
    foreign(state, { clientIds: ['sts.amazonaws.com'], thumbprints });
    const { finding } = await converge(resource);
    expect([finding.status, writes(aws)]).toEqual(['in-sync', []]);
    const { notes } = await find(resource);
    expect(notes).toEqual([expect.stringContaining(THUMBPRINT)]);
  });

  it('has no note about a full list that has the thumbprint', async () => {
    const { resource, state } = bench();
    const fourOfFive = [...'abcd'].map((letter) => letter.repeat(40));
    foreign(state, { clientIds: ['sts.amazonaws.com'], thumbprints: [...fourOfFive, THUMBPRINT] });
    expect((await find(resource)).notes).toEqual([]);
  });

  it('never compares nor changes the tags that it was created with', async () => {
    const { aws, resource, state } = bench();
    foreign(state, {
      clientIds: ['sts.amazonaws.com'],
      thumbprints: [THUMBPRINT],
      tags: toTagList({ ManagedBy: 'crc', 'crc:project': 'other', Project: 'other' }),
    });
    for (const adopt of [false, true]) {
      expect((await converge(resource, { adopt, prune: true })).finding.status).toBe('in-sync');
    }
    expect(writes(aws)).toEqual([]);
  });

  it('is created although IAM cannot reach the issuer at first', async () => {
    const { aws, resource } = bench([]);
    aws.answer('iam:CreateOpenIDConnectProvider', 'issuer-unreachable', 2);
    expect((await converge(resource)).result).toMatchObject({ id: 'oidc-provider', outcome: 'created' });
  });

  describe('removal', () => {
    const allow = (Principal: unknown, more: object = {}) => ({
      Effect: 'Allow',
      Principal,
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...more,
    });
    const policy = (...Statement: readonly unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement });

    async function removal(trust: string, name = 'Other', tags: Tags = { ManagedBy: 'crc', 'crc:project': 'resume' }) {
      const iam = fakeIam(ACCOUNT);
      const { aws, resource, state } = bench([THUMBPRINT], iam);
      foreign(state, { tags: toTagList(tags) });
      iam.roles.set('Unrelated', {
        trust: policy({ ...allow({ Service: 'lambda.amazonaws.com' }), Action: 'sts:AssumeRole' }),
        tags: [],
        inline: new Map(),
        attached: [],
      });
      iam.roles.set(name, { trust, tags: [], inline: new Map(), attached: [] });
      const inspected = await resource.inspectRemoval();
      return { kept: inspected?.kept, remove: () => inspected?.remove(), state, aws };
    }

    it.each([
      ['names it', policy(allow({ Federated: ARN }))],
      ['names it among others', policy(allow({ Federated: ['cognito-identity.amazonaws.com', ARN] }))],
      ['names it in a statement that is not in a list', JSON.stringify({ Statement: allow({ Federated: ARN }) })],
      ['has escaped slashes', policy(allow({ Federated: ARN })).replaceAll('/', '\\/')],
      ['trusts everyone', policy(allow('*'))],
      ['trusts every AWS principal', policy(allow({ AWS: '*' }))],
      [
        'trusts everyone except another principal',
        policy({ ...allow(undefined), NotPrincipal: { AWS: '123456789012' } }),
      ],
      ['allows any action', policy(allow({ Federated: ARN }, { Action: ['sts:TagSession', 'sts:*'] }))],
      ['cannot be read', '{ "Statement": ['],
      ['has no statement', '{}'],
    ])('is kept while another role %s', async (_, trust) => {
      expect((await removal(trust)).kept).toBe('used by other roles: Other');
    });

    it.each([
      ["is the config's own", policy(allow({ Federated: ARN })), 'Own'],
      ['only denies it', policy({ ...allow({ Federated: ARN }), Effect: 'Deny' }), 'Other'],
      ['trusts another provider', policy(allow({ Federated: `${ARN}.example.com` })), 'Other'],
      ['trusts everyone who has AWS credentials', policy(allow('*', { Action: 'sts:AssumeRole' })), 'Other'],
    ])('is deleted if a role %s', async (_, trust, name) => {
      const { kept, remove, state } = await removal(trust, name);
      expect(kept).toBeUndefined();
      await remove();
      expect(state.has(ARN)).toBe(false);
    });

    it.each<[string, Tags, RegExp]>([
      ["another project's", { ManagedBy: 'crc', 'crc:project': 'other' }, /belongs to project other/],
      ['without a project', { ManagedBy: 'crc' }, /recorded no project/],
      ["somebody else's", {}, /not created by crc/],
    ])('is kept if it is %s, without reading roles', async (_, tags, reason) => {
      const { kept, aws } = await removal(policy(), 'Other', tags);
      expect(kept).toMatch(reason);
      expect(aws.calls.map(({ operation }) => operation)).toEqual(['GetOpenIDConnectProvider']);
    });

    it('recognizes its users in other AWS partitions', async () => {
      const iam = fakeIam(ACCOUNT);
      const aws = fakeAws({ iam: iam.handlers });
      const input = {
        url: URL_,
        audiences: ['sts.amazonaws.com'],
        thumbprints: [THUMBPRINT],
        ownRoles: [],
        removedAfter: [],
      };
      const resource = oidcProvider(input, contextFor(aws.clients, 'cn-north-1'));
      const arn = ARN.replace('arn:aws:', 'arn:aws-cn:');
      iam.providers.set(arn, { url: URL_, clientIds: [], thumbprints: [], tags: TAG_LIST });
      iam.roles.set('Other', { trust: policy(allow({ Federated: arn })), tags: [], inline: new Map(), attached: [] });
      expect((await resource.inspectRemoval())?.kept).toBe('used by other roles: Other');
    });
  });

  it('compares thumbprints case-insensitively', async () => {
    const { resource, state } = bench();
    foreign(state, { clientIds: ['sts.amazonaws.com'], thumbprints: [THUMBPRINT.toUpperCase()] });
    expect((await find(resource)).status).toBe('in-sync');
  });
});
