import { createHash } from 'node:crypto';
import type { GitHubRepository } from '../github/repository.ts';

export const FUNCTION_KINDS = ['typescript', 'python', 'none'] as const;

export type FunctionKind = (typeof FUNCTION_KINDS)[number];

/** All that a new project follows from. */
export interface Answers {
  /** `owner/name` */
  readonly repository: string;
  readonly region: string;
  readonly accountId: string | undefined;
  readonly bucket: string;
  readonly functionKind: FunctionKind;
  /** Who signs the tokens of the repository's jobs; undefined: GitHub itself, for github.com. */
  readonly issuer: string | undefined;
  readonly github: GitHubRepository | undefined;
}

/** A name that is likely free, since names of buckets are globally unique: project, account and region. */
export function proposedBucket(repository: string, accountId: string | undefined, region: string): string {
  const end = accountId === undefined ? region : `${accountId}-${region}`;
  const [owner = '', name = ''] = repository.split('/');
  const start = label(accountId === undefined ? `${owner}-${name}` : name) || label(owner);
  return `${start.slice(0, 63 - end.length - '-terraform-state-'.length).replace(/-+$/, '')}-terraform-state-${end}`;
}

/** Characters of a project's name: with `-IncrementVisits` behind it, it is the longest name that a function of crc may have. */
const MAX_PROJECT = 54 - '-IncrementVisits'.length;

/**
 * `owner-name`: whose everything is that crc creates, and what the names of it start with, since roles, functions and tables of
 * all projects share one account. What the label does not show of a repository's name, a digest of it does.
 */
export function projectName(repository: string): string {
  const full = label(repository);
  if (full === repository.toLowerCase().replace('/', '-') && full.length <= MAX_PROJECT) return full;
  const digest = createHash('sha256').update(repository.toLowerCase()).digest('hex').slice(0, 6);
  return `${full.slice(0, MAX_PROJECT - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}

/** Lowercase letters, digits and single hyphens, as buckets have them. */
function label(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** What the roles that write trust: reviewers and branch rules can be set for an environment. */
const ENVIRONMENT = 'environment:production';

/**
 * `crc.config.json` of a new project: a role that plans, one that applies, one that verifies, and one that deploys the function.
 * What writes waits for the environment; what only reads does not.
 */
export function newConfig({ repository, region, accountId, bucket, functionKind, issuer, github }: Answers): object {
  const project = projectName(repository);
  const key = `${project}/terraform.tfstate`;
  const ids = github === undefined ? {} : { ownerId: github.ownerId, repositoryId: github.repositoryId };
  const trust = (...subjects: readonly string[]) => ({ repository, ...ids, subjects });
  return {
    $schema: './node_modules/crc-bootstrap/config.schema.json',
    project,
    region,
    ...(accountId === undefined ? {} : { accountId }),
    tags: { Project: project },
    stateBucket: {
      name: bucket,
      objectLock: false,
      encryption: { algorithm: 'AES256' },
    },
    ...(issuer === undefined ? {} : { oidcProvider: { url: issuer } }),
    roles: [
      {
        name: `${project}-terraform-plan`,
        trust: trust('pull_request'),
        state: [{ key, access: 'read' }],
        statements: [],
      },
      {
        name: `${project}-terraform-apply`,
        trust: trust(ENVIRONMENT),
        state: [{ key, access: 'write' }],
        statements: [],
      },
      { name: `${project}-crc`, trust: trust('ref:refs/heads/main'), crc: ['verify'] },
      ...(functionKind === 'none'
        ? []
        : [{ name: `${project}-deploy`, trust: trust(ENVIRONMENT), crc: ['deploy-function'] }]),
    ],
    ...(functionKind === 'none' ? {} : { functions: [newFunction(functionKind, project)] }),
  };
}

/** The visit counter. */
function newFunction(kind: Exclude<FunctionKind, 'none'>, project: string): object {
  const table = `${project}-Visits`;
  return {
    name: `${project}-IncrementVisits`,
    source: 'functions/increment-visits',
    ...(kind === 'typescript'
      ? { runtime: 'nodejs24.x', handler: 'index.handler' }
      : { runtime: 'python3.14', handler: 'IncrementVisits.lambda_handler' }),
    architecture: 'arm64',
    memoryMb: 128,
    timeoutSeconds: 10,
    environment: { TABLE_NAME: table },
    table: { name: table, hashKey: 'Id' },
    url: { cors: { allowOrigins: ['*'], allowMethods: ['GET'] } },
    logRetentionDays: 14,
  };
}
