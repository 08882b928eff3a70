import { expect, it } from 'vitest';
import { claimsOfSubject } from '../../src/trust/subject.ts';

const CALLED = 'job_workflow_ref:o/ci/.github/workflows/a.yml@refs/heads/main';

it.each<[subject: string, claims: Readonly<Record<string, string | null>>]>([
  ['ref:refs/heads/main', { environment: null, ref: 'refs/heads/main' }],
  ['ref:refs/tags/v1', { environment: null, ref: 'refs/tags/v1' }],
  ['pull_request', { environment: null }],
  ['environment:Production%3AV1', { environment: 'Production:V1' }],
  [`environment:production:${CALLED}`, { environment: 'production' }],
  [`ref:refs/heads/main:${CALLED}`, { environment: null, ref: 'refs/heads/main' }],
  [`pull_request:${CALLED}`, { environment: null }],
  [CALLED, {}],
  ['actor:octocat:environment:production', {}],
])('repo:o/r:%s shows only what it has', (context, claims) => {
  const sub = `repo:o/r:${context}`;
  expect(Object.fromEntries(claimsOfSubject(sub))).toEqual({ sub, repository: 'o/r', ...claims });
});

it('a pattern shows what all of its subjects have', () => {
  const of = (pattern: string) => Object.fromEntries([...claimsOfSubject({ pattern })].slice(2));
  expect(of('repo:o/r:environment:*')).toEqual({ environment: { pattern: '*' } });
  expect(of('repo:o/r:ref:refs/heads/*')).toEqual({ environment: null, ref: { pattern: 'refs/heads/*' } });
  expect(of('repo:o/r:ref:*')).toEqual({ environment: null });
  expect(of('repo:o/r:*')).toEqual({});
});
