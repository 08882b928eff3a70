import { describe, expect, it } from 'vitest';
import { CrcError } from '../../../src/errors.ts';
import { type StateBucketInput, stateBucket } from '../../../src/resources/state-bucket/index.ts';
import { toTagList } from '../../../src/resources/tags.ts';
import { ACCOUNT, contextFor, REGION, TAG_LIST } from '../../helpers/context.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../../helpers/contract.ts';
import { awsError, type FakeAws, fakeAws, isWrite } from '../../helpers/fake-aws.ts';
import { type FakeBucket, fakeS3 } from '../../helpers/fake-s3.ts';

const NAME = 'abcdef-terraform-state';
const ARN = `arn:aws:s3:::${NAME}`;
const BUCKET_INPUT = { Bucket: NAME, ExpectedBucketOwner: ACCOUNT };
const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

const input: StateBucketInput = {
  name: NAME,
  objectLock: { mode: 'COMPLIANCE', days: 5 },
  encryption: { algorithm: 'AES256', keyArn: null, bucketKey: false },
  deleteState: false,
  tableLocks: async () => [],
  keys: ['github-oidc/terraform.tfstate'],
  prefixes: new Map(),
  noncurrentVersions: { expireAfterDays: 90, keep: 20 },
};

type State = Map<string, FakeBucket>;

interface Options {
  readonly with?: Partial<StateBucketInput>;
  readonly region?: string;
  readonly tagsOnCreate?: boolean;
}

function bench({ with: overrides = {}, region = REGION, tagsOnCreate = true }: Options = {}): Bench<State> {
  const s3 = fakeS3(ACCOUNT, region, { tagsOnCreate });
  const aws = fakeAws({ s3: s3.handlers });
  return { aws, resource: stateBucket({ ...input, ...overrides }, contextFor(aws.clients, region)), state: s3.buckets };
}

function change(overrides: Partial<FakeBucket>) {
  return (buckets: State) => {
    Object.assign(buckets.get(NAME) ?? {}, overrides);
  };
}

function bucketOf(state: State): FakeBucket {
  const bucket = state.get(NAME);
  if (bucket === undefined) throw new Error('no bucket');
  return bucket;
}

const TLS_ONLY = {
  Sid: 'CrcTlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [ARN, `${ARN}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const RULE = {
  ID: 'crc-noncurrent-versions',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  NoncurrentVersionExpiration: { NoncurrentDays: 90, NewerNoncurrentVersions: 20 },
};
const PUBLIC_ACCESS_BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

const lock = {
  operation: 'PutObjectLockConfiguration',
  input: {
    ...BUCKET_INPUT,
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 5 } },
    },
  },
};
const encryption = {
  operation: 'PutBucketEncryption',
  input: {
    ...BUCKET_INPUT,
    ServerSideEncryptionConfiguration: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
    },
  },
};
const access = {
  operation: 'PutPublicAccessBlock',
  input: { ...BUCKET_INPUT, PublicAccessBlockConfiguration: PUBLIC_ACCESS_BLOCK },
};
const expiry = {
  operation: 'PutBucketLifecycleConfiguration',
  input: { ...BUCKET_INPUT, LifecycleConfiguration: { Rules: [RULE] } },
};
const withRetention = (Mode: string, retention: object) => ({
  ObjectLockEnabled: 'Enabled',
  Rule: { DefaultRetention: { Mode, ...retention } },
});

