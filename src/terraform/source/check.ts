import type { Config } from '../../config/schema.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../policies/terraform.ts';
import { workspacePrefixOf } from '../backend.ts';
import type { SourceBackend, TerraformFolder } from './folders.ts';
import { excludesAllFrom } from './versions.ts';

/** What is wrong with the backend of a Terraform folder. */
export interface BackendProblem {
  /** `duplicate-key`: a section of docs/backend.md. */
  readonly id: string;
  readonly message: string;
  readonly fix: string;
}

export interface CheckedBackend {
  /** As it was named: from the working directory, with slashes. */
  readonly directory: string;
  /** Null for what only Terraform can tell, and for a folder whose state is not in S3. */
  readonly bucket: string | null;
  readonly key: string | null;
  /** `main.tf:3`; undefined without a backend block. */
  readonly place: string | undefined;
  readonly problems: readonly BackendProblem[];
}

/** The parts of the config that a backend is compared with. */
export type BackendsConfig = Pick<Config, 'region' | 'stateBucket' | 'lockTable' | 'roles'>;

/** The first Terraform that knows `use_lockfile`, and that which can write to a bucket with a default retention. */
const LOCK_FILE_SINCE = '1.10.0';
const OBJECT_LOCK_SINCE = '1.6.0';

/** A backend in S3 with what is known of it. */
interface S3Backend {
  readonly directory: string;
  readonly place: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly prefix: string;
}

/**
 * Compares the backends of all folders with the config, and with each other. Without a config only the latter, and what is
 * wrong by itself.
 */
export function checkBackends(
  folders: readonly TerraformFolder[],
  config: BackendsConfig | undefined,
): readonly CheckedBackend[] {
  const all = folders.flatMap((folder) => folder.backends.map((backend) => s3BackendOf(folder, backend)));
  return folders.flatMap((folder) => {
    if (folder.backends.length === 0) return [withoutBackend(folder, config)];
    return folder.backends.map((backend) => {
      const one = s3BackendOf(folder, backend);
      const isS3 = backend.type === 's3';
      return {
        directory: folder.directory,
        bucket: (isS3 ? one.bucket : undefined) ?? null,
        key: (isS3 ? one.key : undefined) ?? null,
        place: one.place,
        problems: [
          ...unreadProblems(folder),
          ...(isS3
            ? [
                ...sharedKeyProblems(
                  one,
                  all.filter((other) => other.place !== one.place || other.directory !== one.directory),
                ),
                ...lockProblems(backend, config),
                ...(config === undefined ? [] : placeProblems(backend, one, config)),
                ...secretProblems(backend),
                ...versionProblems(folder, backend, config),
              ]
            : []),
        ],
      };
    });
  });
}

function s3BackendOf({ directory }: TerraformFolder, backend: SourceBackend): S3Backend {
  const { file, line, configFile } = backend;
  return {
    directory,
    place: configFile === undefined ? `${file}:${line}` : `${file}:${line} with ${configFile}`,
    bucket: textArgument(backend, 'bucket'),
    // S3 takes a key without the slash at its start, and Terraform refuses one with it.
    key: textArgument(backend, 'key'),
    prefix: textArgument(backend, 'workspace_key_prefix') ?? DEFAULT_WORKSPACE_PREFIX,
  };
}

function textArgument({ arguments: given }: SourceBackend, name: string): string | undefined {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
}

function unreadProblems({ unread }: TerraformFolder): readonly BackendProblem[] {
  return unread.map((place) => ({
    id: 'not-readable',
    message: `it could not be read whole: ${place} is not valid HCL`,
    fix: 'Correct it: `terraform validate` shows the error.',
  }));
}

function withoutBackend(folder: TerraformFolder, config: BackendsConfig | undefined): CheckedBackend {
  const { directory, localStates } = folder;
  const states = localStates.length === 0 ? '' : ` (${localStates.join(', ')})`;
  const state: BackendProblem = {
    id: 'no-backend',
    message: `it has no backend block, so its state is a file in the folder${states} and in CI it is lost after each run`,
    fix:
      config === undefined
        ? 'Add a backend block, then run `terraform init -migrate-state`.'
        : `Give a role the key of a state, write the block with \`crc backend KEY > backend.tf\`, then run \`terraform init -migrate-state\`.`,
  };
  return { directory, bucket: null, key: null, place: undefined, problems: [...unreadProblems(folder), state] };
}

