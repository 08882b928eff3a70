import type { LifecycleRule, ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import { grant } from '../../aws/actions.ts';
import { bucketArn, type Place } from '../../aws/arns.ts';
import { counted } from '../../counted.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Actions, Meaning, Spec } from '../../engine/types.ts';
import { type BucketPolicy, isTlsOnly } from '../../policies/bucket.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../policies/terraform.ts';
import type { StateLock } from '../../terraform/state/locks.ts';
import type { WorkspacePrefixes } from '../../terraform/state/place.ts';
import type { Context } from '../context.ts';
import { fromTagList, namesProject, ownershipOf, projectOf, type Tags } from '../tags.ts';
import { statesIn } from './actions.ts';
import {
  aliasOf,
  type Encryption,
  encryptionOf,
  expiryOf,
  isExpiryRule,
  type NoncurrentVersions,
  type ObjectLock,
  objectLockOf,
  PUBLIC_ACCESS_BLOCKED,
  publicAccessOf,
  refuseEncryption,
  refuseObjectLock,
  warnObjectLock,
} from './facts.ts';
import { type BucketAnswers, isBucketEmpty, READS, readBucket } from './read.ts';
import { bucketRemoval } from './removal.ts';
import { type BucketTarget, untilBucketVisible } from './target.ts';
import { bucketInTerraform } from './terraform.ts';
import { bucketWarnings } from './warnings.ts';
import {
  blockPublicAccess,
  createBucket,
  enableVersioning,
  enforceOwner,
  type ForeignLifecycle,
  replaceTags,
  requireTls,
  setEncryption,
  setExpiry,
  setObjectLock,
  WRITES,
} from './write.ts';

export interface StateBucketInput {
  readonly name: string;
  readonly objectLock: ObjectLock | null;
  readonly encryption: Encryption;
  readonly noncurrentVersions: NoncurrentVersions | null;
  /** Whether a removal may delete states. */
  readonly deleteState: boolean;
  /** The locks that Terraform currently holds in the lock table. */
  readonly tableLocks: () => Promise<readonly StateLock[]>;
  /** Keys of the states in the config. */
  readonly keys: readonly string[];
  /** The prefixes of workspaces by key. */
  readonly prefixes: WorkspacePrefixes;
}

type StateBucketFacts = {
  readonly tags: Tags;
  readonly versioning: string;
  readonly objectLock: ObjectLock | null;
  readonly encryption: Encryption;
  readonly publicAccess: Readonly<Record<keyof typeof PUBLIC_ACCESS_BLOCKED, boolean>>;
  readonly ownership: string | null;
  readonly policy: { readonly tlsOnly: boolean };
  readonly noncurrentVersions: NoncurrentVersions | null;
};

interface Details extends ForeignLifecycle {
  readonly tags: Tags;
  readonly policy: BucketPolicy | undefined;
  readonly encryptionRule: ServerSideEncryptionRule | undefined;
  /** The rule with crc's ID. */
  readonly expiryRule: LifecycleRule | undefined;
  /** With or without a default rule: versions can have their own retention. */
  readonly objectLock: boolean;
  readonly mfaDelete: boolean;
}

/** Additional reads for a removal with --delete-state. */
const REMOVAL_READS = ['GetObject', 'GetObjectRetention', 'GetObjectLegalHold'];

/** The S3 bucket for Terraform's states: versioned, locked, encrypted, private, and only accessible over TLS. */
export function stateBucket(input: StateBucketInput, { clients, place, tags, signal }: Context): Resource {
  const { name } = input;
  const arn = bucketArn(place, name);
  const bucket = { Bucket: name, ExpectedBucketOwner: place.accountId };
  const { s3, regionFlag } = clients;
  const target: BucketTarget = { s3, name, arn, bucket, place, regionFlag, signal };

  /** Created by this run and its tags not read yet, so there is no need to check whether it is empty. */
  let created = false;

  async function read() {
    const answers = await readBucket(target);
    if (answers === undefined) return undefined;
    const { facts, details } = liveBucket(answers, arn, place);
    const encryption = await encryptionWithKey(clients, input.encryption, facts.encryption, details.encryptionRule);
    const { own, foreign } = ownershipOf(details.tags, tags);
    if (foreign === undefined) created = false;
    const { policy } = details;
    return {
      facts: { tags: own, ...facts, encryption },
      foreign: foreign !== undefined && (await isFree(details.tags)) ? undefined : foreign,
      warnings: bucketWarnings({
        policy,
        otherProject: foreign === undefined ? undefined : projectOf(details.tags),
        lifecycleRules: unmanagedRules(input, details),
        accountId: place.accountId,
        keys: input.keys,
        workspaces: [DEFAULT_WORKSPACE_PREFIX, ...input.prefixes.values()],
      }),
      details,
    };
  }

  /** Its settings may match although its tags do not: a killed run leaves an empty bucket that no project owns. */
  async function isFree(liveTags: Tags): Promise<boolean> {
    return !namesProject(liveTags) && (created || (await isBucketEmpty(target)));
  }

  const spec: Spec<StateBucketFacts, Details> = {
    id: 'state-bucket',
    type: 'AWS::S3::Bucket',
    name,
    want: wantedFacts(input, tags),
    brief: BRIEF,
    meaning: { encryption: keyMeaning },
    // If only some of the reads say that the bucket does not exist, it is being created right now.
    read: () => untilBucketVisible(target, read),
    async create() {
      created = (await createBucket(target, { tags, objectLock: input.objectLock !== null })) || created;
      return undefined;
    },
    set: {
      tags: (want, { details }) => replaceTags(target, { ...details.tags, ...want }),
      versioning: () => enableVersioning(target),
      objectLock: {
        refuse: refuseObjectLock,
        irreversible: warnObjectLock,
        set: (want) => setObjectLock(target, want),
      },
      encryption: {
        refuse: refuseEncryption,
        set: (want, { details }) => setEncryption(target, want, details.encryptionRule),
      },
      publicAccess: () => blockPublicAccess(target),
      ownership: () => enforceOwner(target),
      policy: (_, { details }) => requireTls(target, details.policy),
      noncurrentVersions: (want, { details }) => setExpiry(target, want, details),
    },
    // An empty bucket without the tags may match the config, but is still not crc's to delete.
    removal: async ({ details: { tags: liveTags, objectLock, mfaDelete } }) => {
      const notMine = ownershipOf(liveTags, tags).foreign?.owner;
      const deleteState = notMine === undefined && input.deleteState;
      return await bucketRemoval({ ...input, ...target, objectLock, mfaDelete, notMine, deleteState });
    },
    address: { label: 'bucket', path: ['bucket'], variable: ['TF_STATE_BUCKET'], value: name },
    terraform: bucketInTerraform(input, { place, tags }),
    actions: actionsOf(input, arn),
  };
  return resource(spec);
}

/** Existing objects keep their key until they are written again, but the roles only get permissions on the new key. */
function keyMeaning({ keyArn }: Encryption, path: string): Meaning | undefined {
  if (path !== 'encryption.keyArn' || keyArn === null) return undefined;
  return {
    why: `what is in the bucket stays encrypted with the old key, and the roles lose their rights on it; allow them kms:Decrypt on ${keyArn} in "statements" until each state has been written again`,
    brief:
      'states stay encrypted with the old key until they are written again; allow the roles kms:Decrypt on it in "statements"',
  };
}

const BRIEF: Spec<StateBucketFacts>['brief'] = {
  versioning: () => 'versioned',
  objectLock: (lock) => (lock === null ? undefined : `${lock.mode} retention of ${counted(lock.days, 'day')}`),
  encryption: ({ algorithm, keyArn }) => `encrypted with ${algorithm}${keyArn === null ? '' : ` (${keyArn})`}`,
  publicAccess: () => 'no public access',
  ownership: () => undefined,
  policy: () => 'TLS only',
  noncurrentVersions: (versions) =>
    versions === null
      ? undefined
      : `earlier versions deleted after ${counted(versions.expireAfterDays, 'day')}${versions.keep === null ? '' : `, but for the last ${versions.keep}`}`,
};

function wantedFacts({ objectLock, encryption, noncurrentVersions }: StateBucketInput, tags: Tags): StateBucketFacts {
  return {
    tags,
    versioning: 'Enabled',
    objectLock,
    encryption,
    publicAccess: PUBLIC_ACCESS_BLOCKED,
    ownership: 'BucketOwnerEnforced',
    policy: { tlsOnly: true },
    noncurrentVersions,
  };
}

/** S3 returns the key as it was set, which may be an alias of the wanted key. */
async function encryptionWithKey(
  clients: Context['clients'],
  want: Encryption,
  live: Encryption,
  rule: ServerSideEncryptionRule | undefined,
): Promise<Encryption> {
  const alias = aliasOf(rule);
  if (alias === undefined || want.keyArn === null) return live;
  const { keyOfAlias } = await import('../../aws/keys.ts');
  return { ...live, keyArn: await keyOfAlias(clients, alias) };
}

/** S3's responses as facts, and the parts that belong to other owners. */
function liveBucket(
  answers: BucketAnswers,
  arn: string,
  place: Place,
): { readonly facts: Omit<StateBucketFacts, 'tags'>; readonly details: Details } {
  const { versioning, lock, encryption, access, ownership, lifecycle } = answers;
  const policy = parsePolicy(answers.policy.Policy);
  const rule = encryption.ServerSideEncryptionConfiguration?.Rules?.[0];
  const rules = lifecycle.Rules ?? [];
  const expiryRule = rules.find(isExpiryRule);
  return {
    facts: {
      versioning: versioning.Status ?? 'Disabled',
      objectLock: objectLockOf(lock.ObjectLockConfiguration),
      encryption: encryptionOf(rule, place),
      publicAccess: publicAccessOf(access.PublicAccessBlockConfiguration),
      ownership: ownership.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? null,
      policy: { tlsOnly: isTlsOnly(policy, arn) },
      noncurrentVersions: expiryOf(expiryRule),
    },
    details: {
      expiryRule,
      tags: fromTagList(answers.tagging.TagSet),
      policy,
      encryptionRule: rule,
      lifecycleRules: rules.filter((rule) => !isExpiryRule(rule)),
      transitionSize: lifecycle.TransitionDefaultMinimumObjectSize,
      objectLock: lock.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled',
      mfaDelete: versioning.MFADelete === 'Enabled',
    },
  };
}

/**
 * The lifecycle rules that crc does not manage. Without "noncurrentVersions" in the config, that includes the rule with
 * crc's ID once it has been changed: only in crc's own form is it drift.
 */
function unmanagedRules(
  { noncurrentVersions }: StateBucketInput,
  { lifecycleRules, expiryRule }: Details,
): readonly LifecycleRule[] {
  const isManaged = expiryRule === undefined || noncurrentVersions !== null || expiryOf(expiryRule) !== null;
  return isManaged ? lifecycleRules : [...lifecycleRules, expiryRule];
}

function parsePolicy(text: string | undefined): BucketPolicy | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as BucketPolicy);
}

function actionsOf({ encryption: { keyArn } }: StateBucketInput, arn: string): Actions {
  return {
    states: statesIn(arn, keyArn),
    // S3 may return the key's alias.
    read: [grant('s3', READS, arn), ...(keyArn === null ? [] : [grant('kms', ['DescribeKey'], keyArn)])],
    write: [grant('s3', WRITES, arn)],
    remove: [
      grant('s3', ['DeleteBucket'], arn),
      grant('s3', [...REMOVAL_READS, 'DeleteObjects', 'AbortMultipartUpload'], `${arn}/*`),
      // Bypassing retention is not a separate call.
      { actions: ['s3:BypassGovernanceRetention'], resources: [`${arn}/*`] },
      ...(keyArn === null ? [] : [{ actions: ['kms:Decrypt'], resources: [keyArn] }]),
    ],
  };
}
