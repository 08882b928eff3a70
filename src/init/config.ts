import { projectName } from './names.ts';

export const FUNCTION_KINDS = ['typescript', 'python', 'none'] as const;

export type FunctionKind = (typeof FUNCTION_KINDS)[number];

/** A lock table that the repository's Terraform code uses. */
export interface FoundLockTable {
  readonly name: string;
  /** Whether its Terraform code also uses the S3 lock file. */
  readonly lockFile: boolean;
}

/** GitHub's permanent ids of an owner and a repository. */
export interface GitHubIds {
  readonly ownerId: number;
  readonly repositoryId: number;
}

/** Everything that a new project depends on. */
export interface Answers {
  /** `owner/name` */
  readonly repository: string;
  readonly region: string;
  readonly accountId: string | undefined;
  readonly bucket: string;
  /** The region of an existing bucket; undefined for the project's region. */
  readonly bucketRegion?: string | undefined;
  readonly functionKind: FunctionKind;
  /** The issuer of tokens for the repository's jobs; undefined for github.com. */
  readonly issuer: string | undefined;
  /** Undefined if unknown; the roles then only trust the legacy form of GitHub's subjects. */
  readonly ids: GitHubIds | undefined;
  /** The branch to apply, deploy and verify. */
  readonly branch: string;
  /** The project's folder in the repository, if another folder already has a project; otherwise empty. */
  readonly folder: string;
  /** Already exists, along with the state bucket. */
  readonly lockTable?: FoundLockTable;
  /** The KMS key for encrypting the states. */
  readonly keyArn?: string;
  /** The repository's existing states; if omitted, a new one. */
  readonly states?: readonly { readonly key: string; readonly workspaceKeyPrefix?: string }[];
}

/** The project's unique name: `owner/name`, or `owner/name/infra` next to another project in the repository. */
export function projectId({ repository, folder }: Pick<Answers, 'repository' | 'folder'>): string {
  return folder === '' ? repository : `${repository}/${folder}`;
}

/** What roles with write access trust: reviewers and branch rules can be set for an environment. */
const ENVIRONMENT = 'environment:production';

/** The folder of the visit counter. */
export const COUNTER = 'functions/increment-visits';

/**
 * `crc.config.json` for a new project: one role each to plan, apply, verify and deploy the function. Writing waits for
 * the environment; reading does not.
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
    // The table's capacity is left to whatever scales it.
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
