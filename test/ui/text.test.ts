import { describe, expect, it } from 'vitest';
import type { Change, Json, Status } from '../../src/engine/types.ts';
import { CrcError } from '../../src/errors.ts';
import { costText, errorText, headText, outcomeText, planText } from '../../src/ui/text.ts';
import { inline } from '../../src/ui/values.ts';
import type { ResourceView } from '../../src/ui/view.ts';

function view(status: Status, changes: readonly Change[] = [], more: Partial<ResourceView> = {}): ResourceView {
  return {
    finding: { id: 'role/R', type: 'AWS::IAM::Role', name: 'R', status, changes, warnings: [] },
    needs: [],
    want: [],
    notes: [],
    irreversible: [],
    ...more,
  };
}

const plain = (...views: ResourceView[]) => planText(views, { color: false });

const trust = (subject: Json) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringLike: { sub: subject } },
      Effect: 'Allow',
      Principal: { Federated: 'arn:p' },
    },
  ],
});

describe('plan as text', () => {
  it('in sync is a list', () => {
    expect(plain(view('in-sync'), view('in-sync'))).toBe('✓ role/R  R  in sync\n✓ role/R  R  in sync\n\n2 in sync.');
  });

  it('the head names a config of a folder above', () => {
    const run = { accountId: '123456789012', region: 'eu-west-2' };
    expect(headText(run, false)).toBe('Account 123456789012, eu-west-2');
    expect(headText({ ...run, configFile: '../crc.config.json' }, false)).toBe(
      'Account 123456789012, eu-west-2\nConfig ../crc.config.json',
    );
  });

  it('warnings stand with their resource, and are counted', () => {
    const finding = { ...view('in-sync').finding, warnings: ['a is open; close it', 'b is open'] };
    expect(plain(view('in-sync', [], { finding }), view('in-sync'))).toBe(
      '✓ role/R  R  in sync\n    warning: a is open; close it\n    warning: b is open\n\n✓ role/R  R  in sync\n\n2 warnings.\n2 in sync.',
    );
  });

  it('create: what it will be, nothing that it will not have, documents in words', () => {
    const want = [
      { path: 'settings.description', value: 'Managed by crc' },
      { path: 'permissionsBoundary', value: null },
      { path: 'managedPolicies', value: [] },
      { path: 'trust', value: trust(['repo:a', 'repo:b']) },
    ];
    expect(plain(view('absent', [{ kind: 'create' }], { want }))).toBe(
      `+ role/R  R  does not exist
  + settings.description  Managed by crc
  + trust
        Allow sts:AssumeRoleWithWebIdentity
          to Federated arn:p
          if StringLike sub = repo:a
          or repo:b

1 to create.`,
    );
  });

  it('change, remove and conflict, in columns, apart from what is in sync', () => {
    const changes: Change[] = [
      { kind: 'update', path: 'objectLock.days', live: 1, want: 5 },
      { kind: 'update', path: 'a', live: null, want: ['x', 'y'] },
      { kind: 'remove', path: 'inlinePolicies', live: 'Evil', want: null },
    ];
    expect(plain(view('in-sync'), view('drifted', changes), view('in-sync'))).toBe(
      `✓ role/R  R  in sync

~ role/R  R  differs
  ~ objectLock.days  1 → 5
  ~ a                none → x, y
  - inlinePolicies   Evil  (not in the config; bootstrap --prune takes it away)

✓ role/R  R  in sync

1 to change, 2 in sync.`,
    );
    expect(planText([view('drifted', changes)], { color: false, prune: true })).toContain('- inlinePolicies   Evil\n');
    const conflict: Change = {
      kind: 'conflict',
      path: 'hashKey',
      live: 'Id',
      want: 'LockID',
      why: 'cannot be changed',
    };
    expect(plain(view('conflict', [conflict]))).toBe(
      '! role/R  R  conflict\n  ! hashKey  Id → LockID\n      cannot be changed\n\n1 in conflict.',
    );
  });

  it('unread: why, and what to do', () => {
    const error = new CrcError('Access denied: iam:GetRole.', { hint: 'Allow it.' });
    expect(plain(view('unread', [], { error }))).toBe(
      '? role/R  R  could not be read\n    Access denied: iam:GetRole.\n    Allow it.\n\n1 could not be read.',
    );
  });

  it('documents: the lines that differ under the statement that they belong to', () => {
    const change: Change = { kind: 'update', path: 'trust', live: trust('repo:evil'), want: trust('repo:good') };
    expect(plain(view('drifted', [change]))).toContain(
      `  ~ trust
        Allow sts:AssumeRoleWithWebIdentity
      -   if StringLike sub = repo:evil
      +   if StringLike sub = repo:good
`,
    );
    const added: Change = { kind: 'update', path: 'trust', live: null, want: trust('repo:good') };
    expect(plain(view('drifted', [added]))).toContain(
      '      + Allow sts:AssumeRoleWithWebIdentity\n      +   to Federated arn:p',
    );
    const renamed: Change = {
      kind: 'update',
      path: 'trust',
      live: { ...trust('a'), Version: '2008-10-17' },
      want: trust('a'),
    };
    expect(plain(view('drifted', [renamed]))).toContain('mean the same and are written otherwise');
  });

  it('documents: whole statements that one side does not have, and none that both have', () => {
    const kept = { Effect: 'Deny', Action: '*', Resource: '*' };
    const gone = { Effect: 'Allow', NotAction: 'iam:*', NotResource: 'arn:d', NotPrincipal: { AWS: ['1', '2'] } };
    const added = { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['arn:b', 'arn:c'] };
    const change: Change = {
      kind: 'conflict',
      path: 'policy',
      live: { Statement: [kept, gone] },
      want: { Statement: [added, kept] },
      why: 'not yours',
    };
    expect(plain(view('conflict', [change]))).toBe(`! role/R  R  conflict
  ! policy
      - Allow all but iam:*
      -   on all but arn:d
      -   to all but AWS 1
      -   to all but AWS 2
      + Allow s3:ListBucket
      +   on arn:b
      +   on arn:c
      not yours

1 in conflict.`);
  });

  it('documents: every condition, its operator and its alternatives', () => {
    const Condition = { StringEquals: { aud: 'a', sub: ['b', 'c'] }, Bool: { tls: 'false' } };
    const change = (live: Json): Change => ({
      kind: 'update',
      path: 'trust',
      live,
      want: { Statement: [{ Effect: 'Allow', Action: 'x', Condition }] },
    });
    const lines = (live: Json) =>
      plain(view('drifted', [change(live)]))
        .split('\n')
        .slice(2, -2);
    expect(lines('no document')).toEqual([
      '      + Allow x',
      '      +   if StringEquals aud = a',
      '      +   if StringEquals sub = b',
      '      +   or c',
      '      +   if Bool tls = false',
    ]);
    const weaker = { StringEquals: { aud: 'a' }, StringLike: { sub: ['b', 'c'] }, Bool: { tls: 'false' } };
    expect(lines({ Statement: [{ Effect: 'Allow', Action: 'x', Condition: weaker }] })).toEqual([
      '        Allow x',
      '      -   if StringLike sub = b',
      '      +   if StringEquals sub = b',
    ]);
  });

  it('counts every status, and sets apart only what has something to read', () => {
    const change: Change = { kind: 'update', path: 'a', live: '', want: 2 };
    const statuses: Status[] = ['absent', 'conflict', 'unread', 'in-sync'];
    const first = view('drifted', [change]);
    expect(plain(first, ...statuses.map((status) => view(status)), first)).toBe(`~ role/R  R  differs
  ~ a  "" → 2

+ role/R  R  does not exist
! role/R  R  conflict
? role/R  R  could not be read
✓ role/R  R  in sync

~ role/R  R  differs
  ~ a  "" → 2

1 to create, 2 to change, 1 in conflict, 1 could not be read, 1 in sync.`);
  });

  it('notes, and what cannot be undone', () => {
    expect(plain(view('drifted', [], { notes: ['full'], irreversible: ['It stays.'] }))).toBe(
      '~ role/R  R  differs\n    note: full\n\nCannot be undone\n  It stays.\n\n1 to change.',
    );
  });

  it('colours only when asked', () => {
    const change: Change = { kind: 'update', path: 'a', live: 1, want: 2 };
    expect(plain(view('drifted', [change]))).not.toContain('\u001B');
    const colored = planText([view('drifted', [change])], { color: true });
    expect(colored).toContain('\u001B[33m~\u001B[39m');
    const bare = colored.split('\u001B').map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')));
    expect(bare.join('')).toBe(plain(view('drifted', [change])));
  });
});

