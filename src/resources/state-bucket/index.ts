import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketLifecycleCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import { grant } from '../../aws/actions.ts';
import { asAwsError, isNamed, orAbsent, statusOf } from '../../aws/error-names.ts';
import { bucketArn } from '../../aws/names.ts';
import { Disagreement, readTogether } from '../../aws/read-together.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Spec } from '../../engine/types.ts';
import { CrcError } from '../../errors.ts';
import { type BucketPolicy, isTlsOnly, withTlsOnly } from '../../policies/bucket.ts';
import { minified } from '../../policies/document.ts';
import type { StateLock } from '../../terraform/state/locks.ts';
import type { Context } from '../context.ts';
import { fromTagList, namesProject, ownershipOf, type Tags, toTagList } from '../tags.ts';
import { untilVisible } from '../visibility.ts';
import {
  type Encryption,
  encryptionOf,
  encryptionRule,
  expiryOf,
  isExpiryRule,
  lifecycleRule,
  type NoncurrentVersions,
  type ObjectLock,
  objectLockOf,
  PUBLIC_ACCESS_BLOCKED,
  publicAccessOf,
  refuseEncryption,
  refuseObjectLock,
  warnObjectLock,
  withFilter,
} from './facts.ts';
import { counted } from './inventory.ts';
import { bucketRemoval } from './removal.ts';
import { bucketWarnings } from './warnings.ts';

