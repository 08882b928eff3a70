import { describe, expect, it } from 'vitest';
import { formsOf } from '../../src/github/forms.ts';

const GITHUB = { ownerId: 1, repositoryId: 2, template: [], customTemplate: false, immutableSubject: undefined };
const FACTS = { trusted: { repository: 'o/r' }, isServer: false };
const subjects = (
  reported: Partial<typeof GITHUB> | { readonly immutableSubject: boolean } | undefined,
  facts: Omit<Parameters<typeof formsOf>[0], 'github'> = FACTS,
) => {
  const github = reported === undefined ? undefined : { ...GITHUB, ...reported };
  return formsOf({ ...facts, github }).map(({ subjectOf }) => subjectOf('pull_request'));
};

describe('the forms of a repository’s subjects', () => {
  it('are both if GitHub does not report which one applies', () => {
    expect(subjects(undefined)).toEqual([
      'repo:o/r:pull_request',
      // No made-up ids.
      'repo:o@OWNER_ID/r@REPOSITORY_ID:pull_request',
    ]);
  });

  it('is the one that GitHub reports', () => {
    expect(subjects({ immutableSubject: true })).toEqual(['repo:o@1/r@2:pull_request']);
    expect(subjects({ immutableSubject: false })).toEqual(['repo:o/r:pull_request']);
  });

  // "Immutable subject claims" are not in the documentation of GitHub Enterprise Server.
  it('is the one without ids on a GitHub Enterprise Server, whatever the config has', () => {
    const trusted = { repository: 'o/r', ownerId: 1, repositoryId: 2 };
    for (const github of [undefined, {}]) {
      expect(subjects(github, { trusted, isServer: true })).toEqual(['repo:o/r:pull_request']);
    }
  });

  it('follow a template, which keeps the ids of immutable subjects', () => {
    const template = ['repo', 'context', 'repository_owner'] as never[];
    const custom = { customTemplate: true, template };
    expect(subjects({ ...custom, immutableSubject: true } as never)).toEqual([
      'repo:o@1/r@2:pull_request:repository_owner:o',
    ]);
    expect(subjects(custom)).toEqual(['repo:o/r:pull_request:repository_owner:o']);
  });

  // https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
  it('have wildcards for values that are only known during the run', () => {
    const formsFor = (template: readonly string[], context: string, claims?: ReadonlyMap<string, string>) =>
      formsOf({ ...FACTS, github: { ...GITHUB, customTemplate: true, template } }).map((form) => [
        form.subjectOf(context, claims),
        form.shownOf(context, claims),
      ]);
    expect(formsFor(['repository_owner', 'repository_visibility'], 'pull_request')).toEqual([
      ['repository_owner:o:repository_visibility:*', 'repository_owner:o:repository_visibility:REPOSITORY_VISIBILITY'],
    ]);
    const workflow = new Map([['job_workflow_ref', 'o/ci/.github/workflows/a.yml@refs/heads/a:b']]);
    const form = 'job_workflow_ref:o/ci/.github/workflows/a.yml@refs/heads/a%3Ab';
    expect(formsFor(['job_workflow_ref'], 'pull_request', workflow)).toEqual([[form, form]]);
    expect(formsFor(['repository_id', 'environment'], 'environment:a').flat()).toContain(
      'repository_id:2:environment:a',
    );
    expect(formsFor(['ref'], 'environment:a')).toEqual([['ref:*', 'ref:REF']]);
  });

  it('are uncertain if the organization has a template that crc may not read', () => {
    const github = { ...GITHUB, customTemplate: true, template: undefined, immutableSubject: false };
    expect(formsOf({ ...FACTS, github })).toMatchObject([{ form: 'legacy', uncertain: true }]);
  });
});
