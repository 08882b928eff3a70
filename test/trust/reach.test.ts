import { describe, expect, it } from 'vitest';
import { asJson, type Json } from '../../src/policies/canonical.ts';
import { trustPolicy } from '../../src/policies/trust.ts';
import { type ReachInput, reachOf, reachText } from '../../src/trust/reach.ts';
import { ACCOUNT } from '../helpers/context.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const SUBJECTS = ['repo:o/r:ref:refs/heads/main', 'repo:o/r:environment:*'];

const trust = (subjects: readonly string[], audiences: readonly string[] = ['sts.amazonaws.com']) =>
  asJson(trustPolicy({ providerArn: ARN, issuer: ISSUER, audiences, subjects }));
const input = (live: Json, subjects = SUBJECTS): ReachInput => ({
  accountId: ACCOUNT,
  roleName: 'R',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/R`,
  provider: { arn: ARN, url: `https://${ISSUER}` },
  audiences: ['sts.amazonaws.com'],
  subjects,
  live,
  wanted: trust(subjects),
});
const added = (statement: Json): Json => {
  const { Statement, ...rest } = trust(SUBJECTS) as { readonly Statement: readonly Json[] };
  return { ...rest, Statement: [...Statement, statement] };
};

describe('what a live trust policy means', () => {
  it('the same: nothing to say, however it is written', () => {
    expect(reachText(reachOf(input(trust(SUBJECTS))))).toBeUndefined();
    expect(reachText(reachOf(input(trust([...SUBJECTS].reverse()))))).toBeUndefined();
  });

  it('less: which subjects are shut out, and why', () => {
    const { shutOut, letIn } = reachOf(input(trust(['repo:o/r:ref:refs/heads/main'])));
    expect(shutOut.map(({ subject, cause }) => [subject, cause.id])).toEqual([
      ['repo:o/r:environment:*', 'environment-subject'],
    ]);
    expect(letIn).toEqual([]);
    expect(reachText({ shutOut, letIn })).toMatch(
      /^GitHub cannot assume the role as repo:o\/r:environment:\*: The job uses an environment/,
    );
  });

  it.each([
    [
      'any job of the repository',
      trust([...SUBJECTS, 'repo:o/r:*']),
      ['repo:o/r:*', 'repo:o/r:ref:refs/heads/any', 'repo:o/r:ref:refs/tags/any', 'repo:o/r:pull_request'],
    ],
    [
      'a repository of a stranger',
      trust([...SUBJECTS, 'repo:evil/x:ref:refs/heads/main']),
      ['repo:evil/x:ref:refs/heads/main'],
    ],
    [
      'anybody, without a condition',
      added({ Effect: 'Allow', Principal: { Federated: ARN }, Action: 'sts:AssumeRoleWithWebIdentity' }),
      ['repo:somebody/else:pull_request'],
    ],
    [
      'an account',
      added({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999999999999:root' }, Action: 'sts:AssumeRole' }),
      ['arn:aws:iam::999999999999:root'],
    ],
    ['everybody', added({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }), ['*']],
  ])('more: %s', (_, live, expected) => {
    const { shutOut, letIn } = reachOf(input(live));
    expect(shutOut).toEqual([]);
    for (const one of expected) expect(letIn).toContain(one);
    expect(reachText({ shutOut, letIn })).toMatch(/^subjects that are not in the config can assume the role: /);
  });

  it('both at once', () => {
    const text = reachText(reachOf(input(trust(['repo:evil/x:*']))));
    expect(text).toMatch(
      /GitHub cannot assume the role as .* And subjects that are not in the config can assume the role: repo:evil\/x:\*/,
    );
  });

  it('another audience shuts everybody out', () => {
    const { shutOut } = reachOf(input(trust(SUBJECTS, ['https://github.com/o'])));
    expect(shutOut.map(({ cause }) => cause.id)).toEqual(['audience-condition', 'audience-condition']);
  });
});
