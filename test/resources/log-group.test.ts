import { describe, expect, it } from 'vitest';
import { type LogGroupInput, logGroup } from '../../src/resources/log-group.ts';
import { contextFor } from '../helpers/context.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../helpers/contract.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { type FakeLogGroup, fakeLogs } from '../helpers/fake-logs.ts';

const NAME = '/aws/lambda/IncrementVisits';
const ARN = `arn:aws:logs:eu-west-2:123456789012:log-group:${NAME}`;
const TAGS = { Project: 'cloud-resume', ManagedBy: 'crc', 'crc:project': 'resume' };

type State = Map<string, FakeLogGroup>;

function bench(overrides: Partial<LogGroupInput> = {}): Bench<State> {
  const logs = fakeLogs();
  const aws = fakeAws({ logs: logs.handlers });
  const input: LogGroupInput = {
    id: 'log-group/IncrementVisits',
    name: NAME,
    retentionDays: 14,
    terraform: 'left out: of a function',
    deploy: [],
    ...overrides,
  };
  return { aws, resource: logGroup(input, contextFor(aws.clients)), state: logs.groups };
}

function change(change_: (group: FakeLogGroup) => void) {
  return (groups: State) => {
    const group = groups.get(NAME);
    if (group !== undefined) change_(group);
  };
}

const retention = {
  operation: 'PutRetentionPolicy',
  input: { logGroupName: NAME, retentionInDays: 14 },
};

describe('log group', () => {
  testResourceContract({
    bench,
    drifts: [
      {
        path: 'tags.Project',
        tamper: change(({ tags }) => {
          tags.Project = 'other';
        }),
        operation: 'TagResource',
        input: { resourceArn: ARN, tags: TAGS },
      },
      {
        path: 'retentionDays',
        tamper: change((group) => {
          group.retention = undefined;
        }),
        ...retention,
      },
      {
        path: 'retentionDays',
        tamper: change((group) => {
          group.retention = 365;
        }),
        ...retention,
      },
    ],
    retag: (state, tags) => state.set(NAME, { retention: 14, tags: { ...tags } }),
    reads: ['DescribeLogGroups', 'ListTagsForResource'],
  });

  it('is created with its tags, before its retention', async () => {
    const { aws, resource } = bench();
    await converge(resource);
    expect(writes(aws)).toEqual(['CreateLogGroup', 'PutRetentionPolicy']);
    expect(aws.calls.find(({ operation }) => operation === 'CreateLogGroup')?.input).toEqual({
      logGroupName: NAME,
      tags: TAGS,
    });
  });

  it('is distinguished from groups whose names start with its own, and found after them', async () => {
    const { resource, state } = bench();
    state.set(`${NAME}-canary`, { retention: 1, tags: {} });
    expect((await find(resource)).status).toBe('absent');
    await converge(resource);
    state.set(`${NAME}-2`, { retention: 1, tags: {} });
    expect((await find(resource)).status).toBe('in-sync');
    expect(state.get(`${NAME}-canary`)).toEqual({ retention: 1, tags: {} });
  });

  it.each([
    ['longer', 30, '"logRetentionDays": 30'],
    ['endless', undefined, 'remove logRetentionDays'],
  ])(
    'of others with a %s retention is a conflict, even with --adopt: a shorter retention deletes logs',
    async (_, days, way) => {
      const { aws, resource, state } = bench();
      state.set(NAME, { retention: days, tags: {} });
      for (const adopt of [false, true]) {
        const { finding, result } = await converge(resource, { adopt, prune: false });
        expect([finding.status, result.outcome]).toEqual(['conflict', 'blocked']);
        const conflict = finding.changes.find((change) => 'path' in change && change.path === 'retentionDays');
        expect(conflict).toMatchObject({
          kind: 'conflict',
          live: days ?? null,
          want: 14,
          why: expect.stringContaining(way),
        });
      }
      expect(writes(aws)).toEqual([]);
    },
  );

  it('of others with a shorter retention is adopted with --adopt, and only then', async () => {
    const { aws, resource, state } = bench();
    state.set(NAME, { retention: 7, tags: { Team: 'web' } });
    expect((await converge(resource)).result.outcome).toBe('blocked');
    expect(writes(aws)).toEqual([]);
    expect((await converge(resource, { adopt: true, prune: false })).result.outcome).toBe('updated');
    expect(state.get(NAME)).toEqual({ retention: 14, tags: { Team: 'web', ...TAGS } });
  });

  it('keeps its retention if the config has none', async () => {
    const { aws, resource, state } = bench({ retentionDays: undefined });
    await converge(resource);
    expect(writes(aws)).toEqual(['CreateLogGroup']);
    const group = state.get(NAME);
    if (group !== undefined) group.retention = 3;
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('that another process created at the same time is not an error', async () => {
    const { aws, resource, state } = bench();
    const { work } = await find(resource);
    const before = aws.calls.length;
    state.set(NAME, { retention: 14, tags: { ...TAGS } });
    await work?.create();
    expect(aws.calls.slice(before).map(({ operation }) => operation)).toEqual(['CreateLogGroup']);
    expect((await find(resource)).status).toBe('in-sync');
  });
});
