import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Change, Status } from '../../src/engine/types.ts';
import { CrcError } from '../../src/errors.ts';
import type { Json } from '../../src/json.ts';
import { planText, reportText } from '../../src/ui/plan.ts';
import { documentInBrief } from '../../src/ui/values.ts';
import type { ExplainedFinding } from '../../src/ui/view.ts';
import { wrap } from '../../src/ui/wrap.ts';
import { findingOf, firstViews } from '../helpers/views.ts';

const plain = (...views: ExplainedFinding[]) => planText(views, { color: false });
const report = (...views: ExplainedFinding[]) => reportText(views, { color: false });

/** The line below an abbreviated plan. */
const HINT = '\n  (--details shows every value, and policies in full)';

/** The lines between the summary and its repetition. */
const inner = (text: string) => text.split('\n').slice(2, -2).join('\n');

const trust = (subject: Json) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': subject } },
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
    },
  ],
});

const policy = (...statements: readonly Json[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = (Action: Json, Resource: Json, more: Record<string, Json> = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const TABLE = 'arn:aws:dynamodb:eu-west-2:123456789012:table/abcdef-terraform-locking';
const STATE = 'arn:aws:s3:::abcdef-terraform-state/github-oidc/terraform.tfstate';

const NOT_OURS = 'already exists and is not managed by crc; use --adopt to manage it';

/** Four resources with realistic drift, and others. */
const drifted = [
  findingOf(
    'state-bucket',
    'drifted',
    [
      { kind: 'update', path: 'publicAccess.blockPublicAcls', live: false, want: true },
      { kind: 'update', path: 'objectLock.days', live: 1, want: 5 },
      { kind: 'update', path: 'tags.Project', live: null, want: 'cloud-resume' },
    ],
    { name: 'abcdef-terraform-state' },
  ),
  findingOf(
    'lock-table',
    'conflict',
    [{ kind: 'conflict', path: 'tags.ManagedBy', live: null, want: 'crc', why: NOT_OURS }],
    {
      name: 'abcdef-terraform-locking',
      adoptable: true,
    },
  ),
  findingOf('oidc-provider', 'in-sync', [], {
    name: 'https://token.actions.githubusercontent.com',
    notes: ['its list of thumbprints is full'],
  }),
  findingOf(
    'role/GitHubActionsTerraformRole',
    'drifted',
    [
      {
        kind: 'update',
        path: 'trust',
        live: trust('repo:githubaccountname/*:*'),
        want: trust('repo:githubaccountname/githubreponame:*'),
        why: 'more than the config’s subjects can assume the role: repo:githubaccountname/*:*',
      },
      {
        kind: 'update',
        path: 'policy',
        live: policy(
          allow('dynamodb:DescribeTable', TABLE),
          allow(['s3:GetObject', 's3:*'], STATE),
          allow('iam:PassRole', '*'),
        ),
        want: policy(allow('dynamodb:DescribeTable', TABLE), allow(['s3:GetObject', 's3:PutObject'], STATE)),
      },
      { kind: 'remove', path: 'inlinePolicies', live: 'Extra', want: null },
    ],
    { warnings: ['roles[0].trust.subjects[0]: "*" lets any branch in.'] },
  ),
  findingOf('table/IncrementVisits', 'absent', [{ kind: 'create' }], {
    name: 'Visits',
    want: [{ path: 'hashKey', value: 'Id' }],
    brief: { hashKey: 'key Id' },
  }),
  findingOf('log-group/IncrementVisits', 'unread', [], {
    name: '/aws/lambda/IncrementVisits',
    error: new CrcError('Access denied: logs:ListTagsForResource.', {
      hint: 'Allow it. `crc permissions verify` prints all that verify needs.',
    }),
  }),
  findingOf('function/IncrementVisits', 'in-sync'),
];

it('shows the first twelve of many resources that are no longer in the config, and all of them with --details', () => {
  const orphans = Array.from({ length: 30 }, (_, index) =>
    findingOf(`role/Team${index}`, 'in-sync', [], {
      warnings: [`no longer in the config, and ${index} can assume it`],
    }),
  );
  const brief = reportText([], { color: false, orphans });
  expect(brief.match(/ {2}• role\/Team/g)).toHaveLength(12);
  expect(brief).toContain('\n18 more no longer in the config (--details shows all)');
  const text = reportText([], { color: false, orphans, details: true });
  expect(text.match(/ {2}• role\/Team/g)).toHaveLength(30);
  expect(text).not.toContain('more left');
});

describe.each([80, 120])('in a terminal of %i columns', (columns) => {
  const screen = (name: string) => `screens/${name}.${columns}.txt`;

  it('the first plan of the example', async () => {
    const views = await firstViews();
    await expect(wrap(planText(views, { color: false }), columns)).toMatchFileSnapshot(screen('first-plan'));
    await expect(wrap(planText(views, { color: false, details: true }), columns)).toMatchFileSnapshot(
      screen('first-plan-details'),
    );
  });

  it('a plan and a report of drift', async () => {
    await expect(wrap(planText(drifted, { color: false }), columns)).toMatchFileSnapshot(screen('drift-plan'));
    await expect(wrap(reportText(drifted, { color: false }), columns)).toMatchFileSnapshot(screen('drift-report'));
  });
});

it('the first plan of the example fits two screens, and so does a report of four drifted resources', async () => {
  const first = wrap(planText(await firstViews(), { color: false }), 80);
  expect(first.split('\n').length).toBeLessThanOrEqual(52);
  expect(wrap(report(...drifted), 80).split('\n').length).toBeLessThanOrEqual(54);
});

describe('a plan', () => {
  it('starts and ends with a summary', () => {
    const text = plain(findingOf('role/A', 'absent'), findingOf('role/B', 'in-sync'));
    expect(text).toBe(`Plan: 1 to create, 1 in sync.

Will be created
+ role/A
  (--details shows every value, and policies in full)

✓ 1 in sync: role/B

Plan: 1 to create, 1 in sync.`);
  });

  it('of resources in sync is one line, or with details one line each', () => {
    const many = Array.from({ length: 20 }, (_, index) => findingOf(`role/R${index}`, 'in-sync'));
    expect(plain(...many.slice(0, 13))).toBe(
      'Plan: no changes.\n\n✓ 13 in sync: role/R0, role/R1, role/R2, role/R3, role/R4, role/R5, role/R6, role/R7, role/R8, role/R9, role/R10, role/R11, role/R12',
    );
    expect(plain(...many)).toMatch(/✓ 20 in sync: role\/R0, .*, role\/R11, 8 more$/);
    expect(
      planText([findingOf('a', 'in-sync', [], { name: 'name' }), findingOf('role/B', 'in-sync')], {
        color: false,
        details: true,
      }),
    ).toBe('Plan: no changes.\n\nIn sync\n✓ a  name\n✓ role/B');
  });

  it('counts what needs --prune separately from what will be changed', () => {
    const extra: Change = { kind: 'remove', path: 'inlinePolicies', live: 'Extra', want: null };
    const other: Change = { kind: 'update', path: 'a', live: 1, want: 2 };
    const views = [
      findingOf('role/A', 'drifted', [extra]),
      findingOf('role/B', 'drifted', [other, extra]),
      findingOf('role/C', 'drifted', [other]),
    ];
    expect(plain(...views)).toMatch(/^Plan: 2 to change, 2 need --prune\.\n/);
    expect(plain(...views)).toContain('- inlinePolicies  Extra (not in the config; needs --prune)');
    const pruning = planText(views, { color: false, prune: true });
    expect(pruning).toMatch(/^Plan: 3 to change, 2 policies to remove\.\n/);
    expect(pruning).toContain('- inlinePolicies  Extra (not in the config)');
    const url: Change = { kind: 'remove', path: 'url', live: 'https://a.b', want: null };
    const ofFunction = findingOf('function/F', 'drifted', [url]);
    expect(planText([ofFunction], { color: false, prune: true })).toMatch(
      /^Plan: 1 to change, 1 public URL to remove\.\n/,
    );
    expect(planText([...views, ofFunction], { color: false, prune: true })).toMatch(
      /^Plan: 4 to change, 2 policies to remove, 1 public URL to remove\.\n/,
    );
  });

  it('does not count as in need of --adopt what another project would lose', () => {
    const owned = (id: string, path: string, live: string | null) =>
      findingOf(id, 'conflict', [{ kind: 'conflict', path, live, want: 'crc', why: NOT_OURS }], { adoptable: true });
    const findings = [
      owned('role/A', 'tags.crc:project', 'other-site'),
      owned('lock-table', 'tags.ManagedBy', null),
      owned('table/F', 'tags.ManagedBy', null),
    ];
    expect(planText(findings, { color: false })).toContain('Plan: 2 need --adopt, 1 in conflict.');
  });

  it('does not list under "Will be changed" what only --prune would change', () => {
    const extra: Change = { kind: 'remove', path: 'inlinePolicies', live: 'Extra', want: null };
    const other: Change = { kind: 'update', path: 'a', live: 1, want: 2 };
    const views = [findingOf('role/A', 'drifted', [extra]), findingOf('role/B', 'drifted', [other, extra])];
    expect(inner(plain(...views))).toBe(`Will be changed
~ role/B
  ~ a               1 → 2
  - inlinePolicies  Extra (not in the config; needs --prune)

Needs --prune (will not be changed)
~ role/A
  - inlinePolicies  Extra (not in the config; needs --prune)`);
    expect(planText(views, { color: false, prune: true })).not.toContain('Needs --prune');
  });

  it('shows once what applies to several resources, with their names', () => {
    const text = 'without a branch rule, any workflow can use it.';
    const warned = (id: string, path: string) => findingOf(id, 'in-sync', [], { warnings: [`${path}: ${text}`] });
    expect(plain(warned('role/A', 'roles[0].trust'), warned('role/B', 'roles[1].trust'))).toContain(
      `Warnings\n  • role/A (roles[0].trust), role/B (roles[1].trust): ${text}`,
    );
  });

  it('shows each reason once', () => {
    const changes: Change[] = ['mode', 'days'].map((leaf) => ({
      kind: 'conflict',
      path: `objectLock.${leaf}`,
      live: 1,
      want: null,
      why: 'never weakened',
    }));
    expect(inner(plain(findingOf('state-bucket', 'conflict', changes)))).toBe(`In conflict (will not be changed)
! state-bucket
  ! objectLock.mode  1 → none
  ! objectLock.days  1 → none
      never weakened`);
  });

  it('names every lost permission only with --details, and otherwise some of them', () => {
    const view = findingOf('role/R', 'drifted', [
      {
        kind: 'update',
        path: 'policy',
        live: null,
        want: null,
        why: 'it loses a:A, a:B',
        brief: 'it loses a:A, and 1 more',
      },
    ]);
    for (const text of [planText, reportText]) {
      expect(text([view], { color: false })).toContain('      it loses a:A, and 1 more\n');
      expect(text([view], { color: false, details: true })).toContain('      it loses a:A, a:B\n');
    }
  });

  it('shows what is public and what is irreversible once each, above the prompt', () => {
    const open = 'functions[0].url: anyone on the internet can call it.';
    const view = findingOf('function-url/F', 'absent', [], {
      warnings: [open, 'it is old'],
      exposures: [open],
      irreversible: ['it stays'],
      notes: ['it is new'],
    });
    expect(inner(plain(view))).toBe(`Will be created
+ function-url/F
  (--details shows every value, and policies in full)

note: function-url/F: it is new

Warnings
  • function-url/F: it is old

Public
  • function-url/F (functions[0].url): anyone on the internet can call it.

Cannot be undone
  • function-url/F: it stays`);
  });

  it('uses colours only if they are enabled', () => {
    const colored = planText(drifted, { color: true });
    expect(colored).toContain('\u001B[33m~\u001B[39m');
    const withoutFirstColour = colored
      .split('\u001B')
      .map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')));
    expect(withoutFirstColour.join('')).toBe(plain(...drifted));
  });
});

describe('what will be created', () => {
  const created = (want: ExplainedFinding['want'], brief: ExplainedFinding['brief'] = {}) =>
    findingOf('role/R', 'absent', [{ kind: 'create' }], { want, brief });

  it('in brief: no unset properties, and plain values for facts without a description', () => {
    const want = [
      { path: 'versioning', value: 'Enabled' },
      { path: 'objectLock.mode', value: 'COMPLIANCE' },
      { path: 'objectLock.days', value: 5 },
      { path: 'capacity.mode', value: 'on-demand' },
      { path: 'ownership', value: 'BucketOwnerEnforced' },
      { path: 'permissionsBoundary', value: null },
      { path: 'managedPolicies', value: [] },
    ];
    expect(inner(plain(created(want, { capacity: 'on-demand', ownership: undefined })))).toBe(
      `Will be created\n+ role/R\n    versioning Enabled; objectLock mode COMPLIANCE, days 5; on-demand${HINT}`,
    );
  });

  it('tags once for all, unless they differ', () => {
    const tags = (value: string) => [{ path: 'tags.Project', value }];
    expect(inner(plain(created(tags('a')), created(tags('a')), created([])))).toBe(
      `Will be created\n+ role/R\n+ role/R\n+ role/R\n  tags: Project=a${HINT}`,
    );
    expect(inner(plain(created(tags('a')), created(tags('b'))))).toBe(
      `Will be created\n+ role/R\n    tags Project=a\n+ role/R\n    tags Project=b${HINT}`,
    );
  });

  it('everything with details', () => {
    const want = [
      { path: 'tags.Project', value: 'a' },
      {
        path: 'policy',
        value: policy(allow(['a', 'b'], ['r1', 'r2'], { Condition: { StringLike: { k: ['1', '2'] } } })),
      },
    ];
    expect(inner(planText([created(want)], { color: false, details: true }))).toBe(`Will be created
+ role/R
  + tags.Project  a
  + policy
      Allow a, b
        on r1
        on r2
        if StringLike k = 1
        or 2`);
  });

  it.each<[string, Json, string]>([
    [
      'a policy',
      policy(allow(['s3:GetObject', 's3:PutObject'], ['a', 'b']), allow('s3:GetObject', 'b')),
      '2 actions on 2 ARNs (2 statements)',
    ],
    ['one of each kind', policy(allow('s3:*', '*')), 's3:* on all resources (*) (1 statement)'],
    [
      'one that denies',
      policy({ Effect: 'Deny', NotAction: 'iam:*', Resource: 'a' }),
      'all but iam:* on 1 ARN (1 statement, 1 of them Deny)',
    ],
    ['the trust of GitHub’s jobs', trust(['repo:a/b:*', 'repo:c/d:*']), 'repo:a/b:* or repo:c/d:*'],
    [
      'the trust of a service',
      policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }),
      'lambda.amazonaws.com',
    ],
  ])('%s in brief', (_, document, text) => {
    expect(documentInBrief(document)).toBe(text);
  });
});

describe('differences between two documents', () => {
  const lines = (live: Json, want: Json) =>
    inner(plain(findingOf('role/R', 'drifted', [{ kind: 'update', path: 'policy', live, want }])))
      .split('\n')
      .slice(3);

  it('entire statements that only one has, and none that both have', () => {
    const kept = { Effect: 'Deny', Action: '*', Resource: '*' };
    const gone = { Effect: 'Allow', NotAction: 'iam:*', NotResource: 'arn:d', NotPrincipal: { AWS: ['1', '2'] } };
    expect(lines(policy(kept, gone), policy(allow('s3:ListBucket', ['arn:b', 'arn:c']), kept))).toEqual([
      '    - Allow all but iam:*',
      '    -   on all but arn:d',
      '    -   to all but AWS 1',
      '    -   to all but AWS 2',
      '    + Allow s3:ListBucket',
      '    +   on arn:b',
      '    +   on arn:c',
    ]);
  });

  it('different resources of the same actions', () => {
    expect(lines(policy(allow('a', ['r1', 'r2'])), policy(allow('a', ['r2', 'r3'])))).toEqual([
      '      Allow a',
      '    -   on r1',
      '    +   on r3',
    ]);
  });

  it('different actions on the same resources, which are named', () => {
    expect(lines(policy(allow('a', 'r')), policy(allow(['a', 'b'], 'r')))).toEqual([
      '    - Allow a',
      '    + Allow a, b',
      '        on r',
    ]);
  });

  it('each of several statements with the same actions', () => {
    expect(lines(policy(allow('a', 'r1'), allow('a', 'r2')), policy(allow('a', 'r3'), allow('a', 'r4')))).toEqual([
      '      Allow a',
      '    -   on r1',
      '    +   on r3',
      '      Allow a',
      '    -   on r2',
      '    +   on r4',
    ]);
  });

  it('the alternatives of a condition, each with its operator and key', () => {
    const statement = (Condition: Json) => policy({ Effect: 'Allow', Action: 'x', Condition });
    expect(
      lines(statement({ StringLike: { sub: ['b', 'c'] } }), statement({ StringEquals: { sub: ['b', 'c'] } })),
    ).toEqual([
      '      Allow x',
      '    -   if StringLike sub = b',
      '    -   if StringLike sub = c',
      '    +   if StringEquals sub = b',
      '    +   if StringEquals sub = c',
    ]);
  });

  it('only their spelling', () => {
    expect(lines({ ...policy(allow('a', 'r')), Version: '2008-10-17' }, policy(allow('a', 'r')))).toEqual([
      '      (the statements mean the same and are written differently)',
    ]);
  });
});

describe('a report', () => {
  it.each<[readonly Status[], string]>([
    [['in-sync', 'in-sync'], 'No drift detected.'],
    [['drifted', 'absent', 'conflict', 'in-sync'], 'Drift detected in 3 of 4 resources.'],
    [['absent', 'absent'], 'None of the 2 resources was found.'],
    [['unread', 'in-sync'], '1 of 2 resources could not be read.'],
    [['drifted', 'unread'], 'Drift detected in 1 of 2 resources; 1 of 2 resources could not be read.'],
  ])('of %j starts with: %s', (statuses, summary) => {
    expect(report(...statuses.map((status) => findingOf('role/R', status))).split('\n')[0]).toBe(summary);
  });

  it('shows expected values', () => {
    expect(
      report(findingOf('log-group/F', 'drifted', [{ kind: 'update', path: 'retentionDays', live: 1, want: 14 }])),
    ).toContain('  ~ retentionDays  1 (expected 14)');
    const secret: Change = {
      kind: 'update',
      path: 'environment.API_KEY',
      live: '(another value)',
      want: '(as in the config)',
    };
    expect(report(findingOf('function/F', 'drifted', [secret]))).toContain(
      '  ~ environment.API_KEY  (another value) (expected as in the config)',
    );
  });
});

describe('any drift', () => {
  const value = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[\w:/.*-]{1,90}$/));
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.uniqueArray(fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:*'), { minLength: 1 }),
    Resource: fc.uniqueArray(fc.constantFrom(TABLE, STATE, '*'), { minLength: 1 }),
  });
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.record({
      kind: fc.constant('update' as const),
      path: fc.stringMatching(/^[a-z]{1,30}$/),
      live: value,
      want: value,
    }),
    fc.tuple(fc.array(statement), fc.array(statement)).map(([live, want]) => ({
      kind: 'update' as const,
      path: 'policy',
      live: policy(...live),
      want: policy(...want),
    })),
  );

  it('each path and value of a drift is shown, and no line is wider than the terminal, except for words that are wider themselves', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1 }), fc.integer({ min: 40, max: 200 }), (changes, columns) => {
        const view = findingOf('role/GitHubActionsTerraformRole', 'drifted', changes);
        for (const render of [planText, reportText]) {
          const text = render([view], { color: false });
          for (const change of changes) {
            if (!('path' in change)) continue;
            expect(text).toContain(change.path);
            if (change.path === 'policy') continue;
            for (const side of [change.live, change.want])
              expect(text).toContain(side === null ? 'none' : String(side));
          }
          for (const row of wrap(text, columns).split('\n')) {
            if (stringWidth(row) > columns) expect(row.trim().split(' ')).toHaveLength(1);
          }
        }
      }),
    );
  });

  it('each action and resource in only one of two policies is shown', () => {
    fc.assert(
      fc.property(fc.array(statement), fc.array(statement), (live, want) => {
        const text = plain(
          findingOf('role/R', 'drifted', [
            { kind: 'update', path: 'policy', live: policy(...live), want: policy(...want) },
          ]),
        );
        const wordsOf = (statements: typeof live) =>
          new Set(statements.flatMap(({ Action, Resource }) => [...Action, ...Resource]));
        const [before, after] = [wordsOf(live), wordsOf(want)];
        for (const word of before) if (!after.has(word)) expect(text).toMatch(lineWith('-', word));
        for (const word of after) if (!before.has(word)) expect(text).toMatch(lineWith('+', word));
      }),
    );
  });
});

