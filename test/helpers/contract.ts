import { describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import type { Result } from '../../src/engine/outcome.ts';
import { plan } from '../../src/engine/plan.ts';
import type { Resource } from '../../src/engine/resource.ts';
import type { Consent, Finding } from '../../src/engine/types.ts';
import { literal } from '../../src/literal.ts';
import type { Tags } from '../../src/resources/tags.ts';
import { checkedCalls, notGranted, notNeeded } from './checks.ts';
import { PROJECT } from './context.ts';
import { awsError, type FakeAws, isWrite } from './fake-aws.ts';

/** A resource with its own fake AWS and direct access to the fake's state, to cause drift. */
export interface Bench<State> {
  readonly aws: FakeAws;
  readonly resource: Resource;
  readonly state: State;
}

/** A property that was changed outside crc, and the only call that should fix it. */
export interface Drift<State> {
  readonly path: string;
  tamper(state: State): void;
  readonly operation: string;
  readonly input: object;
}

export interface Contract<State> {
  bench(): Bench<State>;
  /** One for each property that can drift. */
  readonly drifts: readonly Drift<State>[];
  /** Properties whose drift cannot be fixed with a call. Other tests cover them. */
  readonly fixed?: readonly string[];
  /** Reads that leave the resource unread when they fail with AccessDenied. */
  readonly reads: readonly string[];
  /** Replaces all tags of the resource. If emptiness matters, also adds content. Omitted for resources without tags. */
  retag?(state: State, tags: Tags): void;
  /** Actions of calls that only other tests cause. Any other action that no call needs is refused. */
  readonly elsewhere?: readonly string[];
}

/** Tags of resources that belong to another owner, the property that reveals it, and how the owner is described. */
const FOREIGN: readonly (readonly [name: string, tags: Tags, path: string, owner: RegExp])[] = [
  [
    'tags of another project',
    { ManagedBy: 'crc', 'crc:project': 'other' },
    'tags.crc:project',
    /belongs to (the )?project other/,
  ],
  [
    'a project in different case',
    { ManagedBy: 'crc', 'crc:project': PROJECT.toUpperCase() },
    'tags.crc:project',
    /belongs/,
  ],
  [
    'a missing project tag',
    { ManagedBy: 'crc' },
    'tags.crc:project',
    /created by a crc version that recorded no project/,
  ],
  [
    'tags of another tool',
    { ManagedBy: 'terraform', 'crc:project': PROJECT },
    'tags.ManagedBy',
    /not (managed|created) by crc/,
  ],
  ['no tags', {}, 'tags.ManagedBy', /not (managed|created) by crc/],
];

const NO_CONSENT: Consent = { adopt: false, prune: false };

/** Plans and applies a single resource, with a short deadline. */
export async function converge(
  resource: Resource,
  consent: Consent = NO_CONSENT,
  deadline = 0,
): Promise<{ readonly finding: Finding; readonly result: Result }> {
  const finding = await find(resource, consent);
  return { finding, result: await applied(finding, deadline) };
}

async function applied(finding: Finding, deadline = 0): Promise<Result> {
  const [result] = await apply([finding], {
    report: () => undefined,
    signal: new AbortController().signal,
    deadline,
  });
  if (result === undefined) throw new Error('no result');
  return result;
}

export async function find(resource: Resource, consent: Consent = NO_CONSENT): Promise<Finding> {
  const [finding] = await plan([resource], consent, () => undefined);
  if (finding === undefined) throw new Error('no plan');
  return finding;
}

export function writes({ calls }: FakeAws): readonly string[] {
  return calls.filter(isWrite).map(({ operation }) => operation);
}

/** The tests that every resource must pass. */
export function testResourceContract<State>({
  bench,
  drifts,
  fixed = [],
  reads,
  retag,
  elsewhere = [],
}: Contract<State>): void {
  describe('contract', () => {
    it('is created if it is absent, and is then in sync', async () => {
      const { aws, resource } = bench();
      const { finding, result } = await converge(resource);
      expect(result.error).toBeUndefined();
      expect([finding.status, finding.changes, result.outcome]).toEqual(['absent', [{ kind: 'create' }], 'created']);
      aws.calls.length = 0;
      expect((await find(resource)).status).toBe('in-sync');
      expect((await converge(resource)).result.outcome).toBe('unchanged');
      expect(writes(aws)).toEqual([]);
    });

    it('has a drift case for every wanted property', async () => {
      const { resource } = bench();
      const leaves = resource.want.filter(({ value }) => value !== null).map(({ path }) => path);
      const covered = [
        ...drifts.map(({ path }) => path),
        ...fixed,
        ...(retag === undefined ? [] : FOREIGN.map(([, , path]) => path)),
      ];
      expect(leaves.filter((path) => !covered.includes(path))).toEqual([]);
    });

    it('has every wanted text and number in its Terraform code, if it has any', () => {
      const { resource } = bench();
      if (typeof resource.terraform === 'string') return;
      const code = JSON.stringify(resource.terraform.resources('label'));
      const missing = resource.want.filter(
        ({ value }) =>
          (typeof value === 'string' || typeof value === 'number') &&
          // Terraform writes some in uppercase.
          !new RegExp(`\\b${literal(String(value))}\\b`, 'i').test(code),
      );
      expect(missing).toEqual([]);
    });

    it.each(drifts.map((drift) => [drift.path, drift] as const))('finds and fixes %s', async (path, drift) => {
      const { aws, resource, state } = bench();
      await converge(resource);
      drift.tamper(state);
      aws.calls.length = 0;

      const { finding, result } = await converge(resource);
      expect(finding.status).toBe('drifted');
      const paths = finding.changes.map((change) => ('path' in change ? change.path : change.kind));
      expect(paths).toContain(path);
      expect(result).toMatchObject({ id: resource.id, outcome: 'updated' });
      const writes = aws.calls.filter(isWrite);
      expect(writes).toEqual([{ service: writes[0]?.service, operation: drift.operation, input: drift.input }]);
      expect((await find(resource)).status).toBe('in-sync');
    });

    it.each(reads)('is unread and not written if %s is denied', async (operation) => {
      const { aws, resource } = bench();
      await converge(resource);
      aws.fail(operation, awsError('AccessDeniedException', 403));
      aws.calls.length = 0;
      const { finding, result } = await converge(resource);
      expect([finding.status, result.outcome]).toEqual(['unread', 'failed']);
      expect(finding.error).toBeDefined();
      expect(writes(aws)).toEqual([]);
    });

    it.each(retag === undefined ? [] : FOREIGN)(
      'with %s is a conflict without any writes, and names its owner, until it is adopted',
      async (_, tags, path, owner) => {
        const { aws, resource, state } = bench();
        await converge(resource);
        for (const { tamper } of drifts) tamper(state);
        retag?.(state, { ...tags, Team: 'theirs' });
        aws.calls.length = 0;

        const refused = await converge(resource);
        expect([refused.finding.status, refused.result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
        const live = tags[path.replace('tags.', '')] ?? null;
        const [conflict] = refused.finding.changes;
        expect(conflict).toMatchObject({ kind: 'conflict', path, live, why: expect.stringMatching(owner) });
        expect(String(refused.result.error)).toMatch(/--adopt/);
        const removal = await resource.inspectRemoval();
        expect(removal?.kept).toMatch(owner);

        const paths = refused.finding.changes.map((change) => ('path' in change ? change.path : change.kind));
        const adopted = await converge(resource, { adopt: true, prune: false });
        const adoptedPaths = adopted.finding.changes.map((change) => ('path' in change ? change.path : change.kind));
        expect(adoptedPaths.sort()).toEqual(paths.sort());
        expect(adopted.finding.changes.find((change) => 'path' in change && change.path === path)).toMatchObject({
          kind: 'update',
          path,
          live,
          why: expect.stringMatching(owner),
        });
        expect(adopted.result).toMatchObject({ id: resource.id, outcome: 'updated' });
        expect((await find(resource)).status).toBe('in-sync');
      },
    );

    it('is in sync if another process created it in the meantime', async () => {
      const { resource } = bench();
      const finding = await find(resource);
      await converge(resource);
      expect((await applied(finding)).error).toBeUndefined();
      expect((await find(resource)).status).toBe('in-sync');
    });

    it('ends in the same state if any write fails and the run is repeated', async () => {
      const { aws, resource } = bench();
      await converge(resource);
      const operations = [...new Set(writes(aws))];
      expect(operations.length).toBeGreaterThan(0);
      for (const operation of operations) {
        const fresh = bench();
        fresh.aws.fail(operation, awsError('InternalError', 500), 1);
        const broken = await converge(fresh.resource);
        expect([operation, broken.result.outcome]).toEqual([operation, 'failed']);
        const fixed = await converge(fresh.resource);
        expect([operation, fixed.result.error]).toEqual([operation, undefined]);
        expect((await find(fresh.resource)).status).toBe('in-sync');
      }
    });

    it('declares the actions and ARNs of its reads and writes, and no other actions', async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      for (const { tamper } of drifts) {
        tamper(state);
        await converge(resource);
      }
      const calls = await checkedCalls(aws.calls);
      for (const [grants, sent] of [
        [resource.actions.read, calls.filter(({ call }) => !isWrite(call))],
        [resource.actions.write, calls.filter(({ call }) => isWrite(call))],
      ] as const) {
        expect(notGranted(sent, grants)).toEqual([]);
        expect(notNeeded(sent, grants).filter((action) => !elsewhere.includes(action))).toEqual([]);
      }
    });

    it('is absent after its removal, which declares its actions and ARNs and no others, unless it is kept or blocked', async () => {
      const { aws, resource } = bench();
      await converge(resource);
      const before = aws.calls.length;
      const removal = await resource.inspectRemoval();
      expect(removal).toBeDefined();
      if (removal?.kept !== undefined || removal?.blocked !== undefined) return;
      await removal?.remove();
      const { read, readUnlisted = [], remove } = resource.actions;
      const calls = (await checkedCalls(aws.calls)).slice(before);
      expect(notGranted(calls, [...read, ...readUnlisted, ...remove])).toEqual([]);
      expect(notNeeded(calls, remove).filter((action) => !elsewhere.includes(action))).toEqual([]);
      expect((await find(resource)).status).toBe('absent');
    });
  });
}
