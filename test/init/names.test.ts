import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import type { Config } from '../../src/config/schema.ts';
import { newConfig } from '../../src/init/config.ts';
import { projectName, proposedBucket } from '../../src/init/names.ts';

const REGION = 'eu-west-2';
const ACCOUNT = '123456789012';

function configOf(repository: string, functionKind: 'typescript' | 'python' | 'none' = 'typescript'): Config {
  const bucket = proposedBucket(repository, ACCOUNT, REGION);
  const answers = { repository, region: REGION, accountId: ACCOUNT, bucket, functionKind };
  const config = newConfig({ ...answers, issuer: undefined, ids: undefined, branch: 'main', folder: '' });
  return parseConfig(JSON.stringify(config), 'crc.config.json');
}

/** Names of resources for which all projects in an account share a namespace. */
function namesOf({ stateBucket, lockTable, roles, functions }: Config): readonly string[] {
  return [
    stateBucket.name,
    ...(lockTable === undefined ? [] : [lockTable.name]),
    ...roles.map(({ name }) => name),
    ...functions.flatMap(({ name, table }) => [name, ...(table === undefined ? [] : [table.name])]),
  ];
}

/** Valid repository names on GitHub. */
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

  it('start with the project, and the function finds its table', () => {
    const config = configOf('me/resume');
    expect(namesOf(config).filter((name) => !name.startsWith('me-resume-'))).toEqual([]);
    const [counter] = config.functions;
    expect(counter?.environment).toEqual({ TABLE_NAME: counter?.table?.name });
  });

  it('are accepted by AWS, whatever the repository is called', () => {
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
    ['a-b/c', 'a/b-c'],
    ['a-b/c', 'a/b.c'],
    ['me/site', 'you/site'],
    ['octo_corp/site', 'octo-corp/site'],
    ['me/a-very-long-name-of-a-repository-one', 'me/a-very-long-name-of-a-repository-two'],
  ])('%s and %s do not share any', (first, second) => {
    const [firstConfig, other] = [configOf(first), configOf(second)];
    expect(firstConfig.project).not.toBe(other.project);
    const taken = new Set(namesOf(other));
    expect(namesOf(firstConfig).filter((name) => taken.has(name))).toEqual([]);
  });

  it('differ if GitHub distinguishes two repositories', () => {
    const parts = fc.stringMatching(/^[a-c](-?[a-c0-9]){0,6}$/);
    const pairs = fc.tuple(parts, parts, parts, parts);
    fc.assert(
      fc.property(pairs, ([owner, name, otherOwner, otherName]) => {
        const [first, second] = [`${owner}/${name}`, `${otherOwner}/${otherName}`];
        fc.pre(first !== second);
        expect(projectName(first)).not.toBe(projectName(second));
        expect(proposedBucket(first, ACCOUNT, REGION)).not.toBe(proposedBucket(second, ACCOUNT, REGION));
      }),
    );
    expect(projectName('Me/Site')).toBe(projectName('me/site'));
  });

  it('do not look like a name with a digest, unless they have one', () => {
    const withDigest = projectName('a-b/c');
    expect(projectName(`a/${withDigest.slice('a-'.length)}`)).not.toBe(withDigest);
  });

  it.each([
    ['sthree-me/site', /^crc-sthree-me-site-[0-9a-f]{6}-/],
    ['sthree/site', /^crc-sthree-site-/],
    ['amzn/s3-demo-site', /^crc-amzn-s3-demo-site-/],
    ['a/B', /^a-b-/],
    ['my/my_bucket', /^my-my-bucket-[0-9a-f]{6}-/],
  ])('of %s include a valid bucket name', (repository, expected) => {
    expect(configOf(repository).stateBucket.name).toMatch(expected);
  });

  it.each([
    ['me/My.Resume_Site', ACCOUNT, /^me-my-resume-site-[0-9a-f]{6}-terraform-state-123456789012-eu-west-2$/],
    ['me/resume', undefined, /^me-resume-terraform-state-eu-west-2$/],
    ['me/cloud-resume-challenge', ACCOUNT, /^me-cloud-resume-challenge-tfstate-123456789012-eu-west-2$/],
    [
      'me/a-very-long-name-of-a-repository-that',
      ACCOUNT,
      /^me-a-very-long-name-of-a-[0-9a-f]{6}-tfstate-123456789012-eu-west-2$/,
    ],
  ])('propose for %s in %s the bucket %s', (repository, accountId, expected) => {
    const proposed = proposedBucket(repository, accountId, REGION);
    expect(proposed).toMatch(expected);
    expect(proposed.length).toBeLessThanOrEqual(63);
  });
});
