import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ListReport, OwnedBucket } from './versions.ts';

/** Where states are, and which locks Terraform takes there: as the backend block says. */
export interface StatePlace {
  readonly s3: S3Client;
  readonly bucket: OwnedBucket;
  /** The lock table; undefined without one. */
  readonly table: { readonly dynamodb: DynamoDBClient; readonly name: string } | undefined;
  /** Whether Terraform takes the lock file in the bucket: without a table always, with one where both are configured. */
  readonly lockFile: boolean;
  readonly signal: AbortSignal;
  /** Hears how far a long list is. */
  readonly listed: ListReport;
}

/** A state as Terraform names it. */
export interface StateName {
  readonly key: string;
  readonly workspace: string;
}

/** Terraform keeps the state `key` of workspace W in `env:/W/key`, and that of the default workspace in `key`. */
const WORKSPACES = 'env:/';

export const DEFAULT_WORKSPACE = 'default';

/** The key of a state's object. */
export function objectKeyOf({ key, workspace }: StateName): string {
  return workspace === DEFAULT_WORKSPACE ? key : `${WORKSPACES}${workspace}/${key}`;
}

/** The state that an object holds. No name of a workspace has a slash. */
export function stateNameOf(objectKey: string): StateName {
  const [, workspace, key] = /^env:\/([^/]+)\/(.+)$/s.exec(objectKey) ?? [];
  return workspace === undefined || key === undefined
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