describe('other text', () => {
  it('head, cost and outcomes', () => {
    expect(headText({ accountId: '123456789012', region: 'eu-west-2' }, false)).toBe('Account 123456789012, eu-west-2');
    expect(costText({ apiCalls: { read: 1, write: 2 }, durationMs: 1_234 })).toBe('1 read, 2 writes, 1.2 s');
    const error = new CrcError('It broke.', { hint: 'Mend it.' });
    expect(
      outcomeText(
        [
          { id: 'a', outcome: 'created' },
          { id: 'b', outcome: 'failed', error },
          { id: 'c', outcome: 'blocked', error: new CrcError('It needs b.', { hint: 'Mend b.' }) },
          { id: 'd', outcome: 'unchanged' },
          { id: 'e', outcome: 'updated' },
          { id: 'f', outcome: 'not-started' },
        ],
        false,
      ),
    ).toBe(
      'created      a\nfailed       b\n    It broke.\n    Mend it.\nblocked      c\n    It needs b.\n    Mend b.\nunchanged    d\nupdated      e\nnot started  f',
    );
  });

  it('an error shows neither its cause nor a stack', () => {
    const error = new CrcError('It broke.', { hint: 'Mend it.', cause: new Error('inner') });
    expect(errorText(error, false)).toBe('error: It broke.\nMend it.');
  });

  it('an error with its problems', () => {
    const issues = [
      { path: 'roles[0]', message: 'is wrong' },
      { path: '', message: 'is odd' },
    ];
    expect(errorText(new CrcError('Two problems:', { issues, hint: 'Mend them.' }), false)).toBe(
      'error: Two problems:\n  roles[0]: is wrong\n  is odd\nMend them.',
    );
  });

  it.each<[Json, string]>([
    [null, 'none'],
    ['', '""'],
    ['a', 'a'],
    [5, '5'],
    [false, 'false'],
    [[], 'none'],
    [['a', 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
    [
      { Statement: [{ Effect: 'Deny', NotAction: ['a', 'b'], NotResource: 'r', Principal: '*' }, 'odd'] },
      'Deny all but a, b on all but r to *; "odd"',
    ],
  ])('%j in a line is %s', (value, text) => {
    expect(inline(value)).toBe(text);
  });
});