export interface StateBucketInput {
  readonly name: string;
  readonly objectLock: ObjectLock | null;
  readonly encryption: Encryption;
  readonly noncurrentVersions: NoncurrentVersions | null;
  /** Whether a removal may delete states. */
  readonly deleteState: boolean;
  /** The locks that Terraform holds in the lock table, as they are now. */
  readonly tableLocks: () => Promise<readonly StateLock[]>;
  /** Keys of the config's states. */
  readonly keys: readonly string[];
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

interface Others {
  readonly tags: Tags;
  readonly policy: BucketPolicy | undefined;
  readonly encryptionRule: ServerSideEncryptionRule | undefined;
  readonly lifecycleRules: readonly LifecycleRule[];
  readonly transitionSize: Lifecycle['TransitionDefaultMinimumObjectSize'];
  /** With or without a default rule: versions may have a retention of their own. */
  readonly objectLock: boolean;
  readonly mfaDelete: boolean;
}

type Lifecycle = {
  readonly Rules?: LifecycleRule[];
  readonly TransitionDefaultMinimumObjectSize?: 'all_storage_classes_128K' | 'varies_by_storage_class';
};

const READS = [
  'HeadBucket',
  'ListObjectVersions',
  'ListMultipartUploads',
  'GetBucketVersioning',
  'GetObjectLockConfiguration',
  'GetBucketEncryption',
  'GetPublicAccessBlock',
  'GetBucketOwnershipControls',
  'GetBucketPolicy',
  'GetBucketTagging',
  'GetBucketLifecycleConfiguration',
];
/** Beside those of READS: what a removal looks at, with --delete-state. */
const REMOVAL_READS = ['GetObject', 'GetObjectRetention', 'GetObjectLegalHold'];
const WRITES = [
  'CreateBucket',
  'PutBucketTagging',
  'PutBucketVersioning',
  'PutObjectLockConfiguration',
  'PutBucketEncryption',
  'PutPublicAccessBlock',
  'PutBucketOwnershipControls',
  'PutBucketPolicy',
  'PutBucketLifecycleConfiguration',
];

/** The S3 bucket that holds Terraform's states: versioned, locked, encrypted, private, and reached by TLS only. */
export function stateBucket(input: StateBucketInput, { clients, place, tags, signal }: Context): Resource {
  const { s3 } = clients;
  const { name } = input;
  const arn = bucketArn(place, name);
  /** The bucket, and the account that must own it: S3 itself refuses each call to a bucket of another account. */
  const bucket = { Bucket: name, ExpectedBucketOwner: place.accountId };
  /** Right after its creation a bucket may be unknown to some of S3's servers. */
  const afterCreation = <T>(call: () => Promise<T>) => untilVisible(isNotVisible, signal, call);

  /** This run made it and has not seen its tags yet, so that nobody has to look whether it is empty. */
  let made = false;

  const spec: Spec<StateBucketFacts, Others> = {
    id: 'state-bucket',
    type: 'AWS::S3::Bucket',
    name,
    want: {
      tags,
      versioning: 'Enabled',
      objectLock: input.objectLock,
      encryption: input.encryption,
      publicAccess: PUBLIC_ACCESS_BLOCKED,
      ownership: 'BucketOwnerEnforced',
      policy: { tlsOnly: true },
      noncurrentVersions: input.noncurrentVersions,
    },
    brief: {
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
    },
    // If only some of the reads say that there is no bucket, it is being made right now.
    read: () => afterCreation(read),
    async create() {
      try {
        await s3.send(
          new CreateBucketCommand({
            Bucket: name,
            ObjectOwnership: 'BucketOwnerEnforced',
            ObjectLockEnabledForBucket: input.objectLock === null ? undefined : true,
            ...(name.endsWith('-an') ? { BucketNamespace: 'account-regional' as const } : {}),
            CreateBucketConfiguration: {
              Tags: toTagList(tags),
              // us-east-1 must not be named.
              LocationConstraint: place.region === 'us-east-1' ? undefined : (place.region as BucketLocationConstraint),
            },
          }),
        );
      } catch (error) {
        if (isNamed(error, ['BucketAlreadyExists'])) throw taken(name, place.accountId, error);
        if (!isNamed(error, ['BucketAlreadyOwnedByYou'])) throw error;
        return undefined;
      }
      made = true;
      return undefined;
    },
    set: {
      tags: async (want, { others }) => {
        // S3 replaces all tags. AWS's own (aws:…) must be sent back too: "System tags cannot be removed by requester"
        // (https://github.com/hashicorp/terraform-provider-aws/issues/7323).
        const TagSet = toTagList({ ...others.tags, ...want });
        await afterCreation(() => s3.send(new PutBucketTaggingCommand({ ...bucket, Tagging: { TagSet } })));
      },
      versioning: async () => {
        const VersioningConfiguration = { Status: 'Enabled' as const };
        await afterCreation(() => s3.send(new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration })));
      },
      objectLock: {
        refuse: refuseObjectLock,
        irreversible: warnObjectLock,
        set: async (want) => {
          const retention = want === null ? {} : { Rule: { DefaultRetention: { Mode: want.mode, Days: want.days } } };
          const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, ...retention };
          await afterCreation(() =>
            s3.send(new PutObjectLockConfigurationCommand({ ...bucket, ObjectLockConfiguration })),
          );
        },
      },
      encryption: {
        refuse: refuseEncryption,
        set: async (want, { others }) => {
          const ServerSideEncryptionConfiguration = { Rules: [encryptionRule(want, others.encryptionRule)] };
          await afterCreation(() =>
            s3.send(new PutBucketEncryptionCommand({ ...bucket, ServerSideEncryptionConfiguration })),
          );
        },
      },
      publicAccess: async () => {
        const PublicAccessBlockConfiguration = {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        };
        await afterCreation(() =>
          s3.send(new PutPublicAccessBlockCommand({ ...bucket, PublicAccessBlockConfiguration })),
        );
      },
      ownership: async () => {
        const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
        await afterCreation(() => s3.send(new PutBucketOwnershipControlsCommand({ ...bucket, OwnershipControls })));
      },
      policy: async (_, { others }) => {
        const Policy = minified(withTlsOnly(others.policy, arn));
        await afterCreation(() => s3.send(new PutBucketPolicyCommand({ ...bucket, Policy })));
      },
      noncurrentVersions: async (want, { others }) => {
        const Rules = [...others.lifecycleRules.map(withFilter), ...(want === null ? [] : [lifecycleRule(want)])];
        await afterCreation(async () =>
          Rules.length === 0
            ? await s3.send(new DeleteBucketLifecycleCommand(bucket))
            : await s3.send(
                new PutBucketLifecycleConfigurationCommand({
                  ...bucket,
                  LifecycleConfiguration: { Rules },
                  TransitionDefaultMinimumObjectSize: others.transitionSize,
                }),
              ),
        );
      },
    },
    // An empty bucket without the tags may be converged, and is still not crc's to delete.
    removal: async ({ others: { tags: liveTags, objectLock, mfaDelete } }) => {
      const notMine = ownershipOf(liveTags, tags).foreign?.owner;
      const deleteState = notMine === undefined && input.deleteState;
      const { tableLocks } = input;
      return await bucketRemoval({ s3, bucket, objectLock, mfaDelete, notMine, deleteState, tableLocks, signal });
    },
    actions: {
      read: [grant('s3', READS, arn)],
      write: [grant('s3', WRITES, arn)],
      remove: [
        grant('s3', ['DeleteBucket'], arn),
        grant('s3', [...REMOVAL_READS, 'DeleteObjects', 'AbortMultipartUpload'], `${arn}/*`),
        // Bypassing is no call of its own.
        { actions: ['s3:BypassGovernanceRetention'], resources: [`${arn}/*`] },
        ...(input.encryption.keyArn === null
          ? []
          : [{ actions: ['kms:Decrypt'], resources: [input.encryption.keyArn] }]),
      ],
    },
  };

  async function read() {
    const live = await readTogether(
      head(),
      [
        s3.send(new GetBucketVersioningCommand(bucket)),
        orAbsent(s3.send(new GetObjectLockConfigurationCommand(bucket)), ['ObjectLockConfigurationNotFoundError'], {}),
        orAbsent(
          s3.send(new GetBucketEncryptionCommand(bucket)),
          ['ServerSideEncryptionConfigurationNotFoundError'],
          {},
        ),
        orAbsent(s3.send(new GetPublicAccessBlockCommand(bucket)), ['NoSuchPublicAccessBlockConfiguration'], {}),
        orAbsent(s3.send(new GetBucketOwnershipControlsCommand(bucket)), ['OwnershipControlsNotFoundError'], {}),
        orAbsent(s3.send(new GetBucketPolicyCommand(bucket)), ['NoSuchBucketPolicy'], {}),
        orAbsent(s3.send(new GetBucketTaggingCommand(bucket)), ['NoSuchTagSet'], {}),
        orAbsent<Lifecycle, Lifecycle>(
          s3.send(new GetBucketLifecycleConfigurationCommand(bucket)),
          ['NoSuchLifecycleConfiguration'],
          {},
        ),
        // The absence of a bucket has no name, only a status: its other reads have to say the same.
      ],
      { siblingsProve: true },
    );
    if (live === undefined) return undefined;
    const [, versioning, lock, encryption, access, ownership, policyAnswer, tagging, lifecycle] = live;

    const liveTags = fromTagList('TagSet' in tagging ? tagging.TagSet : []);
    const { own, foreign } = ownershipOf(liveTags, tags);
    if (foreign === undefined) made = false;
    const policy = parsePolicy('Policy' in policyAnswer ? policyAnswer.Policy : undefined);
    const rule =
      'ServerSideEncryptionConfiguration' in encryption
        ? encryption.ServerSideEncryptionConfiguration?.Rules?.[0]
        : undefined;
    const rules = lifecycle.Rules ?? [];
    const lifecycleRules = rules.filter((one) => !isExpiryRule(one));
    return {
      facts: {
        tags: own,
        versioning: versioning.Status ?? 'Disabled',
        objectLock: objectLockOf('ObjectLockConfiguration' in lock ? lock.ObjectLockConfiguration : undefined),
        encryption: encryptionOf(rule, place),
        publicAccess: publicAccessOf(
          'PublicAccessBlockConfiguration' in access ? access.PublicAccessBlockConfiguration : undefined,
        ),
        ownership:
          ('OwnershipControls' in ownership && ownership.OwnershipControls?.Rules?.[0]?.ObjectOwnership) || null,
        policy: { tlsOnly: isTlsOnly(policy, arn) },
        noncurrentVersions: expiryOf(rules.find(isExpiryRule)),
      },
      foreign: foreign !== undefined && (await isFree(liveTags)) ? undefined : foreign,
      warnings: bucketWarnings({ policy, lifecycleRules, accountId: place.accountId, keys: input.keys }),
      others: {
        tags: liveTags,
        policy,
        encryptionRule: rule,
        lifecycleRules,
        transitionSize: lifecycle.TransitionDefaultMinimumObjectSize,
        objectLock: 'ObjectLockConfiguration' in lock && lock.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled',
        mfaDelete: versioning.MFADelete === 'Enabled',
      },
    };
  }

  /** HEAD has no body, so its errors have no name: the status decides, and a header names the bucket's region. */
  async function head(): Promise<true | undefined> {
    try {
      const { BucketRegion } = await s3.send(new HeadBucketCommand(bucket));
      if (BucketRegion !== undefined && BucketRegion !== place.region)
        throw elsewhere(name, BucketRegion, place.region);
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return undefined;
      const region = asAwsError(error).$response?.headers?.['x-amz-bucket-region'];
      if (region !== undefined && region !== place.region) throw elsewhere(name, region, place.region, error);
      if (status === 403) throw notReadable(name, place.accountId, error);
      throw error;
    }
  }

  /** It may be converged although its tags are not these: a killed run leaves an empty bucket behind that no project claims. */
  async function isFree(liveTags: Tags): Promise<boolean> {
    return made || (!namesProject(liveTags) && (await holdsNothing()));
  }

  /** An unfinished upload is another user's first object. */
  async function holdsNothing(): Promise<boolean> {
    const [{ Versions, DeleteMarkers }, { Uploads }] = await Promise.all([
      s3.send(new ListObjectVersionsCommand({ ...bucket, MaxKeys: 1 })),
      s3.send(new ListMultipartUploadsCommand({ ...bucket, MaxUploads: 1 })),
    ]);
    return [Versions, DeleteMarkers, Uploads].every((list = []) => list.length === 0);
  }

  return resource(spec);
}

