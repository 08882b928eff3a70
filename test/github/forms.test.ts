import { describe, expect, it } from 'vitest';
import { formsOf } from '../../src/github/forms.ts';

const GITHUB = { ownerId: 1, repositoryId: 2, template: [], customTemplate: false, immutableSubject: undefined };
const subjects = (github: Partial<typeof GITHUB> | { readonly immutableSubject: boolean } | undefined) =>
  formsOf({ repository: 'o/r' }, github === undefined ? undefined : { ...GITHUB, ...github }).map(({ subjectOf }) =>
    subjectOf('pull_request'),
  );

describe('the forms of a repository’s subjects', () => {
  it('are both where GitHub does not say', () => {
    expect(subjects(undefined)).toEqual(['repo:o/r:pull_request', 'repo:o@1/r@1:pull_request']);
  });

  it('is the one that GitHub says', () => {
    expect(subjects({ immutableSubject: true })).toEqual(['repo:o@1/r@2:pull_request']);
    expect(subjects({ immutableSubject: false })).toEqual(['repo:o/r:pull_request']);
  });

  it('follow a template, which keeps the ids of immutable subjects', () => {
    const template = ['repo', 'context', 'repository_owner'] as never[];
    const custom = { customTemplate: true, template };
    expect(subjects({ ...custom, immutableSubject: true } as never)).toEqual([
      'repo:o@1/r@2:pull_request:repository_owner:o',
    ]);
    expect(subjects(custom)).toEqual(['repo:o/r:pull_request:repository_owner:o']);
  });
});
