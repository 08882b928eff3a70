import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/json.ts';
import { accessPathsOfRole } from '../../../src/trust/audit/audit.ts';
import { SCOPES, type Scope } from '../../../src/trust/audit/scope.ts';
import { simulatedTrust } from '../../helpers/trust-simulator.ts';
import { ADMIN, audited, GITHUB, providerOf, trustOf } from './policies.ts';

/** A GitHub job, and how its repository relates to the intended one, octo-org/site. */
interface Job {
  readonly from: Exclude<Scope, 'nobody' | 'workflow'>;
  readonly claims: Readonly<Record<string, string>>;
}

/** Claims of an unrelated repository, of one with the same owner, and of the intended one. */
const REPOSITORIES = [
  { from: 'anyone', owner: 'evil', ownerId: '66', name: 'site', id: '6' },
  { from: 'anyone', owner: 'zoe', ownerId: '77', name: 'tools', id: '7' },
  { from: 'named', owner: 'octo-org-evil', ownerId: '88', name: 'site', id: '8' },
  { from: 'named', owner: 'octo', ownerId: '99', name: 'site', id: '9' },
  { from: 'named', owner: 'acto-org', ownerId: '55', name: 'site', id: '5' },
  { from: 'named', owner: 'octo-ors', ownerId: '44', name: 'site', id: '10' },
  { from: 'owner', owner: 'octo-org', ownerId: '1', name: 'other', id: '3' },
  { from: 'owner', owner: 'octo-org', ownerId: '1', name: 'site-2', id: '4' },
  { from: 'project', owner: 'octo-org', ownerId: '1', name: 'site', id: '2' },
] as const;

/**
 * Contexts that anyone can create in their own repository: names of branches and environments may contain almost
 * anything except colons.
 */
const CONTEXTS = [
  'ref:refs/heads/main',
  'ref:refs/heads/x@1/site@2',
  'ref:refs/heads/octo-org/site',
  'ref:refs/tags/v1',
  'pull_request',
  'environment:production',
  'environment:repo%3Aocto-org/site',
  // Only possible with a customised subject template.
  'ref:refs/heads/x/site@2:workflow:deploy',
  'head_ref:x/site@9:ref:refs/heads/main',
];

const JOBS: readonly Job[] = REPOSITORIES.flatMap(({ from, owner, ownerId, name, id }) =>
  [`${owner}/${name}`, `${owner}@${ownerId}/${name}@${id}`].flatMap((repository) =>
    CONTEXTS.map((context) => ({
      from,
      claims: {
        aud: 'sts.amazonaws.com',
        sub: `repo:${repository}:${context}`,
        repository: `${owner}/${name}`,
        repository_id: id,
        repository_owner_id: ownerId,
        actor: owner,
        workflow: 'deploy',
        ...(context.startsWith('ref:') ? { ref: context.slice('ref:'.length) } : { ref: 'refs/pull/1/merge' }),
        ...(context.startsWith('environment:') ? { environment: context.slice('environment:'.length) } : {}),
      },
    })),
  ),
);

/**
 * Identifies the owner by id in the subject, and the repository by a claim. The suggested policy no longer has an id in
 * its subject.
 */
const OWNER_ID_IN_SUBJECT = trustOf({
  StringLike: { [`${GITHUB}:sub`]: 'repo:octo-org@1/*' },
  StringEquals: { [`${GITHUB}:repository`]: 'octo-org/site' },
});

const SUBJECTS = [
  '*',
  'repo:*',
  'repo:*/*',
  'repo:*:*',
  'repo:*/site:*',
  'repo:*@1/*',
  'repo:*/site@2:*',
  '*:environment:production',
  '*octo-org/site*',
  'repo:octo*',
  'repo:octo-org*',
  'repo:octo-org*/site:*',
  'repo:octo-or?/*',
  'repo:?cto-org/site:pull_request',
  'repo:octo-org/*',
  'repo:octo-org/site*',
  'repo:octo-org@1/*',
  'repo:octo-org@*/site@*:ref:refs/heads/main',
  'repo:octo-org/site:*',
  'repo:octo-org/site:pull_request',
  'repo:octo-org/site:ref:refs/heads/*',
  'repo:octo-org/site:ref:refs/heads/main',
  'repo:octo-org@1/site@2:environment:production',
  'repo:${token.actions.githubusercontent.com:actor}/site:pull_request',
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  sub: SUBJECTS,
  aud: ['sts.amazonaws.com', '*', 'other'],
  repository: ['octo-org/site', 'octo-org/*', '*/site', 'octo*'],
  repository_id: ['2', '*', '?'],
  repository_owner_id: ['1', '*'],
  actor: ['octo-org', 'o*'],
  environment: ['production'],
  ref: ['refs/heads/main', 'refs/heads/*'],
  workflow: ['deploy'],
};
const OPERATORS = ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase', 'StringNotEquals', 'StringNotLike'];

