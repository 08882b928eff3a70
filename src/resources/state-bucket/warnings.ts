import type { LifecycleRule } from '@aws-sdk/client-s3';
import { counted } from '../../counted.ts';
import type { BucketPolicy } from '../../policies/bucket.ts';
import { openStatements } from '../../policies/strangers.ts';

export interface BucketSurroundings {
  readonly policy: BucketPolicy | undefined;
  /** Lifecycle rules that crc does not manage. */
  readonly lifecycleRules: readonly LifecycleRule[];
  /** The account that owns the bucket. */
  readonly accountId: string;
  /** Keys of the states in the config. */
  readonly keys: readonly string[];
  /** The prefixes of workspace states: `env:`. */
  readonly workspaces: readonly string[];
  /** The project that owns the bucket, if it is not this one. */
  readonly otherProject?: string | undefined;
}

/** Settings by other owners that undermine what crc guarantees for the bucket, and that crc does not change. */
export function bucketWarnings({
  policy,
  lifecycleRules,
  accountId,
  keys,
  workspaces,
  otherProject,
}: BucketSurroundings): readonly string[] {
  const open = openStatements(policy ?? null, accountId).map(
    ({ sid, who, actions }) =>
      `the bucket policy grants access to ${who} (${sid === undefined ? 'a statement without a Sid' : `Sid ${sid}`}: ${actions}), and state files contain secrets. If nobody needs it, remove the statement, otherwise narrow its Principal or Condition.`,
  );
  // The roles are written although the bucket is a conflict: they do not need it to exist.
  const shared =
    otherProject === undefined || keys.length === 0
      ? []
      : [
          `the roles of this config get permissions on states in the bucket of the project ${otherProject} (${keys.join(', ')}): if that project has the same key, each overwrites the other's state, and they may not see each other's locks. Choose another bucket, or give both configs the same "project", the same locks and different keys.`,
        ];
  return [...shared, ...open, ...lifecycleRules.flatMap((rule) => ruleWarnings(rule, keys, workspaces))];
}

/** Storage classes whose objects must be restored before they can be read. */
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

function ruleWarnings(rule: LifecycleRule, keys: readonly string[], workspaces: readonly string[]): readonly string[] {
  if (rule.Status !== 'Enabled' || ![...keys, ''].some((key) => covers(rule, key, workspaces))) return [];
  const name = `the lifecycle rule ${rule.ID ?? 'without an ID'}`;
  const way = 'Remove the rule, or give it a prefix that matches no state.';
  const { Expiration, NoncurrentVersionExpiration, Transitions = [] } = rule;
  const archive = Transitions.find(({ StorageClass }) => ARCHIVES.includes(StorageClass ?? ''));
  return [
    ...(Expiration?.Days === undefined && Expiration?.Date === undefined
      ? []
      : [
          `${name} deletes current states ${Expiration.Days === undefined ? 'on a fixed date' : `${counted(Expiration.Days, 'day')} after their last change`}: Terraform would then try to create everything again. ${way}`,
        ]),
    ...(archive === undefined
      ? []
      : [`${name} moves current states to ${archive.StorageClass}, where Terraform cannot read them. ${way}`]),
    ...(NoncurrentVersionExpiration?.NoncurrentDays === undefined
      ? []
      : [
          `${name} deletes earlier versions of states after ${counted(NoncurrentVersionExpiration.NoncurrentDays, 'day')}, which you need to recover from a broken state. ${way} To expire them with crc, set stateBucket.noncurrentVersions.`,
        ]),
  ];
}

/** Whether a rule applies to the state `key` or to one of its workspaces. States have no object tags. */
function covers({ Filter, Prefix }: LifecycleRule, key: string, workspaces: readonly string[]): boolean {
  if (Filter?.Tag !== undefined || (Filter?.And?.Tags?.length ?? 0) > 0) return false;
  const prefix = Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';
  const folders = workspaces.map((workspace) => `${workspace}/`);
  return key.startsWith(prefix) || folders.some((folder) => prefix.startsWith(folder) || folder.startsWith(prefix));
}
