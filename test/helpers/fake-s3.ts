import { awsError, type Handlers } from './fake-aws.ts';
import { type FakeObjects, objectHandlers } from './fake-s3-objects.ts';

/** Undefined properties have never been configured. */
export interface FakeBucket extends FakeObjects {
  owner: string;
  region: string;
  versioning?: string;
  lock?: object;
  encryption?: object;
  publicAccess?: object;
  ownership?: object;
  policy?: string;
  tags?: readonly { Key: string; Value: string }[] | undefined;
  lifecycle?: readonly object[];
  transitionSize?: string;
  mfaDelete?: 'Enabled';
}

export interface FakeS3 {
  readonly buckets: Map<string, FakeBucket>;
  readonly handlers: Handlers;
}

type On = { Bucket: string; ExpectedBucketOwner?: string };

/**
 * A fake of the S3 operations that crc uses. With `tagsOnCreate: false` it ignores the tags of CreateBucket, as some
 * emulators do.
 */
export function fakeS3(account: string, region: string, { tagsOnCreate = true, pageSize = 1_000 } = {}): FakeS3 {
  const buckets = new Map<string, FakeBucket>();

  const at = ({ Bucket, ExpectedBucketOwner }: On): FakeBucket => {
    if (ExpectedBucketOwner === undefined) throw new Error('a call without ExpectedBucketOwner');
    const bucket = buckets.get(Bucket);
    if (bucket === undefined) throw awsError('NoSuchBucket', 404);
    if (bucket.owner !== ExpectedBucketOwner) throw awsError('AccessDenied', 403);
    return bucket;
  };
  const get = <K extends keyof FakeBucket>(
    key: K,
    missing: string,
    answer: (value: NonNullable<FakeBucket[K]>) => object,
  ) => {
    return (input: On) => {
      const value = at(input)[key];
      if (value === undefined) throw awsError(missing, 404);
      return answer(value as NonNullable<FakeBucket[K]>);
    };
  };
  const put = (change: (bucket: FakeBucket, input: never) => void) => (input: On) => {
    change(at(input), input as never);
    return {};
  };

  const handlers: Handlers = {
    // Responses to HEAD requests have no body, so the SDK does not know the error's name.
    HeadBucket: (input: On) => {
      const bucket = buckets.get(input.Bucket);
      if (bucket === undefined) throw awsError('NotFound', 404);
      if (bucket.owner !== input.ExpectedBucketOwner) throw awsError('Unknown', 403);
      if (bucket.region !== region) {
        throw awsError('Unknown', 301, { $response: { headers: { 'x-amz-bucket-region': bucket.region } } });
      }
      return { BucketRegion: bucket.region };
    },
    GetBucketVersioning: (input: On) => {
      const { versioning, mfaDelete } = at(input);
      return versioning === undefined ? {} : { Status: versioning, MFADelete: mfaDelete };
    },
    GetObjectLockConfiguration: get('lock', 'ObjectLockConfigurationNotFoundError', (lock) => ({
      ObjectLockConfiguration: lock,
    })),
    GetBucketEncryption: get('encryption', 'ServerSideEncryptionConfigurationNotFoundError', (rule) => ({
      ServerSideEncryptionConfiguration: { Rules: [rule] },
    })),
    GetPublicAccessBlock: get('publicAccess', 'NoSuchPublicAccessBlockConfiguration', (block) => ({
      PublicAccessBlockConfiguration: block,
    })),
    GetBucketOwnershipControls: get('ownership', 'OwnershipControlsNotFoundError', (controls) => ({
      OwnershipControls: controls,
    })),
    GetBucketPolicy: get('policy', 'NoSuchBucketPolicy', (Policy) => ({ Policy })),
    GetBucketTagging: get('tags', 'NoSuchTagSet', (TagSet) => ({ TagSet })),
    GetBucketLifecycleConfiguration: (input: On) => {
      const { lifecycle, transitionSize } = at(input);
      if (lifecycle === undefined) throw awsError('NoSuchLifecycleConfiguration', 404);
      return { Rules: lifecycle, TransitionDefaultMinimumObjectSize: transitionSize };
    },
    ...objectHandlers(at, (name) => buckets.delete(name), { pageSize }),

    CreateBucket: (input) => {
      const existing = buckets.get(input.Bucket);
      if (existing !== undefined) {
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        if (existing.owner === account && region === 'us-east-1') return {};
        throw awsError(existing.owner === account ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists', 409);
      }
      const locked = input.ObjectLockEnabledForBucket === true;
      buckets.set(input.Bucket, {
        owner: account,
        region,
        versions: [],
        uploads: [],
        // The default encryption of new buckets.
        encryption: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
        publicAccess: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        },
        ownership: { Rules: [{ ObjectOwnership: input.ObjectOwnership }] },
        ...(locked ? { versioning: 'Enabled', lock: { ObjectLockEnabled: 'Enabled' } } : {}),
        ...(tagsOnCreate ? { tags: input.CreateBucketConfiguration?.Tags } : {}),
      });
      return {};
    },
    PutBucketVersioning: put((bucket, input: { VersioningConfiguration: { Status: string } }) => {
      if (bucket.lock !== undefined) throw awsError('InvalidBucketState', 409);
      bucket.versioning = input.VersioningConfiguration.Status;
    }),
    PutObjectLockConfiguration: put((bucket, input: { ObjectLockConfiguration: object }) => {
      if (bucket.versioning !== 'Enabled') throw awsError('InvalidBucketState', 409);
      bucket.lock = input.ObjectLockConfiguration;
    }),
    PutBucketEncryption: put((bucket, input: { ServerSideEncryptionConfiguration: { Rules: object[] } }) => {
      bucket.encryption = input.ServerSideEncryptionConfiguration.Rules[0];
    }),
    PutPublicAccessBlock: put((bucket, input: { PublicAccessBlockConfiguration: object }) => {
      bucket.publicAccess = input.PublicAccessBlockConfiguration;
    }),
    PutBucketOwnershipControls: put((bucket, input: { OwnershipControls: object }) => {
      bucket.ownership = input.OwnershipControls;
    }),
    PutBucketPolicy: put((bucket, input: { Policy: string }) => {
      bucket.policy = input.Policy;
    }),
    PutBucketTagging: put((bucket, input: { Tagging: { TagSet: { Key: string; Value: string }[] } }) => {
      const system = (bucket.tags ?? []).filter(({ Key }) => Key.startsWith('aws:'));
      if (!system.every(({ Key }) => input.Tagging.TagSet.some((tag) => tag.Key === Key))) {
        throw awsError('InvalidTag', 400);
      }
      bucket.tags = input.Tagging.TagSet;
    }),
    PutBucketLifecycleConfiguration: put(
      (bucket, input: { LifecycleConfiguration: { Rules: object[] }; TransitionDefaultMinimumObjectSize?: string }) => {
        const { Rules } = input.LifecycleConfiguration;
        // S3 does not accept rules with `Filter` together with legacy rules with `Prefix`.
        if (Rules.some((rule) => 'Filter' in rule) && Rules.some((rule) => 'Prefix' in rule)) {
          throw awsError('InvalidRequest', 400);
        }
        bucket.lifecycle = Rules;
        bucket.transitionSize = input.TransitionDefaultMinimumObjectSize;
      },
    ),
    DeleteBucketLifecycle: put((bucket) => {
      bucket.lifecycle = undefined;
    }),
  };
  return { buckets, handlers };
}
