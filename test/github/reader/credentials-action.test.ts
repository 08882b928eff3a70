import { describe, expect, it } from 'vitest';
import { loginsOf } from '../../../src/github/reader/logins.ts';

// What the action does: https://github.com/aws-actions/configure-aws-credentials/blob/main/src/index.ts

const action = (inputs: string, more = '') =>
  `{ uses: aws-actions/configure-aws-credentials@v6, with: { aws-region: eu-west-2, ${inputs} }${more} }`;
const role = (name: string, more = '') => action(`role-to-assume: 'arn:aws:iam::123456789012:role/${name}'${more}`);
const KEYS = "aws-access-key-id: '${{ secrets.ID }}', aws-secret-access-key: '${{ secrets.KEY }}'";

interface Job {
  readonly steps: readonly string[];
  readonly keys?: string;
  readonly token?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

/** The roles that the job logs in to with a token (empty: none is given), and what is noted. */
async function read({ steps, keys = 'runs-on: ubuntu-latest', token = true, files = {} }: Job) {
  const { logins, notes } = await loginsOf({
    text: `
on: { push: { branches: [main] } }
permissions: { ${token ? 'id-token: write' : 'contents: read'} }
jobs:
  deploy: { ${keys}, steps: [${steps.join(', ')}] }
`,
    file: 'w.yml',
    path: '.github/workflows/w.yml',
    repository: 'o/r',
    serverUrl: 'https://github.com',
    refs: { defaultBranch: 'main', branches: ['main'], tags: [], environments: [] },
    readFile: async (path) => files[path],
    variables: () => '',
  });
  return { roles: logins.map((login) => login.role.filled.split('/')[1] ?? ''), notes };
}

describe('a step without a role after a login', () => {
  it.each([
    ['only sets the region', [role('A'), action('')], ['A']],
    ['of an action with an optional role', [role('A'), '{ uses: ./a }'], ['A']],
    ['that clears the credentials has none', [role('A'), action('unset-current-credentials: true')], ['A', '']],
    [
      'that only gave its credentials as outputs',
      [role('A', ', output-env-credentials: false'), action('')],
      ['A', ''],
    ],
    ['into a named profile', [role('A', ', aws-profile: a'), action('')], ['A', '']],
    ['into the default profile', [role('A', ', aws-profile: default'), action('')], ['A']],
    [
      'into a profile and the environment',
      [role('A', ', aws-profile: a, output-env-credentials: true'), action('')],
      ['A'],
    ],
    ['whose variable is not set', [role('A'), action("role-to-assume: '${{ vars.B }}'")], ['A', '']],
    ['with keys', [action(KEYS), action('')], []],
    ['by a script', ['{ run: "echo AWS_ACCESS_KEY_ID=x >> $GITHUB_ENV" }', action('')], []],
    ['for which the job has keys', [action('')], [], "env: { AWS_ACCESS_KEY_ID: '${{ secrets.ID }}' }"],
    ['for which the job has an empty key', [action('')], [''], "env: { AWS_ACCESS_KEY_ID: '' }"],
    ['that did not take place', ["{ if: 'false', run: 'aws configure' }", action('')], ['']],
  ])('%s', async (_, steps, roles, keys?: string) => {
    const files = {
      'a/action.yml': `inputs: { role: {} }\nruns: { using: composite, steps: [${action("role-to-assume: '${{ inputs.role }}'")}] }\n`,
    };
    expect((await read({ steps, files, keys: keys ?? 'runs-on: x' })).roles).toEqual(roles);
  });

  it('uses the credentials of a self-hosted runner, if there was no login', async () => {
    expect(await read({ steps: [action('')], keys: 'runs-on: [self-hosted, linux]' })).toEqual({
      roles: [],
      notes: ["The job deploy uses the credentials of its runner, not GitHub's token."],
    });
  });
});

describe('a second role', () => {
  it.each([
    ['is a second login', [role('A'), role('B')], ['A', 'B']],
    ['is assumed with the first', [role('A'), role('B', ', role-chaining: true')], ['A']],
    ['is only for jobs without credentials', [role('A'), role('B', ', use-existing-credentials: true')], ['A']],
    ['does so for any text in that input', [role('A'), role('B', ", use-existing-credentials: 'false'")], ['A']],
    ['is needed if there are none', [role('B', ', use-existing-credentials: true')], ['B']],
    [
      'is needed if they are cleared',
      [role('A'), role('B', ', use-existing-credentials: true, unset-current-credentials: true')],
      ['A', 'B'],
    ],
    [
      'is needed after an action that may not log in',
      ['{ uses: other/setup@v1 }', role('B', ', use-existing-credentials: true')],
      ['B'],
    ],
  ])('%s', async (_, steps, roles) => {
    expect((await read({ steps })).roles).toEqual(roles);
  });

  it('is assumed with the keys of the job, if it gets no token', async () => {
    expect(await read({ steps: [action(KEYS), role('B')], token: false })).toEqual({
      roles: [],
      notes: [
        "The job deploy logs in with access keys, not with GitHub's token.",
        "The job deploy logs in with credentials that it already has, not with GitHub's token.",
      ],
    });
    expect((await read({ steps: [action(KEYS), role('B')] })).roles).toEqual(['B']);
    // The first login fails, and leaves nothing.
    expect((await read({ steps: [role('A'), role('B')], token: false })).roles).toEqual(['A', 'B']);
  });
});
