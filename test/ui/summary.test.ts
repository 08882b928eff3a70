import { describe, expect, it } from 'vitest';
import { afterVerify } from '../../src/commands/next.ts';
import { outcomeViews } from '../../src/commands/views.ts';
import { Blocked } from '../../src/engine/apply.ts';
import type { Change, Status } from '../../src/engine/types.ts';
import { CrcError } from '../../src/errors.ts';
import { planMarkdown } from '../../src/ui/markdown.ts';
import { outcomeSummary, remedyLines } from '../../src/ui/summary.ts';
import type { ExplainedFinding, OutcomeView } from '../../src/ui/view.ts';
import { findingOf } from '../helpers/views.ts';

const UPDATE: Change = { kind: 'update', path: 'a', live: 1, want: 2 };
const REMOVE: Change = { kind: 'remove', path: 'inlinePolicies', live: 'Extra', want: null };
const CONFLICT: Change = {
  kind: 'conflict',
  path: 'tags.ManagedBy',
  live: null,
  want: 'crc',
  why: 'not managed by crc',
};

function view(
  id: string,
  status: Status,
  changes: readonly Change[] = [],
  adoptable = false,
  needs: readonly string[] = [],
): ExplainedFinding {
  return findingOf(id, status, changes, { adoptable, needs });
}

const ALL = [
  view('same', 'in-sync'),
  view('new', 'absent', [{ kind: 'create' }]),
  view('other', 'drifted', [UPDATE]),
  view('role/mixed', 'drifted', [UPDATE, REMOVE]),
  view('role/extra', 'drifted', [REMOVE]),
  view('table', 'conflict', [CONFLICT], true),
  view('bucket', 'conflict', [CONFLICT]),
  view('role/denied', 'unread'),
];

describe('what fixes drift', () => {
  it('is shown once for each resource', () => {
    expect(remedyLines(ALL)).toEqual([
      '  1 is created by `crc bootstrap`: new',
      '  1 is fixed by `crc bootstrap`: other',
      '  2 need `crc bootstrap --prune`: role/mixed, role/extra',
      '  1 needs `crc bootstrap --adopt`: table',
      '  1 must be resolved manually, as explained above: bucket',
    ]);
  });

  it('does not suggest bootstrap where it writes nothing, as for a bucket in another region', () => {
    const bucket = {
      ...view('state-bucket', 'unread'),
      error: new CrcError('It is in us-east-1.', { hint: 'Fix it.', fatal: true }),
    };
    const findings = [bucket, view('new', 'absent', [{ kind: 'create' }])];
    expect(remedyLines(findings)).toEqual([
      '  1 must be resolved before `crc bootstrap` writes anything: state-bucket',
    ]);
    expect(afterVerify(findings, {})).toBeUndefined();
    const run = {
      command: 'verify',
      accountId: '1',
      region: 'eu-west-2',
      apiCalls: { read: 1, write: 0 },
      durationMs: 1,
    };
    const report = planMarkdown(run, findings);
    expect(report).toContain('`crc bootstrap` writes nothing until what could not be read is resolved.');
    expect(report).not.toContain('fixes it');
    expect(remedyLines([bucket, view('same', 'in-sync')])).toEqual([]);
  });

  it('does not suggest a run that would be blocked by a resource in conflict', () => {
    const waiting = [
      view('table', 'conflict', [CONFLICT], true),
      view('function', 'drifted', [UPDATE], false, ['table']),
      view('url', 'absent', [{ kind: 'create' }], false, ['function']),
      view('role', 'absent', [{ kind: 'create' }], false, ['same']),
      view('same', 'in-sync', [], false, ['table']),
    ];
    expect(remedyLines(waiting)).toEqual([
      '  1 is created by `crc bootstrap`: role',
      '  1 needs `crc bootstrap --adopt`: table',
      '  2 are waiting for required resources; the next `crc bootstrap` fixes them: function, url',
    ]);
  });

  it('does not advise taking a resource away from another project, which would lose it', () => {
    const taken: Change = { ...CONFLICT, path: 'tags.crc:project', live: 'theirs', want: 'ours' };
    const unknown: Change = { ...taken, live: null };
    const views = [view('role/A', 'conflict', [taken], true), view('role/B', 'conflict', [unknown], true)];
    expect(remedyLines(views)).toEqual([
      '  1 needs `crc bootstrap --adopt`: role/B',
      '  1 belongs to another project: choose another name in the config, or take it over with --adopt if that project no longer uses it: role/A',
    ]);
    expect(afterVerify(views.slice(0, 1), {})).toBeUndefined();
    expect(afterVerify(views, {})).toMatch(/^`crc plan --adopt` shows/);
    const results = views.map(({ id }) => ({ id, outcome: 'blocked' as const, error: new Blocked('theirs') }));
    expect(outcomeViews(results, views).map(({ lacks }) => lacks)).toEqual([undefined, 'adopt']);
  });

  it('lists a few of many, and nothing if there are no differences', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => view(id, 'conflict', [CONFLICT], true));
    expect(remedyLines(many)).toEqual(['  6 need `crc bootstrap --adopt`: a, b, c, d, and 2 more']);
    expect(remedyLines([view('a', 'in-sync'), view('b', 'unread')])).toEqual([]);
  });
});

