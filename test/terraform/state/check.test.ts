import { describe, expect, it } from 'vitest';
import { type CheckInput, problemsOf } from '../../../src/terraform/state/check.ts';
import type { StateContent } from '../../../src/terraform/state/content.ts';
import type { StateVersion } from '../../../src/terraform/state/history.ts';
import type { ListedState } from '../../../src/terraform/state/list.ts';
import type { StateLock } from '../../../src/terraform/state/locks.ts';

const KEY = 'resume/terraform.tfstate';
const NOW = Date.parse('2026-11-26T12:00:00Z');

function content(parts: Partial<Extract<StateContent, { kind: 'state' }>> = {}): StateContent {
  const at = { start: 0, end: 1 };
  const state = { kind: 'state', serial: 4, lineage: 'a', terraformVersion: '1.11.4', resources: 3 } as const;
  return { ...state, serialAt: at, size: 100, md5: 'ok', ...parts };
}

function version(parts: Partial<StateVersion> = {}): StateVersion {
  const head = { key: KEY, versionId: 'v', latest: true, marker: false, size: 100, eTag: '"e"', modified: NOW };
  return { ...head, content: content(), retainedUntil: undefined, ...parts };
}

function state(parts: Partial<ListedState> = {}): ListedState {
  return {
    key: KEY,
    workspace: 'default',
    objectKey: KEY,
    newest: version(),
    deleted: false,
    versions: 2,
    older: [],
    locks: [],
    digest: 'ok',
    declared: true,
    ...parts,
  };
}

function check(states: readonly ListedState[], parts: Partial<CheckInput> = {}) {
  return problemsOf({
    list: { states, otherLocks: [], otherDigests: [], otherObjects: 0 },
    previous: new Map(),
    overwritten: new Map(),
    restorable: new Map([[KEY, 1]]),
    digestOfOlder: new Map(),
    written: [KEY],
    expiring: [],
    bucket: 'b',
    prefixes: new Map(),
    now: NOW,
    ...parts,
  });
}

const lock = (created: string | undefined): StateLock => ({
  path: `b/${KEY}`,
  info: { id: 'L', who: 'me@laptop', operation: 'OperationTypeApply', created },
});