const operator = fc
  .tuple(
    fc.constantFrom('', '', '', '', 'ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom(...OPERATORS),
    fc.constantFrom('', '', '', 'IfExists'),
  )
  .map((parts) => parts.join(''))
  .filter((name) => !/^ForAnyValue:.*IfExists$/.test(name));
const condition = fc
  .constantFrom('sub', 'sub', 'sub', ...Object.keys(VALUES))
  .chain((claim) =>
    fc.tuple(
      operator,
      fc.constant(claim),
      fc.uniqueArray(fc.constantFrom(...(VALUES[claim] ?? [])), { minLength: 1, maxLength: 2 }),
    ),
  );
const conditions = fc.array(condition, { maxLength: 3 }).map((all) => {
  const merged: Record<string, Record<string, Json>> = {};
  for (const [name, claim, values] of all) merged[name] = { ...merged[name], [`${GITHUB}:${claim}`]: values };
  return merged;
});
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  Principal: fc.constantFrom<Json>({ Federated: providerOf(GITHUB).arn }, { Federated: providerOf(GITHUB).arn }, '*'),
  Action: fc.constantFrom('sts:AssumeRoleWithWebIdentity', 'sts:*'),
  Condition: conditions,
});
const policy = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((Statement) => ({ Version: '2012-10-17', Statement }) as unknown as Json);

/** Only Allow statements, since Deny statements do not admit anyone. */
const allowing = fc.array(statement, { minLength: 1, maxLength: 3 }).map(
  (all) =>
    ({
      Version: '2012-10-17',
      Statement: all.map((statement) => ({ ...statement, Effect: 'Allow' })),
    }) as unknown as Json,
);

/**
 * Statements that can never match, because they require an environment or ref together with the subject of a different
 * job. Subjects from the original policy (`assumed`) do not count.
 */
function contradictions(document: { readonly Statement: readonly Json[] }, assumed: Json): readonly string[] {
  return document.Statement.map((statement) => JSON.stringify(statement)).filter((text) => {
    const subjects = (text.match(/repo:octo-org[^"]*/g) ?? []).filter(
      (subject) => !JSON.stringify(assumed).includes(subject),
    );
    const only = (start: string) => subjects.length > 0 && subjects.every((subject) => subject.includes(start));
    return (
      (text.includes(':environment":"production"') && only(':ref:')) ||
      (text.includes(':ref":"refs/heads/main"') && only(':ref:refs/tags/'))
    );
  });
}

const widestOf = (document: Json): Scope => {
  const scopes = accessPathsOfRole(document, [providerOf(GITHUB)]).map(({ scope }) => scope);
  return SCOPES.find((scope) => scopes.includes(scope)) ?? 'nobody';
};

describe('who can assume the role', () => {
  it('is never wider than reported, according to an independent IAM simulator', async () => {
    const counts = new Map<Scope, number>();
    await fc.assert(
      fc.asyncProperty(policy, fc.constantFrom(...JOBS), async (document, { from, claims }) => {
        if (!(await simulatedTrust(document, claims))) return;
        counts.set(from, (counts.get(from) ?? 0) + 1);
        // The policy admits this job, so the reported scope must be at least as wide.
        expect(SCOPES.indexOf(widestOf(document)), `${claims.sub} ${JSON.stringify(document)}`).toBeLessThanOrEqual(
          SCOPES.indexOf(from),
        );
      }),
      { numRuns: 1_200 },
    );
    for (const from of ['anyone', 'named', 'owner', 'project'] as const)
      expect(counts.get(from) ?? 0).toBeGreaterThan(20);
  }, 120_000);

  it('is not narrower either, if a policy has one plain statement on the subject', async () => {
    const scopes = new Set<Scope>();
    for (const subject of SUBJECTS.filter((pattern) => !pattern.includes('${'))) {
      const document = {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: providerOf(GITHUB).arn },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: { StringLike: { [`${GITHUB}:sub`]: subject } },
          },
        ],
      };
      const scope = widestOf(document);
      scopes.add(scope);
      // From the most distant repository to the nearest. The first one that is admitted determines the scope.
      let reached: Scope = 'nobody';
      for (const { from, claims } of JOBS) {
        if (await simulatedTrust(document, claims)) {
          reached = from;
          break;
        }
      }
      expect(scope, subject).toBe(reached);
    }
    expect([...scopes].sort()).toEqual(['anyone', 'named', 'owner', 'project']);
  }, 120_000);

  it('has no findings after its trust policy is replaced with the suggested one', () => {
    fc.assert(
      fc.property(allowing, (document) => {
        const before = audited(document, { policies: ADMIN });
        if (before.closed === undefined) return;
        const text = JSON.stringify(before.closed)
          .replaceAll('REPOSITORY_OWNER_ID', '1')
          .replaceAll('REPOSITORY_ID', '2')
          .replaceAll('OWNER/REPOSITORY', 'octo-org/site')
          .replaceAll('REPOSITORY', 'site')
          .replaceAll('BRANCH', 'main');
        expect(contradictions(JSON.parse(text), document), `${JSON.stringify(document)}\n${text}`).toEqual([]);
        const after = audited(JSON.parse(text), { policies: ADMIN });
        expect(
          after.findings.filter(({ id }) => id !== 'wrong-audience').map(({ id, message }) => `${id} ${message}`),
          `${JSON.stringify(document)}\n${text}`,
        ).toEqual([]);
      }),
      { numRuns: 1_000, examples: [[OWNER_ID_IN_SUBJECT]] },
    );
  }, 120_000);
});
