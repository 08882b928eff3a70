import { describe, expect, it } from 'vitest';
import { oidcProvider } from '../../src/resources/oidc-provider.ts';
import { ACCOUNT, contextFor, TAG_LIST } from '../helpers/context.ts';
import { type Bench, converge, find, itKeepsTheContract, writes } from '../helpers/contract.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { type FakeProvider, fakeIam } from '../helpers/fake-iam.ts';

const URL_ = 'https://token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const THUMBPRINT = '1b511abead59c6ce207077c0bf0e0043b1382612';

type State = Map<string, FakeProvider>;

function bench(thumbprints: readonly string[] = [THUMBPRINT]): Bench<State> {
  const iam = fakeIam(ACCOUNT);
  const aws = fakeAws({ iam: iam.handlers });
  const input = { url: URL_, audiences: ['sts.amazonaws.com'], thumbprints, ownRoles: [], removedAfter: [] };
  return { aws, resource: oidcProvider(input, contextFor(aws.clients)), state: iam.providers };
}

function change(with_: Partial<FakeProvider>) {
  return (providers: State) => {
    Object.assign(providers.get(ARN) ?? {}, with_);
  };
}

function foreign(state: State, with_: Partial<FakeProvider> = {}): void {
  state.set(ARN, {
    url: URL_,
    clientIds: ['https://github.com/other'],
    thumbprints: ['a'.repeat(40)],
    tags: [],
    ...with_,
  });
}

describe('OIDC provider', () => {
  itKeepsTheContract({
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

  it('lets IAM find the thumbprint when the config names none', async () => {
    const { aws, resource } = bench([]);
    await converge(resource);
    const create = aws.calls.find(({ operation }) => operation === 'CreateOpenIDConnectProvider');
    expect(create?.input).not.toHaveProperty('ThumbprintList');
    expect((await find(resource)).status).toBe('in-sync');
  });

  it("adds to somebody else's provider what is missing, and no tag, even with --adopt", async () => {
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

  it('takes a full list of thumbprints as it is, and says so', async () => {
    const { aws, resource, state } = bench();
    const thumbprints = [...'abcde'].map((letter) => letter.repeat(40));
    foreign(state, { clientIds: ['sts.amazonaws.com'], thumbprints });
    const { finding } = await converge(resource);
    expect([finding.status, writes(aws)]).toEqual(['in-sync', []]);
    const { notes } = await resource.inspect();
    expect(notes).toEqual([expect.stringContaining(THUMBPRINT)]);
  });

  it('compares thumbprints whatever their case', async () => {
    const { resource, state } = bench();
    foreign(state, { clientIds: ['sts.amazonaws.com'], thumbprints: [THUMBPRINT.toUpperCase()] });
    expect((await find(resource)).status).toBe('in-sync');
  });
});
