import {
  ARNS,
  type CallAnswers,
  COMPOSED,
  CREATES,
  deniedMessage,
  headError,
  type Never,
  never,
  page,
  READS,
  REPORTED,
  type RecordedAnswer,
  s3Error,
} from './answer.ts';

const SNAPSHOT = 'LocalStack, AWS-validated snapshots of tests/aws/services/s3 (8b9a79f)';
const CODES = `name and status: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html${COMPOSED}`;
const OF_BUCKET = '<BucketName>abcdef-terraform-state</BucketName>';

const noSuchBucket = s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', SNAPSHOT, OF_BUCKET);
const noSuchKey = s3Error(404, 'NoSuchKey', 'The specified key does not exist.', SNAPSHOT, '<Key>k</Key>');
const slowDown = s3Error(503, 'SlowDown', 'Please reduce your request rate.', CODES);
const operationAborted = s3Error(
  409,
  'OperationAborted',
  'A conflicting conditional operation is currently in progress against this resource. Please try again.',
  CODES,
);
/** Answers that any call may get. */
const FAILURES = {
  'internal-error': s3Error(500, 'InternalError', 'We encountered an internal error. Please try again.', CODES),
  unavailable: s3Error(503, 'ServiceUnavailable', 'Service is unable to handle request.', CODES),
  'too-many-requests': s3Error(
    429,
    'TooManyRequests',
    'Too many requests.',
    `status: https://www.rfc-editor.org/rfc/rfc6585#section-4${COMPOSED}`,
  ),
};
const OBJECTS_ARE_FREE = never('S3 orders writes to objects itself; only writes to the bucket meet each other');

const ok = (body: string, source: string, headers = {}): RecordedAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body,
  source,
});

function call(
  operation: string,
  answers: { readonly absent: RecordedAnswer | Never; readonly busy: RecordedAnswer | Never } & Readonly<
    Record<string, RecordedAnswer | Never>
  >,
  resource: string = ARNS.bucket,
): CallAnswers {
  const denied = s3Error(
    403,
    'AccessDenied',
    deniedMessage('s3', operation, `"${resource}"`),
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html',
  );
  return { denied, throttled: slowDown, ...FAILURES, ...answers };
}

const setting = (operation: string, code: string, message: string, source = SNAPSHOT): CallAnswers =>
  call(operation, {
    absent: s3Error(404, code, message, source, OF_BUCKET),
    busy: READS,
    'no-bucket': noSuchBucket,
    'in-another-region': s3Error(
      301,
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      CODES,
      `<Endpoint>abcdef-terraform-state.s3.us-west-1.amazonaws.com</Endpoint><Bucket>abcdef-terraform-state</Bucket>`,
    ),
  });
const write = (operation: string, more: Readonly<Record<string, RecordedAnswer>> = {}): CallAnswers =>
  call(operation, { absent: noSuchBucket, busy: operationAborted, ...more });

const CONDITIONAL = `names and status: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html${COMPOSED}`;
const preconditionFailed = s3Error(
  412,
  'PreconditionFailed',
  'At least one of the pre-conditions you specified did not hold',
  CONDITIONAL,
);
const conditionalConflict = s3Error(
  409,
  'ConditionalRequestConflict',
  'The conditional request cannot succeed due to a conflicting operation against this resource.',
  CONDITIONAL,
);