/** Some of S3's servers know the bucket and some do not: it was just made, or is just being deleted. */
function isNotVisible(error: unknown): boolean {
  return isNamed(error, ['NoSuchBucket']) || error instanceof Disagreement;
}

function parsePolicy(text: string | undefined): BucketPolicy | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as BucketPolicy);
}

function elsewhere(name: string, actual: string, wanted: string, cause?: unknown): CrcError {
  return new CrcError(`The bucket ${name} is in ${actual}, not in ${wanted}.`, {
    hint: `Nothing was changed. Set "region": "${actual}" in the config if this is your bucket; otherwise choose another bucket name.`,
    cause,
    fatal: true,
  });
}

function notReadable(name: string, accountId: string, cause: unknown): CrcError {
  return new CrcError(
    `The bucket ${name} cannot be read: it belongs to a different account from ${accountId}, or these credentials lack s3:ListBucket on it.`,
    {
      hint: `Nothing was changed. If the bucket is not yours, choose another name (bucket names must be globally unique; ${name}-${accountId} is probably free). If it is yours, allow s3:ListBucket on it.`,
      cause,
      fatal: true,
    },
  );
}

function taken(name: string, accountId: string, cause: unknown): CrcError {
  return new CrcError(`The bucket name ${name} is taken by another AWS account.`, {
    hint: `Choose another name in the config: bucket names must be globally unique (${name}-${accountId} is probably free).`,
    cause,
  });
}
