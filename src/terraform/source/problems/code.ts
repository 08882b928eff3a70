import type { TerraformFolder } from '../folders.ts';
import { excludesAllFrom } from '../versions.ts';
import type { BackendProblem, BackendsConfig, S3Backend } from './problem.ts';

/**
 * The first Terraform version with `use_lockfile`, and the first that can write to a bucket with a default retention.
 */
const LOCK_FILE_SINCE = '1.10.0';
const OBJECT_LOCK_SINCE = '1.6.0';

/** A file is not valid HCL or JSON. */
export function unreadProblems({ unread }: TerraformFolder): readonly BackendProblem[] {
  return unread.map((place) => ({
    id: 'not-readable',
    message: `it could not be read whole: ${place} is not valid ${/\.json:\d+$/.test(place) ? 'JSON' : 'HCL'}`,
    fix: 'Correct it: `terraform validate` shows the error.',
  }));
}

/** Credentials are in the code. */
export function secretProblems({ arguments: given }: S3Backend): readonly BackendProblem[] {
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

/** The code excludes every Terraform version that supports the block. */
export function versionProblems(
  { terraformVersion, arguments: given }: S3Backend,
  config: BackendsConfig | undefined,
): readonly BackendProblem[] {
  if (terraformVersion === undefined) return [];
  const needs = [
    ...(given.use_lockfile === true ? [[LOCK_FILE_SINCE, '`use_lockfile`'] as const] : []),
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
