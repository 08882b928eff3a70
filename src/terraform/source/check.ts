import { shellWord } from '../../shell.ts';
import type { TerraformFolder } from './folders.ts';
import { bucketProblems, encryptionProblems, regionProblems } from './problems/bucket.ts';
import { secretProblems, unreadProblems, versionProblems } from './problems/code.ts';
import { roleProblems, sharedKeyProblems } from './problems/keys.ts';
import { lockProblems } from './problems/locks.ts';
import { type BackendProblem, type BackendsConfig, placeOf, type S3Backend, s3BackendOf } from './problems/problem.ts';

export interface CheckedBackend {
  /** As given: relative to the working directory, with slashes. */
  readonly directory: string;
  /** Null if only Terraform can determine it, and for a folder whose state is not in S3. */
  readonly bucket: string | null;
  readonly key: string | null;
  /** `main.tf:3`; undefined without a backend block. */
  readonly place: string | undefined;
  readonly problems: readonly BackendProblem[];
}

/**
 * Compares the backends of all folders with the config and with each other. Without a config, only compares them with
 * each other and checks each by itself.
 */
export function checkBackends(
  folders: readonly TerraformFolder[],
  config: BackendsConfig | undefined,
): readonly CheckedBackend[] {
  const checked = folders.map((folder) => ({
    folder,
    backends: folder.backends.map((backend) => ({
      place: placeOf(backend),
      s3: backend.type === 's3' ? s3BackendOf(folder, backend) : undefined,
    })),
  }));
  const all = checked.flatMap(({ backends }) => backends.flatMap(({ s3 = [] }) => s3));
  return checked.flatMap(({ folder, backends }) =>
    backends.length === 0
      ? [withoutBackend(folder, config)]
      : backends.map(({ place, s3 }) => ({
          directory: folder.directory,
          bucket: s3?.bucket ?? null,
          key: s3?.key ?? null,
          place,
          problems: [...unreadProblems(folder), ...(s3 === undefined ? [] : s3Problems(s3, all, config))],
        })),
  );
}

function s3Problems(
  backend: S3Backend,
  all: readonly S3Backend[],
  config: BackendsConfig | undefined,
): readonly BackendProblem[] {
  const otherBackends = all.filter((other) => other !== backend);
  return [
    ...sharedKeyProblems(backend, otherBackends),
    ...lockProblems(backend, config),
    ...(config === undefined ? [] : placeProblems(backend, config)),
    ...secretProblems(backend),
    ...versionProblems(backend, config),
  ];
}

/** The config's settings for its bucket do not apply to a different bucket. */
function placeProblems(backend: S3Backend, config: BackendsConfig): readonly BackendProblem[] {
  const other = bucketProblems(backend, config);
  if (other.length > 0) return other;
  return [...regionProblems(backend, config), ...encryptionProblems(backend, config), ...roleProblems(backend, config)];
}

function withoutBackend(folder: TerraformFolder, config: BackendsConfig | undefined): CheckedBackend {
  const { directory, localStates, unread } = folder;
  const nowhere = { directory, bucket: null, key: null, place: undefined };
  // The block may be in a file that could not be parsed.
  if (unread.length > 0) return { ...nowhere, problems: unreadProblems(folder) };
  const states = localStates.length === 0 ? '' : ` (${localStates.join(', ')})`;
  const path = shellWord(directory === '.' ? 'backend.tf' : `${directory}/backend.tf`);
  const init = `terraform${directory === '.' ? '' : ` -chdir=${shellWord(directory)}`} init -migrate-state`;
  const state: BackendProblem = {
    id: 'no-backend',
    message: `it has no backend block, so its state is a file in the folder${states} and in CI it is lost after each run`,
    fix:
      config === undefined
        ? `Add a backend block, then run \`${init}\`.`
        : `Give a role a key that no other folder has, write the block with \`crc backend KEY >> ${path}\`, then run \`${init}\`.`,
  };
  return { ...nowhere, problems: [state] };
}
