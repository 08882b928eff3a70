import { createHash } from 'node:crypto';

/**
 * The maximum length of a project name, so that it fits into crc's longest function name with `-IncrementVisits`
 * appended.
 */
const MAX_PROJECT = 54 - '-IncrementVisits'.length;

const MAX_BUCKET = 63;

/** Prefixes that S3 reserves. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const RESERVED_PREFIX = /^(xn--|sthree-|amzn-s3-demo-)/;

/** Looks like a name with an appended digest. */
const WITH_DIGEST = /-[0-9a-f]{6}$/;

/**
 * `owner-name`: identifies the owner of everything that crc creates and prefixes its names, since roles, functions and
 * tables of all projects share one account. Unique for each repository on GitHub, whose names are case-insensitive: if
 * `owner-name` could also be a different repository, a digest of the repository's name is appended. A repository with
 * several projects has a folder for each: `owner/name/infra`.
 */
export function projectName(repository: string): string {
  const [owner = '', ...names] = repository.toLowerCase().split('/');
  const name = names.join('/');
  const full = label(`${owner}-${name}`);
  // If the owner contains no hyphen, the first hyphen separates owner and name: `a-b/c` is not `a/b-c`.
  const isPlain = full === `${owner}-${name}` && !owner.includes('-') && !WITH_DIGEST.test(full);
  return isPlain && full.length <= MAX_PROJECT ? full : withDigest(full, repository, MAX_PROJECT);
}

/** The middle part of a state bucket's name; the longest that fits is used. */
const MIDDLES = ['-terraform-state-', '-tfstate-'];

/** A name that is probably available, since bucket names must be globally unique: project, account and region. */
export function proposedBucket(repository: string, accountId: string | undefined, region: string): string {
  const project = projectName(repository);
  const start = RESERVED_PREFIX.test(project) ? `crc-${project}` : project;
  const ends = MIDDLES.map((middle) => `${middle}${accountId === undefined ? region : `${accountId}-${region}`}`);
  const longest = ends.find((end) => start.length + end.length <= MAX_BUCKET);
  if (longest !== undefined) return `${start}${longest}`;
  const end = ends.at(-1) ?? '';
  return `${withDigest(start, repository, MAX_BUCKET - end.length)}${end}`;
}

function withDigest(start: string, repository: string, length: number): string {
  const digest = createHash('sha256').update(repository.toLowerCase()).digest('hex').slice(0, 6);
  return `${start.slice(0, length - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}

/** Lowercase letters, digits and single hyphens, as in bucket names. */
function label(text: string): string {
  return text.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}
