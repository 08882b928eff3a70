import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { DEFAULT_WORKSPACE_PREFIX } from '../../policies/terraform.ts';
import type { ListReport, OwnedBucket } from './versions.ts';

/** Where the workspaces of a state are, by its key, where that is not Terraform's own `env:`. */
export type WorkspacePrefixes = ReadonlyMap<string, string>;

/** Where states are, and which locks Terraform takes there: as the backend block says. */
export interface StatePlace {
  readonly s3: S3Client;
  readonly bucket: OwnedBucket;
  /** The lock table; undefined without one. */
  readonly table: { readonly dynamodb: DynamoDBClient; readonly name: string } | undefined;
  /** Whether Terraform takes the lock file in the bucket: without a table always, with one where both are configured. */
  readonly lockFile: boolean;
  readonly prefixes: WorkspacePrefixes;
  readonly signal: AbortSignal;
  /** Hears how far a long list is. */
  readonly listed: ListReport;
}

/** A state as Terraform names it. */
export interface StateName {
  readonly key: string;
  readonly workspace: string;
}

export const DEFAULT_WORKSPACE = 'default';

/** Terraform keeps the state `key` of workspace W in `PREFIX/W/key`, and that of the default workspace in `key`. */
export function objectKeyOf({ key, workspace }: StateName, prefixes: WorkspacePrefixes): string {
  return workspace === DEFAULT_WORKSPACE ? key : `${prefixes.get(key) ?? DEFAULT_WORKSPACE_PREFIX}/${workspace}/${key}`;
}

/** The state that an object holds. No name of a workspace has a slash. */
export function stateNameOf(objectKey: string, prefixes: WorkspacePrefixes): StateName {
  for (const [key, prefix] of prefixes) {
    if (!objectKey.startsWith(`${prefix}/`) || !objectKey.endsWith(`/${key}`)) continue;
    const workspace = objectKey.slice(prefix.length + 1, -key.length - 1);
    if (workspace !== '' && !workspace.includes('/')) return { key, workspace };
  }
  const [, workspace, key] = /^env:\/([^/]+)\/(.+)$/s.exec(objectKey) ?? [];
  // A state whose workspaces are elsewhere has none here: by this name another object would be found.
  return workspace === undefined || key === undefined || prefixes.has(key)
    ? { key: objectKey, workspace: DEFAULT_WORKSPACE }
    : { key, workspace };
}

/** `resume/terraform.tfstate`, `resume/terraform.tfstate (workspace dev)` */
export function stateText({ key, workspace }: StateName): string {
  return workspace === DEFAULT_WORKSPACE ? key : `${key} (workspace ${workspace})`;
}

/** How the item of a state's lock is called, and the start of the item of its digest. */
export function lockIdOf({ bucket }: StatePlace, objectKey: string): string {
  return `${bucket.Bucket}/${objectKey}`;
}

export const LOCK_FILE = '.tflock';
