import { describe, expect, it } from 'vitest';
import { type BucketPolicy, isTlsOnly, withTlsOnly } from '../../src/policies/bucket.ts';

const ARN = 'arn:aws-cn:s3:::b';
const CRC_STATEMENT = {
  Sid: 'CrcTlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [ARN, `${ARN}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement }) as unknown as BucketPolicy;

describe('TLS only', () => {
  it.each<[string, BucketPolicy | undefined, boolean]>([
    ['no policy', undefined, false],
    ['an empty policy', policy(), false],
    ['crc’s statement', policy(CRC_STATEMENT), true],
    [
      'crc’s statement, a single one',
      { Version: '2012-10-17', Statement: CRC_STATEMENT } as unknown as BucketPolicy,
      true,
    ],
    [
      'a different spelling',
      policy({ ...CRC_STATEMENT, Principal: { AWS: ['*'] }, Resource: [`${ARN}/*`, ARN] }),
      true,
    ],
    ['a different name', policy({ ...CRC_STATEMENT, Sid: 'EnforcedTLS' }), true],
    [
      'a different name, with a boolean',
      policy({ ...CRC_STATEMENT, Sid: undefined, Condition: { Bool: { 'aws:SecureTransport': false } } }),
      true,
    ],
    ['an Allow of that name', policy({ ...CRC_STATEMENT, Effect: 'Allow' }), false],
    ['the bucket without its objects', policy({ ...CRC_STATEMENT, Resource: ARN }), false],
    ['only reads', policy({ ...CRC_STATEMENT, Action: 's3:GetObject' }), false],
    [
      'one condition more',
      policy({ ...CRC_STATEMENT, Condition: { ...CRC_STATEMENT.Condition, IpAddress: { 'aws:SourceIp': '1.2.3.4' } } }),
      false,
    ],
    [
      'a correct one of another owner, and a wrong one with crc’s name',
      policy({ ...CRC_STATEMENT, Sid: 'X' }, { ...CRC_STATEMENT, Effect: 'Allow' }),
      false,
    ],
  ])('%s: %s', (_, live, expected) => {
    expect(isTlsOnly(live, ARN)).toBe(expected);
  });

  it('is complete after it was set, with everything else unchanged', () => {
    const foreignStatements = [
      { Sid: 'A', Effect: 'Allow', Principal: { AWS: ['2', '1', '1'] }, NotAction: [], Resource: '*' },
    ];
    const live = {
      Version: '2008-10-17',
      Id: 'x',
      Statement: [...foreignStatements, { ...CRC_STATEMENT, Effect: 'Allow' }],
    };
    const set = withTlsOnly(live as unknown as BucketPolicy, ARN);
    expect(set).toEqual({ Version: '2008-10-17', Id: 'x', Statement: [...foreignStatements, CRC_STATEMENT] });
    expect(isTlsOnly(set, ARN)).toBe(true);
    expect(withTlsOnly(undefined, ARN)).toEqual(policy(CRC_STATEMENT));
  });

  it('keeps statements of others verbatim, and the policy version that they use', () => {
    // Without a version, "${aws:username}" is plain text for IAM. With a version, it is a variable.
    const other = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:Get*',
      Resource: `${ARN}/\${aws:username}/*`,
      Sid: 'A',
    };
    const single = withTlsOnly({ Statement: other } as unknown as BucketPolicy, ARN);
    expect(JSON.stringify(single)).toBe(JSON.stringify({ Statement: [other, CRC_STATEMENT] }));
    expect(isTlsOnly(single, ARN)).toBe(true);
  });

  it('is added once, however often it runs', () => {
    const once = withTlsOnly(policy({ Sid: 'A', Effect: 'Deny', Action: '*' }), ARN);
    expect(withTlsOnly(once, ARN)).toEqual(once);
    expect(withTlsOnly(policy(CRC_STATEMENT, { ...CRC_STATEMENT, Action: 's3:Get*' }), ARN)).toEqual(
      policy(CRC_STATEMENT),
    );
  });
});
