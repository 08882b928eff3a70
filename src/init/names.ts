import { createHash } from 'node:crypto';

/** Characters of a project's name: with `-IncrementVisits` behind it, it is the longest name that a function of crc may have. */
const MAX_PROJECT = 54 - '-IncrementVisits'.length;

const MAX_BUCKET = 63;

/** What S3 lets no bucket start with. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const RESERVED_PREFIX = /^(xn--|sthree-|amzn-s3-demo-)/;

/** Looks like the digest at the end of a name that has one. */
const WITH_DIGEST = /-[0-9a-f]{6}$/;

/**
 * `owner-name`: the owner of all that crc creates, and what the names of it start with, since roles, functions and tables of all
 * projects share one account. No two repositories of GitHub, which does not tell uppercase from lowercase in their names, get
 * the same one: wherever `owner-name` could be another repository's too, a digest of the repository's name follows. A repository
 * with several projects has a folder for each: `owner/name/infra`.
 */
export function projectName(repository: string): string {
  const [owner = '', ...names] = repository.toLowerCase().split('/');
  const name = names.join('/');
  const full = label(`${owner}-${name}`);
  // The first hyphen parts owner and name, as long as the owner has none: `a-b/c` is not `a/b-c`.
  const isPlain = full === `${owner}-${name}` && !owner.includes('-') && !WITH_DIGEST.test(full);
  return isPlain && full.length <= MAX_PROJECT ? full : withDigest(full, repository, MAX_PROJECT);
}

/** What stands between the project and the place in the name of a state bucket, the longest that there is room for. */
const MIDDLES = ['-terraform-state-', '-tfstate-'];

/** A name that is likely free, since names of buckets are globally unique: project, account and region. */
export function proposedBucket(repository: string, accountId: string | undefined, region: string): string {
  const project = projectName(repository);
  const start = RESERVED_PREFIX.test(project) ? `crc-${project}` : project;
  const ends = MIDDLES.map((middle) => `${middle}${accountId === undefined ? region : `${accountId}-${region}`}`);
  const fitting = ends.find((end) => start.length + end.length <= MAX_BUCKET);
  if (fitting !== undefined) return `${start}${fitting}`;
  const end = ends.at(-1) ?? '';
  return `${withDigest(start, repository, MAX_BUCKET - end.length)}${end}`;
}

function withDigest(start: string, repository: string, length: number): string {
  const digest = createHash('sha256').update(repository.toLowerCase()).digest('hex').slice(0, 6);
  return `${start.slice(0, length - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}

/** Lowercase letters, digits and single hyphens, as buckets have them. */
function label(text: string): string {
  return text.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}