/** Two folders that write one object overwrite each other's state. */
function sharedKeyProblems(one: S3Backend, others: readonly S3Backend[]): readonly BackendProblem[] {
  const { bucket, key } = one;
  if (bucket === undefined || key === undefined) return [];
  return others
    .filter((other) => other.bucket === bucket)
    .flatMap((other) => {
      const where = `${other.directory} (${other.place})`;
      if (other.key === key) {
        return [
          {
            id: 'duplicate-key',
            message: `it has the same bucket and key as ${where}: the two overwrite each other's state`,
            fix: 'Give one of them another key before it is applied again, and look at what is there: `crc state history`.',
          },
        ];
      }
      const workspace = workspaceWithKey(other, key);
      return workspace === undefined
        ? []
        : [
            {
              id: 'workspace-key',
              message: `the key ${key} is where the workspace ${workspace} of ${where} keeps its state`,
              fix: `Choose a key that does not begin with ${other.prefix}/.`,
            },
          ];
    });
}

/** The workspace of a backend whose state is at this key: Terraform keeps it at PREFIX/WORKSPACE/KEY. */
function workspaceWithKey({ key, prefix }: S3Backend, object: string): string | undefined {
  if (key === undefined || !object.startsWith(`${prefix}/`) || !object.endsWith(`/${key}`)) return undefined;
  const workspace = object.slice(prefix.length + 1, -key.length - 1);
  return workspace === '' || workspace.includes('/') ? undefined : workspace;
}

function lockProblems(backend: SourceBackend, config: BackendsConfig | undefined): readonly BackendProblem[] {
  const table = backend.arguments.dynamodb_table;
  const lockFile = backend.arguments.use_lockfile === true;
  const isUnknown = (name: string) => backend.unknown.includes(name);
  if (isUnknown('dynamodb_table') || isUnknown('use_lockfile')) return [];
  const wanted = config?.lockTable;
  if (table === undefined && !lockFile) {
    return [
      {
        id: 'no-lock',
        message: 'it takes no lock, so two runs at once can lose a state',
        fix: wanted === undefined ? 'Add `use_lockfile = true`.' : `Add \`dynamodb_table = "${wanted.name}"\`.`,
      },
    ];
  }
  if (config === undefined) return [];
  if (wanted === undefined) {
    return table === undefined
      ? []
      : [
          {
            id: 'lock-table',
            message: `it locks in the table ${table}, and the config has no lockTable: the role has no rights on it`,
            fix: lockFile
              ? 'Remove `dynamodb_table`.'
              : 'Replace `dynamodb_table` with `use_lockfile = true`, or add `lockTable` to the config.',
          },
        ];
  }
  if (table !== undefined && table !== wanted.name) {
    return [
      {
        id: 'lock-table',
        message: `it locks in the table ${table}, and the config has ${wanted.name}`,
        fix: `Write \`dynamodb_table = "${wanted.name}"\`.`,
      },
    ];
  }
  if (table === undefined && !wanted.lockFile) {
    return [
      {
        id: 'lock-kind',
        message: `it locks with the S3 lock file alone, and all that follow the config lock in the table ${wanted.name}: neither sees the other's lock`,
        fix: `Add \`dynamodb_table = "${wanted.name}"\`, or set lockTable.lockFile to true: both are then used.`,
      },
    ];
  }
  if (table !== undefined && !lockFile && wanted.lockFile) {
    return [
      {
        id: 'lock-kind',
        message: 'it does not use the S3 lock file, which the config asks for beside the table',
        fix: 'Add `use_lockfile = true`, so that the table can be left out later.',
      },
    ];
  }
  return [];
}

function placeProblems(backend: SourceBackend, one: S3Backend, config: BackendsConfig): readonly BackendProblem[] {
  const { stateBucket, roles } = config;
  const { bucket, key } = one;
  if (bucket !== undefined && bucket !== stateBucket.name) {
    return [
      {
        id: 'other-bucket',
        message: `its bucket is ${bucket}, and the config has ${stateBucket.name}`,
        fix: `Write \`bucket = "${stateBucket.name}"\`, then run \`terraform init -migrate-state\`.`,
      },
    ];
  }
  return [
    ...regionProblems(backend, config),
    ...encryptionProblems(backend, config),
    ...prefixProblems(backend, one, config),
    ...(key === undefined || roles.some(({ state }) => state.some((entry) => entry.key === key && isWriter(entry)))
      ? []
      : [
          {
            id: 'no-role',
            message: `no role of the config may write the key ${key}`,
            fix: `Add it to a role: "state": [{ "key": ${JSON.stringify(key)}, "access": "write" }].`,
          },
        ]),
  ];
}