describe('state bucket', () => {
  testResourceContract({
    bench,
    // For versions and uploads: here the bucket is empty.
    elsewhere: [
      's3:ListBucketVersions',
      's3:ListBucketMultipartUploads',
      's3:GetObjectVersion',
      's3:GetObjectRetention',
      's3:GetObjectLegalHold',
      's3:DeleteObjectVersion',
      's3:AbortMultipartUpload',
      's3:BypassGovernanceRetention',
    ],
    drifts: [
      {
        path: 'tags.Project',
        tamper: change({ tags: TAG_LIST.filter(({ Key }) => Key !== 'Project') }),
        operation: 'PutBucketTagging',
        input: {
          ...BUCKET_INPUT,
          Tagging: {
            TagSet: [
              { Key: 'ManagedBy', Value: 'crc' },
              { Key: 'crc:project', Value: 'resume' },
              { Key: 'Project', Value: 'cloud-resume' },
            ],
          },
        },
      },
      { path: 'objectLock.mode', tamper: change({ lock: withRetention('GOVERNANCE', { Days: 5 }) }), ...lock },
      { path: 'objectLock.days', tamper: change({ lock: withRetention('COMPLIANCE', { Days: 1 }) }), ...lock },
      { path: 'encryption.algorithm', tamper: change({ encryption: undefined }), ...encryption },
      ...(['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const).map(
        (flag) => ({
          path: `publicAccess.${flag.charAt(0).toLowerCase()}${flag.slice(1)}`,
          tamper: change({ publicAccess: { ...PUBLIC_ACCESS_BLOCK, [flag]: false } }),
          ...access,
        }),
      ),
      {
        path: 'ownership',
        tamper: change({ ownership: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } }),
        operation: 'PutBucketOwnershipControls',
        input: { ...BUCKET_INPUT, OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } },
      },
      {
        path: 'policy.tlsOnly',
        tamper: change({ policy: undefined }),
        operation: 'PutBucketPolicy',
        input: { ...BUCKET_INPUT, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [TLS_ONLY] }) },
      },
      {
        path: 'noncurrentVersions.expireAfterDays',
        tamper: change({ lifecycle: [{ ...RULE, Status: 'Disabled' }] }),
        ...expiry,
      },
      {
        path: 'noncurrentVersions.keep',
        tamper: change({ lifecycle: [{ ...RULE, NoncurrentVersionExpiration: { NoncurrentDays: 90 } }] }),
        ...expiry,
      },
    ],
    // With object lock, versioning cannot change. AES256 has no bucket key. Other keys are tested below.
    fixed: ['versioning', 'encryption.bucketKey'],
    retag: (state, tags) =>
      change({ tags: toTagList(tags), versions: [{ key: 'a', versionId: '1', body: '' }] })(state),
    reads: [
      'HeadBucket',
      'GetBucketVersioning',
      'GetObjectLockConfiguration',
      'GetBucketEncryption',
      'GetPublicAccessBlock',
      'GetBucketOwnershipControls',
      'GetBucketPolicy',
      'GetBucketTagging',
      'GetBucketLifecycleConfiguration',
    ],
  });

  describe('creation', () => {
    it('passes CreateBucket everything it accepts, and sets the rest in order', async () => {
      const { aws, resource } = bench();
      await converge(resource);
      expect(aws.calls.find(({ operation }) => operation === 'CreateBucket')?.input).toEqual({
        Bucket: NAME,
        ObjectOwnership: 'BucketOwnerEnforced',
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-2', Tags: TAG_LIST },
      });
      expect(writes(aws)).toEqual([
        'CreateBucket',
        'PutObjectLockConfiguration',
        'PutBucketPolicy',
        'PutBucketLifecycleConfiguration',
      ]);
    });

    it('passes no location in us-east-1', async () => {
      const { aws, resource } = bench({ region: 'us-east-1' });
      await converge(resource);
      expect(aws.calls.find(({ operation }) => operation === 'CreateBucket')?.input).toMatchObject({
        CreateBucketConfiguration: { Tags: TAG_LIST },
      });
      expect(JSON.stringify(aws.calls)).not.toContain('LocationConstraint');
    });

    it('requests no lock that the config does not have', async () => {
      const { aws, resource } = bench({ with: { objectLock: null } });
      await converge(resource);
      expect(JSON.stringify(aws.calls)).not.toContain('ObjectLockEnabledForBucket');
      expect(writes(aws)).toContain('PutBucketVersioning');
      expect(writes(aws)).not.toContain('PutObjectLockConfiguration');
      expect((await find(resource)).status).toBe('in-sync');
    });

    it('tags a bucket if its creation dropped the tags', async () => {
      const { aws, resource, state } = bench({ tagsOnCreate: false });
      expect((await converge(resource)).result.outcome).toBe('created');
      expect(writes(aws)[1]).toBe('PutBucketTagging');
      expect(bucketOf(state).tags).toEqual(TAG_LIST);
    });

    it('requests the account-regional namespace for a matching name', async () => {
      const name = `abcdef-${ACCOUNT}-${REGION}-an`;
      const { aws, resource } = bench({ with: { name } });
      await converge(resource);
      expect(aws.calls.find(({ operation }) => operation === 'CreateBucket')?.input).toMatchObject({
        Bucket: name,
        BucketNamespace: 'account-regional',
      });
    });

    /** Makes an existing bucket invisible to the next plan. */
    const hide = (aws: FakeAws) => {
      const reads = aws.calls.map(({ operation }) => operation).filter((name) => name.startsWith('Get'));
      aws.fail('HeadBucket', awsError('NotFound', 404), 1);
      for (const name of new Set(reads)) aws.fail(name, awsError('NoSuchBucket', 404), 1);
      aws.calls.length = 0;
    };

    it.each([REGION, 'us-east-1'])(
      'continues with a bucket that already belongs to the account, in %s',
      async (region) => {
        const { aws, resource } = bench({ region });
        await converge(resource);
        hide(aws);
        expect((await converge(resource)).result).toMatchObject({ id: 'state-bucket', outcome: 'created' });
      },
    );

    it.each([REGION, 'us-east-1'])(
      'does not take one that another project created meanwhile, in %s',
      async (region) => {
        const { aws, resource, state } = bench({ region });
        await converge(resource);
        change({ tags: toTagList({ ManagedBy: 'crc', 'crc:project': 'other' }) })(state);
        hide(aws);
        expect((await converge(resource)).result).toMatchObject({ outcome: 'blocked' });
        expect(writes(aws)).toEqual(['CreateBucket']);
      },
    );

    it('does not treat a bucket as missing from HEAD alone if its other reads know it', async () => {
      const { aws, resource } = bench();
      await converge(resource);
      aws.fail('HeadBucket', awsError('NotFound', 404), 2);
      aws.calls.length = 0;
      expect((await converge(resource)).result).toMatchObject({ id: 'state-bucket', outcome: 'unchanged' });
      expect(writes(aws)).toEqual([]);
    });

    it("stops at another owner's bucket", async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      Object.assign(bucketOf(state), { owner: '999999999999' });
      aws.fail('HeadBucket', awsError('NotFound', 404), 1);
      aws.calls.length = 0;
      const { result } = await converge(resource);
      expect(writes(aws)).toEqual(['CreateBucket']);
      expect(result.error).toMatchObject({ message: expect.stringContaining('taken by another AWS account') });
    });

    it('retries while a server does not know the new bucket', async () => {
      const { aws, resource } = bench();
      aws.fail('PutBucketPolicy', awsError('NoSuchBucket', 404), 2);
      expect((await converge(resource)).result).toMatchObject({ id: 'state-bucket', outcome: 'created' });
    });
  });

  describe('existence', () => {
    it('is decided only by HeadBucket', async () => {
      const { resource } = bench();
      expect((await find(resource)).status).toBe('absent');
    });

    it.each([
      ['me-central-1', true],
      [REGION, false],
    ])('may not be visible in a region that the account has not enabled: %s', async (region, mentioned) => {
      const { aws, resource } = bench({ region });
      aws.fail('HeadBucket', awsError('Unknown', 403));
      expect(String((await find(resource)).error)).toContain('cannot be read');
      const { hint } = (await find(resource)).error as CrcError;
      expect(hint.includes(`aws account enable-region --region-name ${region}`)).toBe(mentioned);
    });

    it.each([
      ['belongs to another account', { owner: '999999999999' }, /different account.*s3:ListBucket/],
      ['is in another region', { region: 'us-west-1' }, /is in us-west-1, not in eu-west-2/],
    ])('stops the whole run when the bucket %s', async (_, overrides, message) => {
      const { aws, resource, state } = bench();
      await converge(resource);
      change(overrides)(state);
      aws.calls.length = 0;
      const finding = await find(resource);
      expect(finding.status).toBe('unread');
      expect(finding.error).toBeInstanceOf(CrcError);
      expect(finding.error).toMatchObject({ fatal: true, message: expect.stringMatching(message) });
      expect(aws.calls.filter(isWrite)).toEqual([]);
    });

    it('is unread for any other answer to HEAD', async () => {
      const { aws, resource } = bench();
      aws.fail('HeadBucket', awsError('Unknown', 400));
      expect((await find(resource)).status).toBe('unread');
    });

    it('reads again if only some of the reads know the bucket', async () => {
      const { aws, resource } = bench();
      await converge(resource);
      aws.fail('GetBucketTagging', awsError('NoSuchBucket', 404), 2);
      expect((await find(resource)).status).toBe('in-sync');
    });
  });

  it('re-enables suspended versioning', async () => {
    const { aws, resource, state } = bench({ with: { objectLock: null } });
    await converge(resource);
    change({ versioning: 'Suspended' })(state);
    aws.calls.length = 0;
    const { finding } = await converge(resource);
    expect(finding.changes).toEqual([{ kind: 'update', path: 'versioning', live: 'Suspended', want: 'Enabled' }]);
    expect(aws.calls.filter(isWrite).map(({ input: sent }) => sent)).toEqual([
      { ...BUCKET_INPUT, VersioningConfiguration: { Status: 'Enabled' } },
    ]);
  });

  describe('object lock', () => {
    it('on an existing bucket is enabled after versioning', async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      change({ versioning: undefined, lock: undefined })(state);
      aws.calls.length = 0;
      const { finding } = await converge(resource);
      expect(finding.changes).toEqual([
        { kind: 'update', path: 'versioning', live: 'Disabled', want: 'Enabled' },
        { kind: 'update', path: 'objectLock.mode', live: null, want: 'COMPLIANCE' },
        { kind: 'update', path: 'objectLock.days', live: null, want: 5 },
      ]);
      expect(writes(aws)).toEqual(['PutBucketVersioning', 'PutObjectLockConfiguration']);
    });

    it('waits until S3 knows that versioning was enabled', async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      change({ versioning: undefined, lock: undefined })(state);
      aws.answer('s3:PutObjectLockConfiguration', 'not-versioned', 2);
      expect((await converge(resource)).result).toMatchObject({ id: 'state-bucket', outcome: 'updated' });
      expect(bucketOf(state).lock).toBeDefined();
    });

    it.each([
      ['longer', input.objectLock, withRetention('COMPLIANCE', { Days: 30 })],
      ['longer in years', input.objectLock, withRetention('COMPLIANCE', { Years: 1 })],
      ['stronger', { mode: 'GOVERNANCE' as const, days: 5 }, withRetention('COMPLIANCE', { Days: 5 })],
      ['longer though weaker', input.objectLock, withRetention('GOVERNANCE', { Days: 6 })],
      ['enabled, but not in the config', null, withRetention('GOVERNANCE', { Days: 1 })],
    ])('is a conflict if the live lock is %s', async (_, objectLock, live) => {
      const { aws, resource, state } = bench({ with: { objectLock } });
      await converge(resource);
      change({ versioning: 'Enabled', lock: live, policy: undefined })(state);
      aws.calls.length = 0;
      const { finding, result } = await converge(resource, { adopt: true, prune: true });
      expect([finding.status, result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
      expect(finding.changes).toContainEqual(
        expect.objectContaining({ kind: 'conflict', path: expect.stringMatching(/^objectLock\./) }),
      );
    });

    it.each([
      ['a lock without retention counts as none', null, { ObjectLockEnabled: 'Enabled' }],
      ['zero years are not set', input.objectLock, withRetention('COMPLIANCE', { Days: 5, Years: 0 })],
      ['a year is 365 days', { mode: 'COMPLIANCE' as const, days: 365 }, withRetention('COMPLIANCE', { Years: 1 })],
    ])('%s', async (_, objectLock, live) => {
      const { resource, state } = bench({ with: { objectLock } });
      await converge(resource);
      change({ lock: live })(state);
      expect((await find(resource)).status).toBe('in-sync');
    });

    it('reports what is irreversible only before it is created', async () => {
      const { resource } = bench();
      expect((await find(resource)).irreversible).toEqual([
        expect.stringMatching(/COMPLIANCE.*5 days, nobody, not even root.*every plan writes one/),
      ]);
      await converge(resource);
      expect((await find(resource)).irreversible).toEqual([]);
    });
  });

  describe('encryption', () => {
    const kms = { algorithm: 'aws:kms', keyArn: KEY_ARN, bucketKey: true };
    const rule = (SSEAlgorithm: string, KMSMasterKeyID?: string, BucketKeyEnabled = true) => ({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID },
      BucketKeyEnabled,
    });

    it('replaces AES256 with KMS, and keeps the setting for blocked types', async () => {
      const { aws, resource, state } = bench({ with: { encryption: kms } });
      await converge(resource);
      change({ encryption: { ...rule('AES256'), BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } } })(state);
      const { finding } = await converge(resource);
      expect(finding.changes).toEqual([
        { kind: 'update', path: 'encryption.algorithm', live: 'AES256', want: 'aws:kms' },
        { kind: 'update', path: 'encryption.keyArn', live: null, want: KEY_ARN },
        { kind: 'update', path: 'encryption.bucketKey', live: false, want: true },
      ]);
      expect(aws.calls.filter(isWrite).at(-1)?.input).toEqual({
        ...BUCKET_INPUT,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ...rule('aws:kms', KEY_ARN), BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } }],
        },
      });
    });

    it('replaces one key with another, and reports what is still encrypted with the old one', async () => {
      const { resource, state } = bench({ with: { encryption: kms } });
      await converge(resource);
      const oldKey = KEY_ARN.replace('1234abcd', 'ffffabcd');
      change({ encryption: rule('aws:kms', oldKey) })(state);
      const { finding, result } = await converge(resource);
      expect(finding.changes).toEqual([
        {
          kind: 'update',
          path: 'encryption.keyArn',
          live: oldKey,
          want: KEY_ARN,
          why: expect.stringContaining(`allow them kms:Decrypt on ${oldKey} in "statements"`),
          brief: expect.stringContaining('old key'),
        },
      ]);
      expect(result.outcome).toBe('updated');
    });

    it.each(['AES256', 'aws:kms:dsse'])(
      '%s does not use a bucket key, so an enabled one is not drift',
      async (algorithm) => {
        const keyArn = algorithm === 'AES256' ? null : KEY_ARN;
        const { resource, state } = bench({ with: { encryption: { algorithm, keyArn, bucketKey: false } } });
        await converge(resource);
        change({ encryption: rule(algorithm, keyArn ?? undefined, true) })(state);
        expect((await find(resource)).status).toBe('in-sync');
      },
    );

    it('recognizes a key that S3 shows by its alias, and looks up no other keys in KMS', async () => {
      const alias = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/states`;
      const s3 = fakeS3(ACCOUNT, REGION);
      const requested: string[] = [];
      const aws = fakeAws({
        s3: s3.handlers,
        kms: {
          DescribeKey({ KeyId }) {
            requested.push(KeyId);
            return { KeyMetadata: { KeyId: 'k', Arn: KEY_ARN } };
          },
        },
      });
      const resource = stateBucket({ ...input, encryption: kms }, contextFor(aws.clients));
      await converge(resource);
      expect(requested).toEqual([]);
      change({ encryption: rule('aws:kms', alias) })(s3.buckets);
      expect((await find(resource)).changes).toEqual([]);
      expect(requested).toEqual([alias]);
      expect(resource.actions.read).toContainEqual({ actions: ['kms:DescribeKey'], resources: [KEY_ARN] });
      // A denied read must not be treated as a different key.
      aws.answer('kms:DescribeKey', 'denied');
      expect((await find(resource)).status).toBe('unread');
    });

    it('re-enables the bucket key of KMS', async () => {
      const { resource, state } = bench({ with: { encryption: kms } });
      await converge(resource);
      change({ encryption: rule('aws:kms', KEY_ARN, false) })(state);
      const { finding, result } = await converge(resource);
      expect(finding.changes).toEqual([{ kind: 'update', path: 'encryption.bucketKey', live: false, want: true }]);
      expect(result.outcome).toBe('updated');
    });

    it.each([
      ['KMS into AES256', input.encryption, rule('aws:kms', KEY_ARN)],
      ['KMS with the AWS managed key into AES256', input.encryption, rule('aws:kms')],
      ['two layers with one', kms, rule('aws:kms:dsse', KEY_ARN)],
    ])('never turns %s', async (_, wanted, live) => {
      const { aws, resource, state } = bench({ with: { encryption: wanted } });
      await converge(resource);
      change({ encryption: live })(state);
      aws.calls.length = 0;
      const { finding, result } = await converge(resource, { adopt: true, prune: true });
      expect([finding.status, result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
    });

    it('recognizes a key by its id', async () => {
      const { resource, state } = bench({ with: { encryption: kms } });
      await converge(resource);
      change({ encryption: rule('aws:kms', '1234abcd-12ab-34cd-56ef-1234567890ab') })(state);
      expect((await find(resource)).status).toBe('in-sync');
    });
  });

  describe('configuration added by others', () => {
    it('tags are kept, and AWS system tags are sent back', async () => {
      const { resource, state } = bench();
      await converge(resource);
      const foreignTags = [
        { Key: 'aws:cloudformation:stack-name', Value: 's' },
        { Key: 'Team', Value: 't' },
      ];
      change({ tags: [...foreignTags, { Key: 'ManagedBy', Value: 'crc' }] })(state);
      expect((await converge(resource)).result.outcome).toBe('updated');
      expect(bucketOf(state).tags).toEqual(expect.arrayContaining([...foreignTags, ...TAG_LIST]));
    });

    it('policy statements are kept verbatim', async () => {
      const { resource, state } = bench();
      await converge(resource);
      const foreignStatements = [
        { Sid: 'Audit', Effect: 'Allow', Principal: { AWS: ['1', '2'] }, NotAction: 's3:*', Resource: '*' },
        { Effect: 'Deny', Principal: '*', Action: 's3:*', NotResource: [ARN] },
      ];
      const widened = { ...TLS_ONLY, Effect: 'Allow' };
      change({
        policy: JSON.stringify({ Version: '2008-10-17', Id: 'x', Statement: [...foreignStatements, widened] }),
      })(state);
      const { finding } = await converge(resource);
      expect(finding.changes).toEqual([{ kind: 'update', path: 'policy.tlsOnly', live: false, want: true }]);
      expect(JSON.parse(bucketOf(state).policy ?? '')).toEqual({
        Version: '2008-10-17',
        Id: 'x',
        Statement: [...foreignStatements, TLS_ONLY],
      });
    });

    it('a policy that grants access to others and a rule that deletes states are warnings, and no drift', async () => {
      const { resource, state } = bench();
      await converge(resource);
      const open = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${ARN}/*` };
      const rule = { ID: 'tidy', Status: 'Enabled', Filter: { Prefix: 'github-oidc/' }, Expiration: { Days: 1 } };
      change({
        policy: JSON.stringify({ Version: '2012-10-17', Statement: [TLS_ONLY, open] }),
        lifecycle: [rule, RULE],
      })(state);
      expect(await find(resource)).toMatchObject({
        status: 'in-sync',
        warnings: [
          expect.stringMatching(/grants access to everyone.*If nobody needs it, remove the statement/),
          expect.stringMatching(/tidy deletes current states/),
        ],
      });
    });

    it('an equal TLS statement with a different Sid is enough', async () => {
      const { resource, state } = bench();
      await converge(resource);
      const equivalent = { ...TLS_ONLY, Sid: 'EnforcedTLS', Principal: { AWS: '*' }, Resource: [`${ARN}/*`, ARN] };
      change({ policy: JSON.stringify({ Version: '2012-10-17', Statement: [equivalent] }) })(state);
      expect((await find(resource)).status).toBe('in-sync');
    });

    it('lifecycle rules are kept, with the transition size', async () => {
      const { resource, state } = bench();
      await converge(resource);
      const other = { ID: 'logs', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 1 } };
      change({ lifecycle: [other], transitionSize: 'varies_by_storage_class' })(state);
      await converge(resource);
      expect(bucketOf(state).lifecycle).toEqual([other, RULE]);
      expect(bucketOf(state).transitionSize).toBe('varies_by_storage_class');
    });

    it('rules of others in the old format are sent back with an equivalent filter', async () => {
      const { resource, state } = bench();
      await converge(resource);
      const legacyRule = { ID: 'old', Status: 'Enabled', Prefix: 'logs/', Expiration: { Days: 30 } };
      change({ lifecycle: [legacyRule] })(state);
      expect((await converge(resource)).result.error).toBeUndefined();
      const { Prefix, ...rest } = legacyRule;
      expect(bucketOf(state).lifecycle).toEqual([{ ...rest, Filter: { Prefix } }, RULE]);
      expect((await find(resource)).status).toBe('in-sync');
    });

    it.each([
      ['the last rule', [RULE], undefined, 'DeleteBucketLifecycle'],
      ['its own rule only', [{ ID: 'x' }, RULE], [{ ID: 'x' }], 'PutBucketLifecycleConfiguration'],
    ])('removes %s when the config no longer has expiry', async (_, lifecycle, remaining, operation) => {
      const { aws, resource, state } = bench({ with: { noncurrentVersions: null } });
      await converge(resource);
      change({ lifecycle })(state);
      aws.calls.length = 0;
      const { finding } = await converge(resource);
      expect(finding.changes.map((entry) => 'path' in entry && entry.path)).toEqual([
        'noncurrentVersions.expireAfterDays',
        'noncurrentVersions.keep',
      ]);
      expect([writes(aws), bucketOf(state).lifecycle]).toEqual([[operation], remaining]);
      expect((await find(resource)).status).toBe('in-sync');
    });

    it.each([
      ['is narrowed to a prefix', { ...RULE, Filter: { Prefix: 'a/' } }],
      ['was changed to delete current states', { ...RULE, Expiration: { Days: 1 } }],
    ])("crc's own rule is fixed when it %s", async (_, tampered) => {
      const { resource, state } = bench();
      await converge(resource);
      change({ lifecycle: [tampered] })(state);
      await converge(resource);
      expect(bucketOf(state).lifecycle).toEqual([RULE]);
    });

    it("crc's own rule is a warning when it deletes current states and the config has no expiry", async () => {
      const { resource, state } = bench({ with: { noncurrentVersions: null } });
      await converge(resource);
      change({ lifecycle: [{ ...RULE, Expiration: { Days: 1 } }] })(state);
      expect((await find(resource)).warnings).toEqual([
        expect.stringMatching(/^the lifecycle rule crc-noncurrent-versions deletes current states 1 day after/),
        expect.stringMatching(/^the lifecycle rule crc-noncurrent-versions deletes earlier versions/),
      ]);
    });
  });

  describe('a bucket without the tag', () => {
    it('is configured if it is empty, because a killed run created it', async () => {
      const { resource, state } = bench();
      await converge(resource);
      change({ tags: undefined })(state);
      const { finding, result } = await converge(resource);
      expect([finding.status, result.outcome]).toEqual(['drifted', 'updated']);
    });

    it.each([
      ['without a project tag is configured if it is empty', { ManagedBy: 'crc' }, 'drifted'],
      [
        "with another project's is a conflict, even when it is empty",
        { ManagedBy: 'crc', 'crc:project': 'o' },
        'conflict',
      ],
      ['with only a project tag is a conflict, even if it is empty', { 'crc:project': 'o' }, 'conflict'],
    ])('%s', async (_, tags, status) => {
      const { resource, state } = bench();
      await converge(resource);
      change({ tags: toTagList(tags) })(state);
      expect((await find(resource)).status).toBe(status);
      expect((await resource.inspectRemoval())?.kept).toBeDefined();
    });

    it('is a conflict if it is not empty, until it is adopted', async () => {
      const { aws, resource, state } = bench();
      await converge(resource);
      change({ tags: undefined, versions: [{ key: 'a', versionId: '1', body: '' }], policy: undefined })(state);
      aws.calls.length = 0;
      const refused = await converge(resource);
      expect([refused.finding.status, refused.result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
      expect(refused.finding.changes.map((entry) => 'path' in entry && `${entry.kind} ${entry.path}`)).toEqual([
        'conflict tags.ManagedBy',
        'update tags.Project',
        'update tags.crc:project',
        'update policy.tlsOnly',
      ]);
      expect((await converge(resource, { adopt: true, prune: false })).result.outcome).toBe('updated');
      expect((await find(resource)).status).toBe('in-sync');
    });
  });

  it('sends the expected owner on every call that accepts it', async () => {
    const { aws, resource } = bench({ tagsOnCreate: false });
    await converge(resource);
    const withoutOwner = aws.calls.filter(({ input: sent }) => sent.ExpectedBucketOwner !== ACCOUNT);
    expect(withoutOwner.map(({ operation }) => operation)).toEqual(['CreateBucket']);
  });
});