describe('crc state check', () => {
  it('reports nothing about a healthy state', () => {
    expect(check([state(), state({ digest: undefined })])).toEqual([]);
  });

  it.each(['archived', 'no-key'] as const)('restores a deleted state once S3 returns it: %s', (why) => {
    const newest = version({ content: { kind: 'unread', why } });
    const [problem] = check([state({ newest, deleted: true, digest: undefined })], { restorable: new Map() });
    // Before that, the command could not read the state.
    const first = why === 'archived' ? 'Restore its newest version from the archive in S3' : 'Enable the key again';
    expect(problem?.fix).toMatch(new RegExp(`^${first}.* Then bring it back: \`crc state restore ${KEY} '~0'\``));
    const [current] = check([state({ newest, digest: undefined })]);
    expect([current?.id, current?.fix]).toEqual([
      'state-out-of-reach',
      expect.not.stringContaining('crc state restore'),
    ]);
  });

  const opaque = (why: 'empty' | 'truncated' | 'not-json' | 'not-a-state') =>
    state({ newest: version({ content: { kind: 'opaque', why, size: 1, md5: 'ok' } }) });

  it.each<[string, ListedState, Partial<CheckInput>, string]>([
    ['a digest that is not the state', state({ digest: 'old' }), {}, 'digest-mismatch'],
    ['an empty object', opaque('empty'), {}, 'state-empty'],
    ['a truncated object', opaque('truncated'), {}, 'state-truncated'],
    ['a document that is not JSON', opaque('not-json'), {}, 'not-a-state'],
    ['a different kind of document', opaque('not-a-state'), {}, 'not-a-state'],
    [
      'a different lineage',
      state(),
      { previous: new Map([[KEY, version()]]), overwritten: new Map([[KEY, 1]]) },
      'other-lineage',
    ],
    [
      'a lower serial',
      state(),
      { previous: new Map([[KEY, version({ content: content({ serial: 9 }) })]]) },
      'serial-went-back',
    ],
    ['a lock of yesterday', state({ locks: [lock('2026-11-25T11:00:00Z')] }), {}, 'old-lock'],
    ['a lock without a holder', state({ locks: [{ path: `b/${KEY}`, info: undefined }] }), {}, 'unreadable-lock'],
    ['a state without a role', state({ declared: false }), {}, 'undeclared-state'],
    ['a state that no role writes', state(), { written: [] }, 'no-writer'],
    ['a deleted state', state({ deleted: true }), {}, 'state-deleted'],
    ['a rule that deletes current states', state(), { expiring: ['tidy'] }, 'current-versions-expire'],
    [
      'a lock table that does not exist',
      state(),
      { list: { states: [state()], otherLocks: [], otherDigests: [], otherObjects: 0, missingTable: 'locks' } },
      'no-lock-table',
    ],
    [
      'a digest without its state',
      state(),
      { list: { states: [state()], otherLocks: [], otherDigests: ['b/gone'], otherObjects: 0 } },
      'digest-without-state',
    ],
  ])('finds %s', (_, input, parts, id) => {
    const problems = check([input], parts);
    expect(problems.map((problem) => problem.id)).toEqual([id]);
    expect(problems[0]?.message).toMatch(/^\S.*\.$/);
    expect(problems[0]?.fix).toMatch(/^\S.*[.)]$/);
  });

  it('does not advise to delete a state that another config for the bucket may have', () => {
    expect(check([state({ declared: false })], {})[0]?.fix).toMatch(
      /^If another config for this bucket has it, ignore/,
    );
  });

  it('reports whether the state or the digest is newer', () => {
    const digest = (older: boolean) => check([state({ digest: 'old' })], { digestOfOlder: new Map([[KEY, older]]) })[0];
    expect(digest(true)?.message).toContain('the state was written, and the digest was not');
    expect(digest(false)?.message).toContain('The digest is that of no version');
  });

  it('does not report a lock that may be in use', () => {
    expect(check([state({ locks: [lock('2026-11-26T11:00:00Z')] })])).toEqual([]);
  });

  it('does not report a workspace that was emptied and deleted', () => {
    const empty = version({ content: content({ resources: 0 }) });
    expect(check([state({ deleted: true, newest: empty, digest: undefined })])).toEqual([]);
  });

  it('names the item in the lock table that is left of an emptied and deleted workspace', () => {
    const newest = version({ content: content({ resources: 0 }) });
    const [problem, ...more] = check([state({ deleted: true, newest })]);
    expect([problem?.id, more]).toEqual(['digest-without-state', []]);
    expect(problem?.fix).toContain(`the item with the LockID "b/${KEY}-md5"`);
  });

  it('detects a workspace with two states', () => {
    const dev = state({ workspace: 'dev', objectKey: `env:/dev/${KEY}` });
    const secondState = state({ key: `stages/dev/${KEY}`, objectKey: `stages/dev/${KEY}`, declared: false });
    expect(check([dev, secondState]).map(({ id }) => id)).toEqual(['same-workspace', 'undeclared-state']);
  });

  it.each([
    ['deleted', state({ deleted: true }), '~0'],
    ['broken', opaque('empty'), '~1'],
  ])('does not bring another project back if its state is %s', (_, newest, theirs) => {
    const [problem] = check([newest], { overwritten: new Map([[KEY, 4]]) });
    expect(problem?.fix).toContain(`before that project wrote: \`crc state restore ${KEY} '~4' --other-lineage\``);
    expect(problem?.fix).toContain(`Only if the other project's is meant: \`crc state restore ${KEY} '${theirs}'\``);
  });

  it('names the workspace in the command that fixes it', () => {
    const objectKey = `env:/dev/${KEY}`;
    const [problem] = check([{ ...opaque('truncated'), workspace: 'dev', objectKey }], {
      restorable: new Map([[objectKey, 3]]),
    });
    expect(problem?.fix).toContain(`crc state restore ${KEY} '~3' --workspace dev`);
  });

  it('is sorted by key and deterministic', () => {
    const states = ['c', 'a', 'b'].map((key) => state({ key, objectKey: key, declared: false }));
    expect(check(states).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });
});
