import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Config } from '../../config/schema.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../policies/terraform.ts';
import type { ListReport, OwnedBucket } from './versions.ts';

/** By key: the workspace prefix of a state, if it is not Terraform's default `env:`. */
export type WorkspacePrefixes = ReadonlyMap<string, string>;

/** The prefixes in the config. */
export function workspacePrefixes({ roles }: Pick<Config, 'roles'>): WorkspacePrefixes {
  const entries = roles.flatMap(({ state }) => state);
  return new Map(
    entries
      .filter(({ workspaceKeyPrefix }) => workspaceKeyPrefix !== DEFAULT_WORKSPACE_PREFIX)
      .map(({ key, workspaceKeyPrefix }) => [key, workspaceKeyPrefix]),
  );
}

/** Where states are, and which locks Terraform takes there, according to the backend block. */
export interface StatePlace {
  readonly s3: S3Client;
  readonly bucket: OwnedBucket;
  /** The lock table; undefined without one. */
  readonly table: { readonly dynamodb: DynamoDBClient; readonly name: string } | undefined;
  /**
   * Whether Terraform uses the lock file in the bucket: always without a table, and with one if both are configured.
   */
  readonly lockFile: boolean;
  readonly prefixes: WorkspacePrefixes;
  readonly signal: AbortSignal;
  /** Called with the progress of a long list. */
  readonly listed: ListReport;
}

/** A state as Terraform names it. */
export interface StateName {
  readonly key: string;
  readonly workspace: string;
}

export const DEFAULT_WORKSPACE = 'default';

/** Terraform stores the state `key` of workspace W in `PREFIX/W/key`, and that of the default workspace in `key`. */
export function objectKeyOf({ key, workspace }: StateName, prefixes: WorkspacePrefixes): string {
  return workspace === DEFAULT_WORKSPACE ? key : `${prefixes.get(key) ?? DEFAULT_WORKSPACE_PREFIX}/${workspace}/${key}`;
}

/** The state in an object. Workspace names contain no slash. */
export function stateNameOf(objectKey: string, prefixes: WorkspacePrefixes): StateName {
  for (const [key, prefix] of prefixes) {
    if (!objectKey.startsWith(`${prefix}/`) || !objectKey.endsWith(`/${key}`)) continue;
    const workspace = objectKey.slice(prefix.length + 1, -key.length - 1);
    if (workspace !== '' && !workspace.includes('/')) return { key, workspace };
  }
  const [, workspace, key] = /^env:\/([^/]+)\/(.+)$/s.exec(objectKey) ?? [];
  // A state whose workspaces have another prefix has none here; this name would lead to a different object.
  return workspace === undefined || key === undefined || prefixes.has(key)
    ? { key: objectKey, workspace: DEFAULT_WORKSPACE }
    : { key, workspace };
}

/** `resume/terraform.tfstate`, `resume/terraform.tfstate (workspace dev)` */
export function stateText({ key, workspace }: StateName): string {
  return workspace === DEFAULT_WORKSPACE ? key : `${key} (workspace ${workspace})`;
}

/** The name of the lock table item for a state's lock, and the prefix of the item for its digest. */
export function lockIdOf({ bucket }: StatePlace, objectKey: string): string {
  return `${bucket.Bucket}/${objectKey}`;
}

export const LOCK_FILE = '.tflock';

/** The state of a lock: a table item has the name `BUCKET/KEY`, a file `KEY.tflock`. */
export function stateNameOfLock(
  path: string,
  { bucket, prefixes }: { readonly bucket: string; readonly prefixes: WorkspacePrefixes },
): StateName {
  const isFile = path.endsWith(LOCK_FILE);
  return stateNameOf(isFile ? path.slice(0, -LOCK_FILE.length) : path.slice(bucket.length + 1), prefixes);
}
