import { describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../src/policies/document.ts';
import { trustPolicy } from '../../src/policies/trust.ts';
import { type RoleInput, role } from '../../src/resources/role.ts';
import { toTagList } from '../../src/resources/tags.ts';
import { ACCOUNT, contextFor, TAG_LIST } from '../helpers/context.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../helpers/contract.ts';
import { awsError, fakeAws } from '../helpers/fake-aws.ts';
import { type FakeIam, type FakeRole, fakeIam } from '../helpers/fake-iam.ts';

const NAME = 'GitHubActionsTerraformRole';
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const AUDIT = 'arn:aws:iam::aws:policy/SecurityAudit';
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/Boundary`;

const trust = trustPolicy({
  providerArn: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
  issuer: 'token.actions.githubusercontent.com',
  audiences: ['sts.amazonaws.com'],
  subjects: ['repo:o/r:*'],
});
const policy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: 'arn:aws:s3:::b/k' }],
};
const input: RoleInput = {
  id: `role/${NAME}`,
  name: NAME,
  trust,
  policyName: 'TerraformPolicy',
  policy,
  maxSessionSeconds: 3600,
  permissionsBoundary: BOUNDARY,
  managedPolicyArns: [READ_ONLY, AUDIT],
  address: 'none',
};

type State = Map<string, FakeRole>;

function bench(overrides: Partial<RoleInput> = {}): Bench<State> & Pick<FakeIam, 'policies'> {
  const { handlers, roles: state, policies } = fakeIam(ACCOUNT);
  const aws = fakeAws({ iam: handlers });
  return { aws, resource: role({ ...input, ...overrides }, contextFor(aws.clients)), state, policies };
}

const PRUNE = { adopt: false, prune: true };

function change(change_: (role: FakeRole) => void) {
  return (roles: State) => {
    const role = roles.get(NAME);
    if (role !== undefined) change_(role);
  };
}

const settings = {
  operation: 'UpdateRole',
  input: { RoleName: NAME, Description: 'Managed by crc', MaxSessionDuration: 3600 },
};

describe('role', () => {
  testResourceContract({
    bench,
    // For policies that are not in the config, with --prune.
    elsewhere: ['iam:DeleteRolePolicy', 'iam:DetachRolePolicy'],
    drifts: [
      {
        path: 'tags.Project',
        tamper: change((role) => {
          role.tags = TAG_LIST.filter(({ Key }) => Key !== 'Project');
        }),
        operation: 'TagRole',
        input: { RoleName: NAME, Tags: TAG_LIST },
      },
      {
        path: 'trust',
        tamper: change((role) => {
          role.trust = role.trust.replace('repo:o/r:*', 'repo:evil/*');
        }),
        operation: 'UpdateAssumeRolePolicy',
        input: { RoleName: NAME, PolicyDocument: JSON.stringify(trust) },
      },
      {
        path: 'policy',
        tamper: change((role) => role.inline.delete('TerraformPolicy')),
        operation: 'PutRolePolicy',
        input: { RoleName: NAME, PolicyName: 'TerraformPolicy', PolicyDocument: JSON.stringify(policy) },
      },
      {
        path: 'settings.description',
        tamper: change((role) => {
          role.description = undefined;
        }),
        ...settings,
      },
      {
        path: 'settings.maxSessionSeconds',
        tamper: change((role) => {
          role.maxSession = 43_200;
        }),
        ...settings,
      },
      {
        path: 'permissionsBoundary',
        tamper: change((role) => {
          role.boundary = undefined;
        }),
        operation: 'PutRolePermissionsBoundary',
        input: { RoleName: NAME, PermissionsBoundary: BOUNDARY },
      },
      {
        path: 'managedPolicies',
        tamper: change((role) => {
          role.attached = [READ_ONLY];
        }),
        operation: 'AttachRolePolicy',
        input: { RoleName: NAME, PolicyArn: AUDIT },
      },
    ],
    retag: (state, tags) =>
      change((role) => {
        role.tags = toTagList(tags);
      })(state),
    fixed: ['path'],
    reads: ['GetRole', 'GetRolePolicy', 'ListRolePolicies', 'ListAttachedRolePolicies'],
  });

  it('is created with its tags in the same call', async () => {
    const { aws, resource } = bench();
    await converge(resource);
    expect(aws.calls.find(({ operation }) => operation === 'CreateRole')?.input).toEqual({
      RoleName: NAME,
      AssumeRolePolicyDocument: JSON.stringify(trust),
      Description: 'Managed by crc',
      MaxSessionDuration: 3600,
      PermissionsBoundary: BOUNDARY,
      Tags: TAG_LIST,
    });
  });

  it.each([
    ['a different description', 'Deploys the site', 'Deploys the site'],
    ['no description', '', undefined],
  ])('keeps %s that the config has', async (_, description, live) => {
    const { resource, state } = bench({ description });
    await converge(resource);
    change((role) => {
      expect(role.description).toBe(live);
      role.description = description;
    })(state);
    expect((await find(resource)).changes).toEqual([]);
    change((role) => {
      role.description = 'Else';
    })(state);
    const { finding } = await converge(resource);
    expect(finding.changes).toEqual([
      expect.objectContaining({
        path: 'settings.description',
        live: 'Else',
        want: live ?? null,
        why: 'to keep it, write "description": "Else" for the role in the config',
      }),
    ]);
    expect((await find(resource)).changes).toEqual([]);
  });

  it('is in sync however IAM formats its documents', async () => {
    const { resource, state } = bench();
    await converge(resource);
    change((role) => {
      role.inline.set(
        'TerraformPolicy',
        '{"Statement":{"Resource":["arn:aws:s3:::b/k"],"Action":["s3:GetObject","s3:PutObject"],"Effect":"Allow"},"Version":"2012-10-17"}',
      );
    })(state);
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('leaves a permissions boundary unchanged that is not in the config', async () => {
    const { aws, resource, state } = bench({ permissionsBoundary: undefined });
    await converge(resource);
    change((role) => {
      role.boundary = BOUNDARY;
    })(state);
    aws.calls.length = 0;
    expect((await converge(resource)).finding.status).toBe('in-sync');
    expect(state.get(NAME)?.boundary).toBe(BOUNDARY);
    expect(writes(aws)).toEqual([]);
  });

  it('loses its inline policy when the config allows nothing', async () => {
    const { aws, resource, state } = bench({ policy: undefined });
    await converge(resource);
    change((role) => role.inline.set('TerraformPolicy', JSON.stringify(policy)))(state);
    const { finding } = await converge(resource);
    expect(finding.changes).toEqual([expect.objectContaining({ path: 'policy', want: null })]);
    expect(writes(aws)).toContain('DeleteRolePolicy');
    expect((await find(resource)).status).toBe('in-sync');
  });

  describe('with policies that are not in the config', () => {
    const tamper = change((role) => {
      role.inline.set('Backdoor', '{}');
      role.attached.push('arn:aws:iam::aws:policy/AdministratorAccess');
      role.maxSession = 43_200;
    });
    const why = 'it allows nothing beyond the statements in the config';
    const removals = [
      { kind: 'remove', path: 'inlinePolicies', live: 'Backdoor', want: null, why },
      { kind: 'remove', path: 'managedPolicies', live: 'arn:aws:iam::aws:policy/AdministratorAccess', want: null, why },
    ];

    it('fixes the rest, keeps them, and is blocked without --prune', async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      tamper(state);
      aws.calls.length = 0;
      const { finding, result } = await converge(resource);
      expect(finding.status).toBe('drifted');
      expect(finding.changes).toEqual(expect.arrayContaining(removals));
      expect([result.outcome, writes(aws)]).toEqual(['blocked', ['UpdateRole']]);
      expect(String(result.error)).toMatch(/Backdoor.*AdministratorAccess.*--prune/);
      expect((await find(resource)).changes).toEqual(removals);
    });

    it('removes exactly them with --prune', async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      tamper(state);
      aws.calls.length = 0;
      const { result } = await converge(resource, PRUNE);
      expect([result.outcome, writes(aws)]).toEqual([
        'updated',
        ['UpdateRole', 'DeleteRolePolicy', 'DetachRolePolicy'],
      ]);
      expect([...(state.get(NAME)?.inline.keys() ?? [])]).toEqual(['TerraformPolicy']);
      expect(state.get(NAME)?.attached).toEqual([READ_ONLY, AUDIT]);
      expect((await find(resource)).status).toBe('in-sync');
    });
  });

  it('is a conflict if crc did not create it, until it is adopted', async () => {
    const { aws, resource, state } = bench();
    state.set(NAME, { trust: '{}', tags: [], inline: new Map(), attached: [], maxSession: 3600 });
    const refused = await converge(resource);
    expect([refused.finding.status, refused.result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
    expect(refused.finding.changes[0]).toMatchObject({
      kind: 'conflict',
      path: 'tags.ManagedBy',
      live: null,
      want: 'crc',
    });
    expect((await converge(resource, { adopt: true, prune: false })).result.outcome).toBe('updated');
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('does not adopt a role that another process created between the plan and the creation', async () => {
    const { aws, resource, state } = bench();
    aws.fail('GetRole', awsError('NoSuchEntityException', 404), 1);
    state.set(NAME, { trust: '{}', tags: [], inline: new Map(), attached: [], maxSession: 3600 });
    const { finding, result } = await converge(resource);
    expect([finding.status, result.outcome]).toEqual(['absent', 'blocked']);
    expect(writes(aws)).toEqual(['CreateRole']);
    expect(state.get(NAME)?.trust).toBe('{}');
  });

  it('reads again if only some of the reads know the role', async () => {
    const { aws, resource } = bench();
    await converge(resource);
    aws.fail('ListRolePolicies', awsError('NoSuchEntityException', 404), 2);
    expect((await find(resource)).status).toBe('in-sync');
  });

  it.each([
    [
      'waits for a role to which a managed policy cannot be attached yet',
      `The role with name ${NAME} cannot be found.`,
      'created',
    ],
    ['fails immediately if the policy does not exist', 'Policy x does not exist or is not attachable.', 'failed'],
  ])('%s', async (_, message, outcome) => {
    const { aws, resource } = bench();
    aws.fail('AttachRolePolicy', Object.assign(awsError('NoSuchEntityException', 404), { message }), 1);
    expect((await converge(resource)).result.outcome).toBe(outcome);
  });

  it('waits for a role that has not propagated through IAM', async () => {
    const { aws, resource } = bench();
    aws.fail('PutRolePolicy', awsError('NoSuchEntityException', 404), 2);
    const { result } = await converge(resource);
    expect(result).toEqual({ id: `role/${NAME}`, outcome: 'created' });
  });

  it('shows what its policy allows beyond the config, and which config key keeps it', async () => {
    const { resource, state } = bench({ allowedBy: '"table.access" or "statements"' });
    await converge(resource);
    const wider = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/k' },
        { Effect: 'Allow', Action: ['s3:GetObject', 'dynamodb:GetItem'], Resource: 'arn:aws:s3:::other/*' },
      ],
    };
    change((role) => role.inline.set('TerraformPolicy', JSON.stringify(wider)))(state);
    expect((await find(resource)).changes).toEqual([
      expect.objectContaining({
        path: 'policy',
        why: 'the role allows more than the config: s3:*, dynamodb:GetItem; s3:GetObject on arn:aws:s3:::other/*; to keep a right, allow it with "table.access" or "statements"',
      }),
    ]);
    const narrower = { Version: '2012-10-17', Statement: [{ ...policy.Statement[0], Action: 's3:GetObject' }] };
    change((role) => role.inline.set('TerraformPolicy', JSON.stringify(narrower)))(state);
    expect((await find(resource)).changes).toEqual([
      { kind: 'update', path: 'policy', live: expect.anything(), want: expect.anything() },
    ]);
  });

  it('lists every permission beyond the config, or only the first ones in brief', async () => {
    const { resource, state } = bench();
    await converge(resource);
    const actions = Array.from({ length: 14 }, (_, index) => `sns:Action${String.fromCharCode(65 + index)}`);
    const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
    change((role) => role.inline.set('TerraformPolicy', JSON.stringify({ Version: '2012-10-17', Statement })))(state);
    const [drift] = (await find(resource)).changes;
    expect(drift).toMatchObject({
      why: `the role allows more than the config: ${actions.join(', ')}; to keep a right, allow it with "statements"`,
      brief: `the role allows more than the config: ${actions.slice(0, 12).join(', ')}, and 2 more; to keep a right, allow it with "statements" (--details names every right)`,
    });
  });

  it('shows what policies outside the config allow beyond it', async () => {
    const { resource, state } = bench();
    await converge(resource);
    const Statement = [
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::b/k' },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' },
    ];
    const same = { Version: '2012-10-17', Statement: policy.Statement };
    change((role) => {
      role.inline.set('Notify', JSON.stringify({ Version: '2012-10-17', Statement }));
      role.inline.set('Same', JSON.stringify(same));
    })(state);
    expect((await find(resource)).changes).toEqual([
      {
        kind: 'remove',
        path: 'inlinePolicies',
        live: 'Notify',
        want: null,
        why: 'it allows more than the statements in the config: sns:Publish on *; s3:DeleteObject on arn:aws:s3:::b/k',
      },
      {
        kind: 'remove',
        path: 'inlinePolicies',
        live: 'Same',
        want: null,
        why: 'it allows nothing beyond the statements in the config',
      },
    ]);
  });

  describe('with an attached policy outside the config', () => {
    const MORE = `arn:aws:iam::${ACCOUNT}:policy/More`;
    const attached = async (prepare: (fake: ReturnType<typeof bench>) => void) => {
      const fake = bench();
      await converge(fake.resource);
      change((role) => role.attached.push(MORE))(fake.state);
      prepare(fake);
      return (await find(fake.resource)).changes;
    };
    const drift = { kind: 'remove', path: 'managedPolicies', live: MORE, want: null };

    it('shows what the policy allows beyond the config', async () => {
      const changes = await attached(({ policies }) =>
        policies.set(MORE, {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['s3:PutObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::b/*' }],
        }),
      );
      const why = 'it allows more than the statements in the config: s3:DeleteObject, s3:PutObject on arn:aws:s3:::b/*';
      expect(changes).toEqual([{ ...drift, why }]);
    });

    it('is still drift if the policy may not be read, and names the denied action', async () => {
      const message = `User: u is not authorized to perform: iam:GetPolicy on resource: policy ${MORE} because no identity-based policy allows the iam:GetPolicy action`;
      const changes = await attached(({ aws }) => aws.fail('GetPolicy', awsError('AccessDenied', 403, { message })));
      const why = 'what it allows could not be read: iam:GetPolicy on it is denied';
      expect(changes).toEqual([{ ...drift, why }]);
    });

    it('is unread if AWS fails, and not drift of unknown permissions', async () => {
      const { resource, state, aws } = bench();
      await converge(resource);
      change((role) => role.attached.push(MORE))(state);
      aws.fail('GetPolicy', awsError('ServiceFailure', 500));
      expect((await find(resource)).status).toBe('unread');
    });

    it('does not read policies that are in the config', async () => {
      const { aws, resource } = bench();
      await converge(resource);
      expect(aws.calls.filter(({ operation }) => operation.startsWith('GetPolicy'))).toEqual([]);
    });
  });

  describe('with a path', () => {
    it('is created under it, and its ARN contains it', async () => {
      const { aws, resource } = bench({ path: '/ci/' });
      await converge(resource);
      expect(aws.calls.find(({ operation }) => operation === 'CreateRole')?.input).toHaveProperty('Path', '/ci/');
      expect((await find(resource)).status).toBe('in-sync');
      expect(resource.actions.read[0]?.resources).toEqual([`arn:aws:iam::${ACCOUNT}:role/ci/${NAME}`]);
    });

    it('is not written to under a different one, and names the wrong config key', async () => {
      const { aws, resource, state } = bench({ path: '/' });
      await converge(resource);
      change((role) => {
        role.path = '/ci/';
      })(state);
      aws.calls.length = 0;
      const { finding } = await converge(resource);
      expect(finding.status).toBe('conflict');
      expect(finding.changes).toEqual([
        {
          kind: 'conflict',
          path: 'path',
          live: '/ci/',
          want: '/',
          why: 'IAM cannot change the path of a role; set "path" of the role in the config to the one it has',
        },
      ]);
      expect(writes(aws)).toEqual([]);
    });
  });

  describe('with several inline policies', () => {
    const site: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::site/*' }],
    };
    const put = { RoleName: NAME, PolicyName: 'Site', PolicyDocument: JSON.stringify(site) };

    it('has each of them, and only those that drifted are written', async () => {
      const { aws, resource, state } = bench({ inlinePolicies: { Site: site, 'With.Dots': site } });
      await converge(resource);
      expect((await find(resource)).status).toBe('in-sync');
      const wider = { ...site, Statement: [{ ...site.Statement[0], Action: 's3:*' }] };
      change((role) => role.inline.set('Site', JSON.stringify(wider)))(state);
      aws.calls.length = 0;
      const { finding } = await converge(resource);
      expect(finding.changes).toEqual([
        expect.objectContaining({
          path: 'inlinePolicies.Site',
          why: 'the role allows more than the config: s3:*; to keep a right, allow it with "inlinePolicies"',
        }),
      ]);
      expect(aws.calls.filter(({ operation }) => operation === 'PutRolePolicy').map((call) => call.input)).toEqual([
        put,
      ]);
      expect(writes(aws)).toEqual(['PutRolePolicy']);
      expect((await find(resource)).status).toBe('in-sync');
    });

    it('keeps policies that are not in the config', async () => {
      const { resource, state } = bench({ inlinePolicies: { Site: site } });
      await converge(resource);
      change((role) => role.inline.set('Theirs', JSON.stringify(site)))(state);
      expect((await find(resource)).changes).toEqual([
        expect.objectContaining({ kind: 'remove', path: 'inlinePolicies', live: 'Theirs' }),
      ]);
    });

    it('writes the shorter one first, since both together have one limit', async () => {
      const long: PolicyDocument = {
        ...site,
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'x'.repeat(7_000)}` }],
      };
      const first = bench({ policy: long, inlinePolicies: { Site: site } });
      await converge(first.resource);
      for (const moved of [
        { policy: site, inlinePolicies: { Site: long } },
        { policy: long, inlinePolicies: { Site: site } },
        { policy: undefined, inlinePolicies: { Site: long } },
      ]) {
        const resource = role({ ...input, ...moved }, contextFor(first.aws.clients));
        expect((await converge(resource)).result).toMatchObject({ outcome: 'updated' });
        expect((await find(resource)).status).toBe('in-sync');
      }
    });

    it('with --prune, first removes what is not in the config if there is no room for both', async () => {
      const long: PolicyDocument = {
        ...site,
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'x'.repeat(7_000)}` }],
      };
      const { aws } = bench({ policy: undefined, inlinePolicies: { Old: long } });
      await converge(role({ ...input, policy: undefined, inlinePolicies: { Old: long } }, contextFor(aws.clients)));
      const renamed = (document: PolicyDocument) =>
        role({ ...input, policy: undefined, inlinePolicies: { New: document } }, contextFor(aws.clients));
      aws.calls.length = 0;
      expect((await converge(renamed(site), PRUNE)).result).toMatchObject({ outcome: 'updated' });
      expect(writes(aws)).toEqual(['PutRolePolicy', 'DeleteRolePolicy']);
      await converge(
        role({ ...input, policy: undefined, inlinePolicies: { Old: long } }, contextFor(aws.clients)),
        PRUNE,
      );
      aws.calls.length = 0;
      expect((await converge(renamed(long), PRUNE)).result).toMatchObject({ outcome: 'updated' });
      expect(writes(aws)).toEqual(['DeleteRolePolicy', 'PutRolePolicy']);
      expect((await find(renamed(long))).status).toBe('in-sync');
    });

    it('with --prune, first detaches what is not in the config if the role cannot have both', async () => {
      const arns = (name: string) => Array.from({ length: 6 }, (_, n) => `arn:aws:iam::${ACCOUNT}:policy/${name}${n}`);
      const { aws } = bench();
      const having = (name: string) => role({ ...input, managedPolicyArns: arns(name) }, contextFor(aws.clients));
      await converge(having('Old'));
      aws.calls.length = 0;
      expect((await converge(having('New'), PRUNE)).result).toMatchObject({ outcome: 'updated' });
      expect(new Set(writes(aws).slice(0, 6))).toEqual(new Set(['DetachRolePolicy']));
      expect(new Set(writes(aws).slice(6))).toEqual(new Set(['AttachRolePolicy']));
    });

    it('removes one that has no statements in the config', async () => {
      const { aws, resource, state } = bench({ inlinePolicies: { Site: undefined } });
      await converge(resource);
      change((role) => role.inline.set('Site', JSON.stringify(site)))(state);
      aws.calls.length = 0;
      await converge(resource);
      expect(writes(aws)).toEqual(['DeleteRolePolicy']);
      expect(state.get(NAME)?.inline.has('Site')).toBe(false);
    });

    it('is deleted with all of them', async () => {
      const { resource, state } = bench({ inlinePolicies: { Site: site } });
      await converge(resource);
      await (await resource.inspectRemoval())?.remove();
      expect(state.has(NAME)).toBe(false);
    });
  });
});