describe('the summary of a run', () => {
  const outcome = (id: string, word: OutcomeView['outcome'], lacks?: OutcomeView['lacks']): OutcomeView => ({
    id,
    outcome: word,
    lacks,
  });
  const lines = (...outcomes: readonly OutcomeView[]) => outcomeSummary(outcomes, { command: 'bootstrap' });

  it.each<[string, readonly OutcomeView[], readonly string[]]>([
    ['created', [outcome('a', 'created'), outcome('b', 'created')], ['Done. 2 created, 0 changed.']],
    [
      'a bit of all',
      [outcome('a', 'created'), outcome('b', 'updated'), outcome('c', 'unchanged')],
      ['Done. 1 created, 1 changed, 1 unchanged.'],
    ],
    [
      'one failed',
      [outcome('a', 'failed')],
      ['Incomplete: 1 resource needs attention. Fix it and rerun `crc bootstrap`.'],
    ],
    [
      'one failed before anything was written: its dependents need no separate attention',
      [outcome('a', 'not-started'), outcome('b', 'failed'), outcome('c', 'not-started')],
      ['Incomplete: 1 resource needs attention. Fix it and rerun `crc bootstrap`.', '  2 were not started: a, c'],
    ],
    [
      'some blocked',
      [outcome('a', 'updated'), outcome('b', 'failed'), outcome('c', 'blocked')],
      ['Incomplete: 2 resources need attention. Fix them and rerun `crc bootstrap`.', '1 changed.'],
    ],
    [
      'one failed, and others wait for it',
      [
        outcome('a', 'failed'),
        { ...outcome('b', 'blocked'), waits: true },
        { ...outcome('c', 'blocked'), waits: true },
      ],
      ['Incomplete: 1 resource needs attention. Fix it and rerun `crc bootstrap`.', '  2 wait for others: b, c'],
    ],
    [
      'all wait for what the run does not write',
      [{ ...outcome('a', 'blocked'), waits: true }],
      ['Incomplete: 1 resource needs attention. Fix it and rerun `crc bootstrap`.'],
    ],
    [
      'flags are lacking: each once',
      [outcome('a', 'blocked', 'adopt'), outcome('b', 'blocked', 'adopt'), outcome('c', 'blocked', 'prune')],
      [
        'Incomplete: 3 resources need attention. Fix them and rerun `crc bootstrap`.',
        '  2 are not managed by this project; --adopt changes them as the plan shows: a, b',
        '  1 has something that is not in the config; --prune removes it: c',
      ],
    ],
  ])('%s', (_, outcomes, expected) => {
    expect(lines(...outcomes)).toEqual(expected);
  });

  it('of a stopped run', () => {
    const outcomes = [outcome('a', 'created'), outcome('b', 'not-started'), outcome('c', 'not-started')];
    expect(outcomeSummary(outcomes, { command: 'bootstrap', interrupted: true })).toEqual([
      '1 created.',
      '  2 were not started: b, c',
    ]);
  });
});