function lineWith(sign: string, word: string): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^ {4}${escaped(sign)} .*${escaped(word)}`, 'm');
}

describe('the code of a function', () => {
  const codeOf = (...changes: readonly [path: string, live: Json, want: Json][]) =>
    findingOf(
      'function-code/A',
      'drifted',
      changes.map(([path, live, want]) => ({ kind: 'update' as const, path, live, want })),
    );

  it.each([
    ['from a different source', codeOf(['source', 'aaa=', 'bbb=']), 'as deployed → new code'],
    ['that crc did not deploy', codeOf(['source', null, 'bbb='], ['sha256', 'x=', 'y=']), 'unknown → new code'],
    ['that was replaced', codeOf(['sha256', 'aaa=', 'bbb=']), 'changed outside crc → as deployed'],
  ])('%s: a readable difference', (_, view, wordsOf) => {
    expect(plain(view)).toContain(`  ~ code  ${wordsOf}\n`);
    expect(plain(view)).not.toContain('bbb=');
    expect(planText([view], { color: false, details: true })).not.toContain('~ code  ');
  });

  it('after a rollback is that of an earlier version, and was not changed outside crc', () => {
    const view = codeOf(['sha256', 'aaa=', 'bbb='], ['alias', '1', '2']);
    expect(plain(view)).toContain('~ function-code/A\n  ~ alias  1 → 2\n');
    expect(plain(view)).not.toContain('~ code');
  });
});

it('does not announce changes that depend on a resource in conflict', () => {
  const text = plain(
    findingOf('lock-table', 'conflict', [
      { kind: 'conflict', path: 'tags.ManagedBy', live: null, want: 'crc', why: NOT_OURS },
    ]),
    { ...findingOf('role/Waiting', 'absent', [{ kind: 'create' }]), needs: ['lock-table'] },
    findingOf('role/New', 'absent', [{ kind: 'create' }]),
  );
  expect(text).toContain('Plan: 1 to create, 1 in conflict, 1 waiting for a required resource.');
  expect(text.indexOf('role/Waiting')).toBeGreaterThan(text.indexOf('Waiting for required resources'));
});