/** The roles have rights on the workspaces where the config says that they are. */
function prefixProblems(backend: SourceBackend, { key, prefix }: S3Backend, config: BackendsConfig) {
  const isKnown = config.roles.some(({ state }) => state.some((entry) => entry.key === key));
  if (key === undefined || !isKnown || backend.unknown.includes('workspace_key_prefix')) return [];
  const wanted = workspacePrefixOf(config, key);
  if (prefix === wanted) return [];
  return [
    {
      id: 'workspace-prefix',
      message: `it keeps workspaces under ${prefix}/, and the roles of the config have rights under ${wanted}/`,
      fix: `Add "workspaceKeyPrefix": ${JSON.stringify(prefix)} to the state in the config, then run \`crc bootstrap\`.`,
    },
  ];
}

function isWriter({ access }: { readonly access: string }): boolean {
  return access === 'write';
}

function regionProblems(backend: SourceBackend, config: BackendsConfig): readonly BackendProblem[] {
  const region = textArgument(backend, 'region');
  if (region === undefined || region === config.region) return [];
  return [
    {
      id: 'other-region',
      message: `its region is ${region}, and the bucket is in ${config.region}`,
      fix: `Write \`region = "${config.region}"\`.`,
    },
  ];
}

function encryptionProblems(backend: SourceBackend, { stateBucket }: BackendsConfig): readonly BackendProblem[] {
  const { encryption } = stateBucket;
  const { encrypt } = backend.arguments;
  const keyArn = encryption.algorithm === 'aws:kms' ? encryption.keyArn : undefined;
  const isPlain = encryption.algorithm === 'AES256';
  if (encrypt === false && isPlain) {
    return [{ id: 'not-encrypted', message: 'it turns encryption off', fix: 'Write `encrypt = true`.' }];
  }
  const isOwnKey = backend.unknown.includes('kms_key_id') || textArgument(backend, 'kms_key_id') === keyArn;
  // With `encrypt` and no key Terraform asks for AES256, which takes the place of the bucket's own key.
  if (keyArn === undefined && !isPlain && encrypt === true) {
    return [
      {
        id: 'other-key',
        message: `with \`encrypt = true\` Terraform asks for another encryption than the bucket's own (${encryption.algorithm})`,
        fix: 'Remove `encrypt` and `kms_key_id`: what S3 stores is then encrypted as the bucket says.',
      },
    ];
  }
  if (keyArn === undefined || encrypt !== true || isOwnKey) return [];
  return [
    {
      id: 'other-key',
      message: "its states are not encrypted with the config's KMS key",
      fix: `Write \`kms_key_id = "${keyArn}"\`.`,
    },
  ];
}

function secretProblems({ arguments: given }: SourceBackend): readonly BackendProblem[] {
  const names = ['access_key', 'secret_key', 'token'].filter((name) => name in given);
  return names.length === 0
    ? []
    : [
        {
          id: 'secret',
          message: `it has credentials in the code (${names.join(', ')}), and everyone who can read the repository has them`,
          fix: 'Deactivate the key in IAM, and remove it here: Terraform takes credentials from the environment.',
        },
      ];
}

function versionProblems(
  { terraformVersion }: TerraformFolder,
  backend: SourceBackend,
  config: BackendsConfig | undefined,
): readonly BackendProblem[] {
  if (terraformVersion === undefined) return [];
  const needs = [
    ...(backend.arguments.use_lockfile === true ? [[LOCK_FILE_SINCE, '`use_lockfile`'] as const] : []),
    ...(config === undefined || config.stateBucket.objectLock === false
      ? []
      : [[OBJECT_LOCK_SINCE, 'a bucket with object lock'] as const]),
  ];
  return needs
    .filter(([minimum]) => excludesAllFrom(minimum, terraformVersion))
    .slice(0, 1)
    .map(([minimum, what]) => ({
      id: 'terraform-version',
      message: `it asks for Terraform ${terraformVersion}, and ${what} needs ${minimum.replace(/\.0$/, '')} or later`,
      fix: `Allow it: \`required_version = ">= ${minimum.replace(/\.0$/, '')}"\`.`,
    }));
}
