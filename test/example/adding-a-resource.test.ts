import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { run } from '../../src/cli.ts';
import { type Entry, RESOURCES } from '../../src/resources/list.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT, contextFor, REGION, TAG_LIST } from '../helpers/context.ts';
import { type Bench, converge, testResourceContract } from '../helpers/contract.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { EMPTY_TAG_INDEX } from '../helpers/fake-tag.ts';
import { captureIo } from '../helpers/io.ts';
import { type FakeInstanceProfile, fakeInstanceProfiles } from './fake-instance-profiles.ts';
import { type InstanceProfileInput, instanceProfile } from './instance-profile.ts';
import { runnerEntry } from './runner-entry.ts';

const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));
/** The one part of the config. */
vi.mock('../../src/config/schema.ts', async (original) => {
  const schema = await original<typeof import('../../src/config/schema.ts')>();
  const { runner } = await import('./runner-config.ts');
  return { ...schema, configSchema: z.extend(schema.configSchema, { runner: z.optional(runner) }) };
});
/** The one entry in the list. */
beforeAll(() => {
  (RESOURCES as Entry[]).push(runnerEntry);
});

const NAME = 'GitHubRunner';
const ROLE = 'GitHubActionsTerraformRole';
const ARN = `arn:aws:iam::${ACCOUNT}:instance-profile/${NAME}`;

type State = Map<string, FakeInstanceProfile>;

function bench(input: Partial<InstanceProfileInput> = {}): Bench<State> {
  const { profiles, handlers } = fakeInstanceProfiles();
  const aws = fakeAws({ iam: handlers });
  const resource = instanceProfile({ name: NAME, role: ROLE, ...input }, contextFor(aws.clients));
  return { aws, resource, state: profiles };
}

function change(changed: Partial<FakeInstanceProfile>) {
  return (profiles: State) => {
    Object.assign(profiles.get(NAME) ?? {}, changed);
  };
}

describe('the instance profile of docs/architecture.md', () => {
  testResourceContract({
    bench,
    drifts: [
      {
        path: 'tags.Project',
        tamper: change({ tags: TAG_LIST.filter(({ Key }) => Key !== 'Project') }),
        operation: 'TagInstanceProfile',
        input: { InstanceProfileName: NAME, Tags: TAG_LIST },
      },
      {
        path: 'role',
        tamper: change({ role: null }),
        operation: 'AddRoleToInstanceProfile',
        input: { InstanceProfileName: NAME, RoleName: ROLE },
      },
    ],
    reads: ['GetInstanceProfile'],
    retag: (profiles, tags) => {
      change({ tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) })(profiles);
    },
  });

  it('with a different role is a conflict', async () => {
    const { resource, state } = bench();
    await converge(resource);
    change({ role: 'Other' })(state);
    expect((await converge(resource)).finding.changes).toMatchObject([
      {
        kind: 'conflict',
        path: 'role',
        live: 'Other',
        why: expect.stringContaining('remove-role-from-instance-profile'),
      },
    ]);
  });
});

describe('a new resource, in every command', () => {
  const { profiles, handlers } = fakeInstanceProfiles();
  const config = { ...backendConfig(), runner: { instanceProfile: NAME, role: ROLE } };
  const cwd = writeConfig(config);

  beforeAll(() => {
    current.clients = fakeAws({
      s3: fakeS3(ACCOUNT, REGION).handlers,
      dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
      iam: { ...fakeIam(ACCOUNT).handlers, ...handlers },
      tag: EMPTY_TAG_INDEX,
      sts: fakeSts(),
    }).clients;
  });

  async function crc(...args: readonly string[]) {
    const { io, out, err } = captureIo({ cwd });
    const code = await run(['node', 'crc', ...args], io);
    return { code, out: out(), err: err() };
  }
  const statusIn = (out: string) =>
    JSON.parse(out).findings.find(({ id }: { id: string }) => id === 'instance-profile')?.status;

  it('is planned, created after its role, announced, and verified', async () => {
    expect((await crc('plan')).out).toContain(
      '+ instance-profile  GitHubRunner\n    with the role GitHubActionsTerraformRole',
    );
    const { code, out } = await crc('bootstrap', '--yes');
    expect([code, out]).toEqual([0, expect.stringMatching(/^ {2}instance-profile +GitHubRunner$/m)]);
    expect(profiles.get(NAME)?.role).toBe(ROLE);
    const verified = await crc('verify', '--json', '--only', 'instance-profile');
    expect([verified.code, statusIn(verified.out)]).toEqual([0, 'in-sync']);
  });

  it('has its address in crc outputs', async () => {
    expect((await crc('outputs')).out).toMatch(/^instance profile +GitHubRunner$/m);
    expect(JSON.parse((await crc('outputs', '--json')).out)).toMatchObject({ instanceProfile: NAME });
  });

  it('is Terraform code in crc export', async () => {
    expect((await crc('export')).out).toContain(`import {
  to = aws_iam_instance_profile.runner
  id = "GitHubRunner"
}

resource "aws_iam_instance_profile" "runner" {
  name = "GitHubRunner"
  role = "GitHubActionsTerraformRole"
`);
  });

  it.each([
    ['verify', 'iam:GetInstanceProfile'],
    ['bootstrap', 'iam:AddRoleToInstanceProfile'],
    ['destroy', 'iam:DeleteInstanceProfile'],
  ])('has its permissions in crc permissions %s', async (command, action) => {
    const { Statement } = JSON.parse((await crc('permissions', command)).out);
    const statement = Statement.find(({ Action }: { Action: string | string[] }) => [Action].flat().includes(action));
    expect([statement.Resource].flat()).toContain(ARN);
  });

  it('is found and deleted when it is no longer in the config', async () => {
    const { runner: _, ...rest } = config;
    const folder = writeConfig(rest);
    const verified = captureIo({ cwd: folder });
    await run(['node', 'crc', 'verify'], verified.io);
    expect(verified.out()).toMatch(/^.*instance-profile\/GitHubRunner.*no longer in the config/m);
    const deleted = captureIo({ cwd: folder });
    const args = ['destroy', '--orphans', '--confirm', config.stateBucket.name];
    expect(await run(['node', 'crc', ...args], deleted.io)).toBe(0);
    expect(profiles.size).toBe(0);
    await crc('bootstrap', '--yes');
  });

  it('is completed after --only', async () => {
    expect((await crc('complete', '--', 'verify', '--only', 'inst')).out).toContain('instance-profile');
  });

  it('keeps its role if only the role is to be removed, and is deleted with it', async () => {
    const roleOnly = await crc('destroy', '--dry-run', '--only', `role/${ROLE}`);
    expect(roleOnly.out).toContain('instance-profile still depends on it');
    const { code } = await crc('destroy', '--confirm', config.stateBucket.name, '--delete-state');
    expect([code, profiles.size]).toEqual([0, 0]);
  });
});
