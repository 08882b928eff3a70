import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import type { Config } from '../../src/config/schema.ts';
import { newConfig, projectName, proposedBucket } from '../../src/init/answers.ts';

const REGION = 'eu-west-2';
const ACCOUNT = '123456789012';

function configOf(repository: string, functionKind: 'typescript' | 'python' | 'none' = 'typescript'): Config {
  const bucket = proposedBucket(repository, ACCOUNT, REGION);
  const answers = { repository, region: REGION, accountId: ACCOUNT, bucket, functionKind };
  const config = newConfig({ ...answers, issuer: undefined, github: undefined });
  return parseConfig(JSON.stringify(config), 'crc.config.json');
}

/** The names that the config's resources have in an account, where all projects share one space of them. */
function namesOf({ stateBucket, lockTable, roles, functions }: Config): readonly string[] {
  return [
    stateBucket.name,
    ...(lockTable === undefined ? [] : [lockTable.name]),
    ...roles.map(({ name }) => name),
    ...functions.flatMap(({ name, table }) => [name, ...(table === undefined ? [] : [table.name])]),
  ];
}

/** Repositories as GitHub names them. */
const repositories = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9](-?[A-Za-z0-9]){0,18}$/), fc.stringMatching(/^[A-Za-z0-9._-]{1,100}$/))
  .map(([owner, name]) => `${owner}/${name}`)
  .filter((repository) => !/\/(\.|\.\.|.*\.git)$/i.test(repository));

describe('the names of a new project', () => {
  it.each([
    ['me/resume', 'me-resume'],
    ['Me/Resume', 'me-resume'],
    ['me/my.resume', expect.stringMatching(/^me-my-resume-[0-9a-f]{6}$/)],
    ['me/___', expect.stringMatching(/^me-[0-9a-f]{6}$/)],
    ['me/a-very-long-name-of-a-repository-that-goes-on', expect.stringMatching(/^me-a-very-.{1,28}-[0-9a-f]{6}$/)],
  ])('%s is the project %s', (repository, project) => {
    expect(projectName(repository)).toEqual(project);
    expect(configOf(repository)).toMatchObject({ project, tags: { Project: project } });
  });

  it('start with the project, bucket aside, and the function finds its table', () => {
    const config = configOf('me/resume');
    const { name: bucket } = config.stateBucket;
    expect(namesOf(config).filter((name) => name !== bucket && !name.startsWith('me-resume-'))).toEqual([]);
    const [counter] = config.functions;
    expect(counter?.environment).toEqual({ TABLE_NAME: counter?.table?.name });
  });

  it('are what AWS takes, whatever the repository is called', () => {
    fc.assert(
      fc.property(repositories, fc.constantFrom('typescript', 'python', 'none'), (repository, kind) => {
        configOf(repository, kind);
        expect(proposedBucket(repository, undefined, REGION)).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
      }),
    );
  });

  it.each([
    ['me/resume', 'me/blog'],
    ['me/resume', 'me/resume2'],
    ['me/resume', 'me/my.resume'],
    ['me/my-resume', 'me/my.resume'],
    ['me/a-very-long-name-of-a-repository-one', 'me/a-very-long-name-of-a-repository-two'],
  ])('%s and %s share none', (first, second) => {
    const [one, other] = [configOf(first), configOf(second)];
    expect(one.project).not.toBe(other.project);
    const own =
      ({ stateBucket }: Config) =>
      (name: string) =>
        name !== stateBucket.name;
    const taken = new Set(namesOf(other).filter(own(other)));
    expect(namesOf(one).filter((name) => taken.has(name))).toEqual([]);
  });

  it('of repositories with one name and two owners do not make them one project', () => {
    expect(projectName('me/site')).not.toBe(projectName('you/site'));
  });
});
