import { describe, expect, it } from 'vitest';
import { actionsOf, grant } from '../../src/aws/actions.ts';
import { bucketArn, providerArn, roleArn, tableArn } from '../../src/aws/arns.ts';
import { orAbsent } from '../../src/aws/error-names.ts';
import { Disagreement, readTogether } from '../../src/aws/read-together.ts';
import { issuerOf } from '../../src/policies/trust.ts';

const failed = (name: string) => Promise.reject(Object.assign(new Error(name), { name }));

describe('readTogether', () => {
  it('returns all answers', async () => {
    expect(await readTogether(Promise.resolve('a'), [Promise.resolve(1), Promise.resolve(true)])).toEqual([
      'a',
      1,
      true,
    ]);
  });

  it('is absent when the first read reports absence, whatever the other reads return', async () => {
    expect(await readTogether(Promise.resolve(undefined), [failed('NoSuchBucket')])).toBeUndefined();
  });

  it('rejects a reported absence if other reads prove the resource exists', async () => {
    const absent = Promise.resolve(undefined);
    const options = { siblingsProve: true };
    await expect(readTogether(absent, [failed('NoSuchBucket'), Promise.resolve({})], options)).rejects.toThrow(
      Disagreement,
    );
    expect(await readTogether(absent, [failed('NoSuchBucket')], options)).toBeUndefined();
    expect(await readTogether(absent, [Promise.resolve({})])).toBeUndefined();
  });

  it('throws for any other answer', async () => {
    await expect(readTogether(failed('Denied'), [Promise.resolve(1)])).rejects.toThrow('Denied');
    await expect(readTogether(Promise.resolve('a'), [Promise.resolve(1), failed('Throttled')])).rejects.toThrow(
      'Throttled',
    );
  });
});

describe('orAbsent', () => {
  it('accepts only the named error as absence', async () => {
    expect(await orAbsent(failed('NoSuchTagSet'), ['NoSuchTagSet'], 'none')).toBe('none');
    expect(await orAbsent(Promise.resolve('some'), ['NoSuchTagSet'], 'none')).toBe('some');
    await expect(orAbsent(failed('AccessDenied'), ['NoSuchTagSet'], 'none')).rejects.toThrow('AccessDenied');
  });

  it('also recognizes the spelling of IAM', async () => {
    const error = Object.assign(new Error(), { name: 'Whatever', Code: 'NoSuchEntity' });
    expect(await orAbsent(Promise.reject(error), ['NoSuchEntity'], 'none')).toBe('none');
  });
});

describe('ARNs', () => {
  it.each([
    ['eu-west-2', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ])('in %s begin with %s', (region, partition) => {
    const location = { accountId: '123456789012', region };
    expect([
      bucketArn(location, 'b'),
      tableArn(location, 't'),
      roleArn(location, 'r'),
      providerArn(location, 'https://token.actions.githubusercontent.com/acme'),
    ]).toEqual([
      `arn:${partition}:s3:::b`,
      `arn:${partition}:dynamodb:${region}:123456789012:table/t`,
      `arn:${partition}:iam::123456789012:role/r`,
      `arn:${partition}:iam::123456789012:oidc-provider/token.actions.githubusercontent.com/acme`,
    ]);
  });

  it('name a provider without its scheme', () => {
    expect(issuerOf('https://token.actions.githubusercontent.com')).toBe('token.actions.githubusercontent.com');
  });
});

describe('IAM actions', () => {
  it.each([
    ['s3', 'HeadBucket', ['s3:ListBucket']],
    ['s3', 'GetBucketVersioning', ['s3:GetBucketVersioning']],
    ['s3', 'DeleteBucketLifecycle', ['s3:PutLifecycleConfiguration']],
    ['iam', 'GetRole', ['iam:GetRole']],
    ['dynamodb', 'CreateTable', ['dynamodb:CreateTable', 'dynamodb:TagResource']],
  ] as const)('of %s:%s', (service, operation, actions) => {
    expect(actionsOf(service, operation)).toEqual(actions);
  });

  it('are granted once each', () => {
    expect(grant('s3', ['PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle'], 'arn')).toEqual({
      actions: ['s3:PutLifecycleConfiguration'],
      resources: ['arn'],
    });
  });
});
