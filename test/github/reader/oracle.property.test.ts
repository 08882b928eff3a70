import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loginsOf } from '../../../src/github/reader/logins.ts';
import { refusalsOf } from '../../../src/github/refused.ts';

const LOGIN = {
  uses: 'aws-actions/configure-aws-credentials@v6',
  with: { 'role-to-assume': 'arn:aws:iam::123456789012:role/R', 'aws-region': 'eu-west-2' },
};

const on = fc.oneof(
  fc.constantFrom<unknown>('push', ['push', 'pull_request'], { push: { branches: ['main', 'release/**'] } }),
  fc.constantFrom<unknown>(
    { schedule: [{ cron: '0 4 * * *' }], workflow_dispatch: null },
    {
      workflow_dispatch: { inputs: { stage: { type: 'choice', options: ['dev', 'prod'] }, live: { type: 'boolean' } } },
    },
    { push: { tags: ['v*'], 'branches-ignore': ['x'] }, release: { types: ['published'] }, merge_group: null },
  ),
);
const maybe = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc
    .option(value, { nil: undefined })
    .map((definedValue) => (definedValue === undefined ? {} : { [key]: definedValue }));
const job = fc
  .tuple(
    maybe(
      'if',
      fc.constantFrom('always()', "github.ref != 'refs/heads/x'", "${{ inputs.stage != 'none' }}", '!cancelled()'),
    ),
    maybe(
      'environment',
      fc.constantFrom<unknown>(
        'production',
        { name: "${{ inputs.stage || 'dev' }}", url: 'https://x' },
        '${{ vars.STAGE }}',
      ),
    ),
    maybe('permissions', fc.constantFrom<unknown>('write-all', 'read-all', { 'id-token': 'write' }, {})),
    maybe(
      'strategy',
      fc.constantFrom<unknown>(
        { matrix: { a: [1, 2], include: [{ a: 1, b: 'x' }] } },
        { matrix: { a: "${{ fromJSON('[1]') }}" } },
      ),
    ),
    maybe('env', fc.constantFrom<unknown>({ A: '${{ vars.A }}', B: 'x' })),
    maybe('timeout-minutes', fc.constantFrom(5)),
  )
  .map((parts) => Object.assign({ 'runs-on': 'ubuntu-latest', steps: [{ run: 'make' }, LOGIN] }, ...parts));
const workflow = fc
  .tuple(on, fc.array(job, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([events, jobs, chained]) => ({
    on: events,
    permissions: { contents: 'read' },
    jobs: Object.fromEntries(
      jobs.map((job, index) => [`job${index}`, chained && index > 0 ? { ...job, needs: `job${index - 1}` } : job]),
    ),
  }));

interface Wrong {
  readonly problem: string;
  readonly change: (job: Record<string, unknown>) => object;
}

const WRONG: readonly Wrong[] = [
  { problem: 'no runner', change: ({ 'runs-on': _, ...rest }) => rest },
  { problem: 'an unknown key', change: (job) => ({ ...job, enviroment: 'x' }) },
  { problem: 'a step with both uses and run', change: (job) => ({ ...job, steps: [{ ...LOGIN, run: 'make' }] }) },
  { problem: 'a missing job', change: (job) => ({ ...job, needs: 'nobody' }) },
  { problem: 'an unavailable context', change: (job) => ({ ...job, if: "matrix.a == '1'" }) },
  { problem: 'an unterminated expression', change: (job) => ({ ...job, if: "github.ref == 'x" }) },
  { problem: 'an unknown permission', change: (job) => ({ ...job, permissions: { 'id-token': 'admin' } }) },
];

const read = async (text: string) =>
  await loginsOf({
    text,
    file: 'w.yml',
    path: '.github/workflows/w.yml',
    repository: 'o/r',
    serverUrl: 'https://github.com',
    refs: { defaultBranch: 'main', branches: [], tags: [], environments: [] },
    readFile: async () => undefined,
    variables: () => undefined,
  });

describe('GitHub’s own parser of workflows', () => {
  it('crc reads what it accepts, with a login for each job', async () => {
    await fc.assert(
      fc.asyncProperty(workflow, async (document) => {
        const text = stringify(document);
        expect(await refusalsOf(text)).toEqual([]);
        const { logins } = await read(text);
        expect(new Set(logins.map((login) => login.job))).toEqual(new Set(Object.keys(document.jobs)));
      }),
      { numRuns: 150 },
    );
  });

  it.each(WRONG.map((mistake) => [mistake.problem, mistake.change] as const))(
    'crc refuses what it refuses: %s',
    async (_, change) => {
      await fc.assert(
        fc.asyncProperty(workflow, async (document) => {
          const [[name, first] = ['', {}], ...rest] = Object.entries(document.jobs);
          const text = stringify({ ...document, jobs: Object.fromEntries([[name, change(first)], ...rest]) });
          expect(await refusalsOf(text)).not.toEqual([]);
        }),
        { numRuns: 15 },
      );
    },
  );

  it('its messages contain the line', async () => {
    const text = 'on: push\njobs:\n  a:\n    steps: [{ run: make }]\n';
    expect(await refusalsOf(text)).toEqual(['line 4: Required property is missing: runs-on']);
  });

  it.each(['repository_dispatch', '[push, repository_dispatch]'])(
    'crc reads `on: %s`, which this parser does not accept and GitHub does',
    async (on) => {
      const valid = `on: ${on}\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n`;
      expect(await refusalsOf(valid)).toEqual([]);
      expect(await refusalsOf(valid.replace('runs-on: x, ', ''))).toEqual([
        'line 2: Required property is missing: runs-on',
      ]);
    },
  );

  it('crc reads a flow mapping without values, which this parser does not accept', async () => {
    const text = 'on: { pull_request }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n';
    expect(await refusalsOf(text)).toEqual([]);
  });
});