/** The lock of a version. `absent` if it never had one. */
const ofVersion = (operation: string): CallAnswers =>
  call(
    operation,
    {
      absent: s3Error(
        404,
        'NoSuchObjectLockConfiguration',
        'The specified object does not have a ObjectLock configuration',
        SNAPSHOT,
      ),
      'no-version': s3Error(404, 'NoSuchVersion', 'The specified version does not exist.', CODES),
      'no-lock-on-the-bucket': s3Error(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration', SNAPSHOT),
      busy: READS,
    },
    `${ARNS.bucket}/k`,
  );

const HEAD: Readonly<Record<string, RecordedAnswer | Never>> = {
  denied: headError(403, 'HEAD answers have no body: facts measured with the SDK'),
  throttled: headError(503, 'HEAD answers have no body: facts measured with the SDK'),
};

/** Answers of S3. */
export const S3: Readonly<Record<string, CallAnswers>> = {
  ListBuckets: call('ListBuckets', { absent: never('the list is empty'), busy: READS }),
  HeadBucket: call('HeadBucket', {
    ...HEAD,
    absent: headError(404, SNAPSHOT),
    busy: READS,
    'in-another-region': headError(301, 'aws-sdk-js-v3#5388', { 'x-amz-bucket-region': 'us-west-1' }),
    'bad-request-elsewhere': headError(400, 'aws-sdk-js-v3#7304', { 'x-amz-bucket-region': 'us-west-1' }),
    'bad-request': headError(400, 'aws-sdk-js-v3#7304'),
    'moved-unknown': headError(301, 'aws-sdk-js-v3#5388'),
    redirect: page(302, { location: 'http://portal.example/login' }),
  }),
  HeadObject: call('HeadObject', {
    ...HEAD,
    absent: headError(404, SNAPSHOT),
    busy: READS,
    'held-and-retained': {
      status: 200,
      headers: {
        'content-length': '2',
        etag: '"99914b932bd37a50b983c5e7c90ae93b"',
        'last-modified': 'Wed, 01 Oct 2025 10:00:00 GMT',
        'x-amz-object-lock-mode': 'COMPLIANCE',
        'x-amz-object-lock-retain-until-date': '2099-01-01T00:00:00Z',
        'x-amz-object-lock-legal-hold': 'ON',
        'x-amz-version-id': 'v1',
      },
      body: '',
      source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html',
    },
  }),
  GetObject: call('GetObject', { absent: noSuchKey, busy: READS }, `${ARNS.bucket}/k`),
  GetObjectRetention: ofVersion('GetObjectRetention'),
  GetObjectLegalHold: ofVersion('GetObjectLegalHold'),
  ListObjectVersions: call('ListObjectVersions', { absent: noSuchBucket, busy: READS }),
  ListMultipartUploads: call('ListMultipartUploads', { absent: noSuchBucket, busy: READS }),
  GetBucketVersioning: call('GetBucketVersioning', {
    absent: ok(
      '<?xml version="1.0" encoding="UTF-8"?>\n<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>',
      SNAPSHOT,
    ),
    busy: READS,
    'no-bucket': noSuchBucket,
  }),
  GetObjectLockConfiguration: {
    ...setting(
      'GetObjectLockConfiguration',
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    ),
    'no-default-rule': ok(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>',
      SNAPSHOT,
    ),
  },
  GetBucketEncryption: setting(
    'GetBucketEncryption',
    'ServerSideEncryptionConfigurationNotFoundError',
    'The server side encryption configuration was not found',
    `name: measured with the SDK${COMPOSED}`,
  ),
  GetPublicAccessBlock: setting(
    'GetPublicAccessBlock',
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
  ),
  GetBucketOwnershipControls: setting(
    'GetBucketOwnershipControls',
    'OwnershipControlsNotFoundError',
    'The bucket ownership controls were not found',
  ),
  GetBucketPolicy: setting('GetBucketPolicy', 'NoSuchBucketPolicy', 'The bucket policy does not exist'),
  GetBucketTagging: setting('GetBucketTagging', 'NoSuchTagSet', 'The TagSet does not exist'),
  GetBucketLifecycleConfiguration: {
    ...setting(
      'GetBucketLifecycleConfiguration',
      'NoSuchLifecycleConfiguration',
      'The lifecycle configuration does not exist',
    ),
    'rule-of-version-1': ok(
      '<?xml version="1.0" encoding="UTF-8"?>\n<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><Expiration><Days>30</Days></Expiration><ID>old</ID><Prefix>logs/</Prefix><Status>Enabled</Status></Rule></LifecycleConfiguration>',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html',
    ),
  },
  CreateBucket: call('CreateBucket', {
    absent: CREATES,
    busy: operationAborted,
    'already-yours': s3Error(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      SNAPSHOT,
      OF_BUCKET,
    ),
    taken: s3Error(
      409,
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      CODES,
      OF_BUCKET,
    ),
    'too-many': s3Error(400, 'TooManyBuckets', 'You have attempted to create more buckets than allowed', CODES),
  }),
  PutBucketTagging: write('PutBucketTagging', {
    'attribute-based-access-control': s3Error(
      400,
      'InvalidRequest',
      'PutBucketTagging is not supported for buckets that have ABAC enabled. Use TagResource.',
      `refused, by https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html; name, status and all${COMPOSED}`,
    ),
  }),
  PutBucketVersioning: write('PutBucketVersioning'),
  PutObjectLockConfiguration: write('PutObjectLockConfiguration', {
    'not-versioned': s3Error(
      409,
      'InvalidBucketState',
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
      SNAPSHOT,
    ),
  }),
  PutBucketEncryption: write('PutBucketEncryption'),
  PutPublicAccessBlock: write('PutPublicAccessBlock'),
  PutBucketOwnershipControls: write('PutBucketOwnershipControls', {
    acl: s3Error(
      400,
      'InvalidBucketAclWithObjectOwnership',
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
      CODES,
    ),
  }),
  PutBucketPolicy: write('PutBucketPolicy', {
    public: s3Error(
      403,
      'AccessDenied',
      'User: arn:aws:iam::123456789012:user/u is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::abcdef-terraform-state" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
      REPORTED,
    ),
  }),
  PutBucketLifecycleConfiguration: write('PutBucketLifecycleConfiguration', {
    'filter-beside-version-1': s3Error(
      400,
      'InvalidRequest',
      'Filter element can only be used in Lifecycle V2.',
      REPORTED,
    ),
  }),
  DeleteBucketLifecycle: write('DeleteBucketLifecycle'),
  DeleteBucket: write('DeleteBucket', {
    'not-empty': s3Error(
      409,
      'BucketNotEmpty',
      'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
      SNAPSHOT,
      OF_BUCKET,
    ),
  }),
  AbortMultipartUpload: call(
    'AbortMultipartUpload',
    {
      absent: s3Error(
        404,
        'NoSuchUpload',
        'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
        SNAPSHOT,
      ),
      busy: OBJECTS_ARE_FREE,
    },
    `${ARNS.bucket}/k`,
  ),
  PutObject: call(
    'PutObject',
    {
      absent: noSuchBucket,
      busy: OBJECTS_ARE_FREE,
      'condition-failed': preconditionFailed,
      'at-once': conditionalConflict,
      // With If-Match, if the object was deleted:
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      'no-key': noSuchKey,
    },
    `${ARNS.bucket}/k`,
  ),
  DeleteObject: call(
    'DeleteObject',
    {
      absent: noSuchKey,
      busy: OBJECTS_ARE_FREE,
      'condition-failed': preconditionFailed,
      'at-once': conditionalConflict,
    },
    `${ARNS.bucket}/k`,
  ),
  DeleteObjects: call(
    'DeleteObjects',
    {
      absent: noSuchBucket,
      busy: OBJECTS_ARE_FREE,
      retained: ok(
        '<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Error><Key>github-oidc/terraform.tfstate</Key><VersionId>v1</VersionId><Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message></Error></DeleteResult>',
        SNAPSHOT,
      ),
    },
    `${ARNS.bucket}/k`,
  ),
};
