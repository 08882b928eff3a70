import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/json.ts';
import { bucketWarnings } from '../../../src/resources/state-bucket/warnings.ts';

const withoutWarnings = {
  policy: undefined,
  lifecycleRules: [],
  accountId: '123456789012',
  keys: ['app/terraform.tfstate'],
  workspaces: ['env:'],
};
const ofRule = (rule: Partial<LifecycleRule>, keys = withoutWarnings.keys) =>
  bucketWarnings({ ...withoutWarnings, keys, lifecycleRules: [{ ID: 'tidy', Status: 'Enabled', ...rule }] });
const Expiration = { Days: 30 };

describe('warnings of the state bucket', () => {
  it('are empty for a bucket that no one else has changed', () => {
    expect(bucketWarnings(withoutWarnings)).toEqual([]);
  });

  it('the states of another project, which the roles would get permissions on', () => {
    expect(bucketWarnings({ ...withoutWarnings, otherProject: 'shop' })).toEqual([
      expect.stringMatching(/get permissions on states in the bucket of the project shop \(app\/terraform\.tfstate\)/),
    ]);
    expect(bucketWarnings({ ...withoutWarnings, keys: [], otherProject: 'shop' })).toEqual([]);
  });

  it('a policy that grants access to others: to whom, in which statement, and a fix', () => {
    const Statement: Json[] = [
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject' },
      { Sid: 'Share', Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: 's3:*' },
    ];
    expect(bucketWarnings({ ...withoutWarnings, policy: { Statement } })).toEqual([
      expect.stringMatching(
        /grants access to everyone \(a statement without a Sid: s3:GetObject\), and state files contain secrets\. If nobody needs it, remove the statement/,
      ),
      expect.stringMatching(/grants access to the account 210987654321 \(Sid Share: s3:\*\)/),
    ]);
  });

  it.each<[string, Partial<LifecycleRule>, RegExp]>([
    [
      'everything',
      { Filter: { Prefix: '' }, Expiration },
      /^the lifecycle rule tidy deletes current states 30 days after/,
    ],
    ['after one day', { Expiration: { Days: 1 } }, /deletes current states 1 day after their last change/],
    ['everything, in the legacy format', { Prefix: '', Expiration }, /deletes current states/],
    ['everything, without a filter', { Expiration }, /deletes current states/],
    ['on a date', { Expiration: { Date: new Date(0) } }, /deletes current states on a fixed date/],
    ['a folder of the config', { Filter: { Prefix: 'app/' }, Expiration }, /deletes current states/],
    [
      'a folder and a size',
      { Filter: { And: { Prefix: 'app/', ObjectSizeGreaterThan: 1 } }, Expiration },
      /deletes current states/,
    ],
    ['the workspaces', { Filter: { Prefix: 'env:/dev/' }, Expiration }, /deletes current states/],
    [
      'an archive',
      { Transitions: [{ Days: 1, StorageClass: 'DEEP_ARCHIVE' }] },
      /moves current states to DEEP_ARCHIVE/,
    ],
    [
      'noncurrent versions',
      { NoncurrentVersionExpiration: { NoncurrentDays: 7 } },
      /deletes earlier versions of states after 7 days.*stateBucket\.noncurrentVersions/,
    ],
  ])('a lifecycle rule for %s', (_, rule, message) => {
    expect(ofRule(rule)).toEqual([expect.stringMatching(message)]);
  });

  it.each<[string, Partial<LifecycleRule>]>([
    ['that is off', { Status: 'Disabled', Expiration }],
    ['for a different folder', { Filter: { Prefix: 'logs/' }, Expiration }],
    ['for objects with a tag', { Filter: { Tag: { Key: 'a', Value: 'b' } }, Expiration }],
    ['for objects with tags', { Filter: { And: { Prefix: '', Tags: [{ Key: 'a', Value: 'b' }] } }, Expiration }],
    ['for markers', { Expiration: { ExpiredObjectDeleteMarker: true } }],
    ['for uploads', { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
    ['for a class that reads as before', { Transitions: [{ Days: 1, StorageClass: 'STANDARD_IA' }] }],
  ])('do not include a lifecycle rule %s', (_, rule) => {
    expect(ofRule(rule)).toEqual([]);
  });

  it('without a state in the config, about rules for the whole bucket', () => {
    expect(ofRule({ Expiration }, [])).toHaveLength(1);
    expect(ofRule({ Filter: { Prefix: 'app/' }, Expiration }, [])).toEqual([]);
  });
});
