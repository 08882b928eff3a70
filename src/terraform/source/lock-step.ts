import type { TerraformFolder } from './folders.ts';
import { type BackendsConfig, s3BackendOf } from './problems/problem.ts';

/**
 * The next step of the migration from the lock table to the S3 lock file, and its precondition (docs/locking.md).
 * Undefined if no migration is in progress. The steps are only safe in order: a client that only uses the table and a
 * client that only uses the lock file do not see each other's locks.
 */
export function nextLockStep(folders: readonly TerraformFolder[], config: BackendsConfig): string | undefined {
  const backends = folders
    .flatMap((folder) =>
      folder.backends.filter(({ type }) => type === 's3').map((backend) => s3BackendOf(folder, backend)),
    )
    .filter(({ bucket }) => bucket === undefined || bucket === config.stateBucket.name);
  if (backends.length === 0) return undefined;
  const inTable = backends.filter(({ arguments: given, unknown }) => has('dynamodb_table', given, unknown)).length;
  const withFile = backends.filter(({ arguments: given }) => given.use_lockfile === true).length;
  const of = (count: number) => `${count} of ${backends.length} ${backends.length === 1 ? 'block' : 'blocks'}`;
  const { lockTable } = config;

  if (lockTable === undefined) {
    if (inTable === 0) return undefined;
    return `${of(inTable)} still ${inTable === 1 ? 'has' : 'have'} \`dynamodb_table\`: put lockTable back into the config, with "lockFile": true, and take the steps of docs/locking.md.`;
  }
  if (!lockTable.lockFile) return undefined;
  if (withFile < backends.length) {
    return `step 1 of 3, both locks: add \`use_lockfile = true\` to ${of(backends.length - withFile)}. \`dynamodb_table\` stays in each.`;
  }
  if (inTable > 0) {
    return `step 2 of 3, the lock file alone: remove \`dynamodb_table\` from ${of(inTable)}, once no block with the table alone is left anywhere: other repositories, branches, and pipelines that are running.`;
  }
  return 'step 3 of 3, without the table: remove lockTable from the config and run `crc bootstrap`, once no block anywhere has `dynamodb_table` and `crc state list` shows no lock.';
}

function has(name: string, given: Readonly<Record<string, unknown>>, unknown: readonly string[]): boolean {
  return given[name] !== undefined || unknown.includes(name);
}
