import { projectName } from './names.ts';

export const FUNCTION_KINDS = ['typescript', 'python', 'none'] as const;

export type FunctionKind = (typeof FUNCTION_KINDS)[number];

/** A lock table that the repository's Terraform uses. */
export interface FoundLockTable {
  readonly name: string;
  /** Its Terraform takes the S3 lock file as well. */
  readonly lockFile: boolean;
}

/** The numbers by which GitHub knows an owner and a repository, whatever they are called. */
export interface GitHubIds {
  readonly ownerId: number;
  readonly repositoryId: number;
}

/** All that a new project follows from. */
export interface Answers {
  /** `owner/name` */
  readonly repository: string;
  readonly region: string;
  readonly accountId: string | undefined;
  readonly bucket: string;
  /** Where the bucket is that exists already; undefined: in the project's region. */
  readonly bucketRegion?: string | undefined;
  readonly functionKind: FunctionKind;
  /** Who signs the tokens of the repository's jobs; undefined: GitHub itself, for github.com. */
  readonly issuer: string | undefined;
  /** Undefined: not known, so the roles trust the legacy form of GitHub's subjects alone. */
  readonly ids: GitHubIds | undefined;
  /** The branch that is applied, deployed and verified. */
  readonly branch: string;
  /** The project's folder in the repository, where another folder has a project already; empty elsewhere. */
  readonly folder: string;
  /** Exists already, with the state bucket. */
  readonly lockTable?: FoundLockTable;
  /** KMS key that the states are encrypted with. */
  readonly keyArn?: string;
  /** The states that the repository has; without them a new one. */
  readonly states?: readonly { readonly key: string; readonly workspaceKeyPrefix?: string }[];
}

/** What a project is told apart from others by: `owner/name`, or `owner/name/infra` beside another one of the repository. */
export function projectId({ repository, folder }: Pick<Answers, 'repository' | 'folder'>): string {
  return folder === '' ? repository : `${repository}/${folder}`;
}

/** What the roles that write trust: reviewers and branch rules can be set for an environment. */
const ENVIRONMENT = 'environment:production';

/** The folder of the visit counter. */
export const COUNTER = 'functions/increment-visits';

/**
 * `crc.config.json` of a new project: a role that plans, one that applies, one that verifies, and one that deploys the function.
 * What writes waits for the environment; what only reads does not.
 */
export function newConfig(answers: Answers): object {
  const { repository, region, accountId, bucket, bucketRegion, functionKind, issuer, ids, branch, lockTable, keyArn } =
    answers;
  const project = projectName(projectId(answers));
  const given = answers.states ?? [{ key: `${project}/terraform.tfstate` }];
  const states = (access: 'read' | 'write') => given.map(({ key, ...more }) => ({ key, access, ...more }));
  const trust = (...subjects: readonly string[]) => ({ repository, ...ids, subjects });
  return {
    $schema: './node_modules/crc-bootstrap/config.schema.json',
    project,
    region,
    accountId,
    tags: { Project: project },
    stateBucket: {
      name: bucket,
      region: bucketRegion === region ? undefined : bucketRegion,
      objectLock: false,
      encryption: keyArn === undefined ? { algorithm: 'AES256' } : { algorithm: 'aws:kms', keyArn },
    },
    // What scales its capacity, if anything does, stays as it is.
    lockTable:
      lockTable === undefined
        ? undefined
        : { name: lockTable.name, capacity: 'unmanaged', lockFile: lockTable.lockFile },
    oidcProvider: issuer === undefined ? undefined : { url: issuer },
    roles: [
      {
        name: `${project}-terraform-plan`,
        trust: trust('pull_request'),
        state: states('read'),
        statements: [],
      },
      {
        name: `${project}-terraform-apply`,
        trust: trust(ENVIRONMENT),
        state: states('write'),
        statements: [],
      },
      {
        name: `${project}-crc`,
        policyName: 'VerifyPolicy',
        trust: trust(`ref:refs/heads/${branch}`),
        crc: ['verify'],
      },
      ...(functionKind === 'none'
        ? []
        : [
            {
              name: `${project}-deploy`,
              policyName: 'DeployFunctionPolicy',
              trust: trust(ENVIRONMENT),
              crc: ['deploy-function'],
            },
          ]),
    ],
    functions: functionKind === 'none' ? undefined : [newFunction(functionKind, project)],
  };
}

/** The visit counter. */
function newFunction(kind: Exclude<FunctionKind, 'none'>, project: string): object {
  const table = `${project}-Visits`;
  return {
    name: `${project}-IncrementVisits`,
    source: COUNTER,
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
