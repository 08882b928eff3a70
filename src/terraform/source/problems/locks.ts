import type { BackendProblem, BackendsConfig, S3Backend } from './problem.ts';

/** A state is only safe if everyone who writes it uses the same lock, and the roles have permissions on that lock. */
export function lockProblems(
  { arguments: given, unknown }: S3Backend,
  config: BackendsConfig | undefined,
): readonly BackendProblem[] {
  if (unknown.includes('dynamodb_table') || unknown.includes('use_lockfile')) return [];
  const { dynamodb_table: table, use_lockfile: lockFile } = given;
  const problem = lockProblem({ table, lockFile: lockFile === true }, config);
  if (problem === undefined) return [];
  // The missing arguments of such a block may be passed to `terraform init`.
  return problem.id !== 'lock-table' && isPartial({ arguments: given, unknown }) ? [] : [problem];
}

/** Whether Terraform gets parts of the configuration only at `terraform init`. */
function isPartial({ arguments: given, unknown }: Pick<S3Backend, 'arguments' | 'unknown'>): boolean {
  return ['bucket', 'key'].some((name) => given[name] === undefined && !unknown.includes(name));
}

interface Locks {
  /** The name of a table, as written in the block. */
  readonly table: S3Backend['arguments'][string] | undefined;
  readonly lockFile: boolean;
}

function lockProblem({ table, lockFile }: Locks, config: BackendsConfig | undefined): BackendProblem | undefined {
  const wanted = config?.lockTable;
  if (table === undefined && !lockFile) {
    return {
      id: 'no-lock',
      message: 'it takes no lock, so two runs at once can lose a state',
      fix: missingLocks(wanted),
    };
  }
  if (config === undefined) return undefined;
  if (wanted === undefined) return table === undefined ? undefined : withoutLockTable(table, lockFile);
  if (table !== undefined && table !== wanted.name) {
    return {
      id: 'lock-table',
      message: `it locks in the table ${table}, and the config has ${wanted.name}`,
      fix: `Write \`dynamodb_table = "${wanted.name}"\`, everywhere at once and while nothing runs: two runs that lock in different tables do not see each other's lock.`,
    };
  }
  if (table === undefined && !wanted.lockFile) {
    return {
      id: 'lock-kind',
      message: `it locks with the S3 lock file alone, and all that follow the config lock in the table ${wanted.name}: neither sees the other's lock`,
      fix: `Add \`dynamodb_table = "${wanted.name}"\`: it then takes both locks.`,
    };
  }
  if (lockFile || !wanted.lockFile) return undefined;
  return {
    id: 'lock-kind',
    message: 'it does not use the S3 lock file, which the config asks for beside the table',
    fix: 'Add `use_lockfile = true`, so that the table can be left out later.',
  };
}

function missingLocks(wanted: BackendsConfig['lockTable']): string {
  if (wanted === undefined) return 'Add `use_lockfile = true`.';
  const table = `\`dynamodb_table = "${wanted.name}"\``;
  return wanted.lockFile ? `Add ${table} and \`use_lockfile = true\`.` : `Add ${table}.`;
}

function withoutLockTable(table: Locks['table'], lockFile: boolean): BackendProblem {
  return {
    id: 'lock-table',
    message: `it locks in the table ${table}, and the config has no lockTable: the role has no rights on it`,
    fix: lockFile
      ? 'Remove `dynamodb_table`.'
      : 'Put `lockTable` back into the config, with `"lockFile": true`: to replace one lock with the other at once is not safe while anyone else still uses the table.',
  };
}
