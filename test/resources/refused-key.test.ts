import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { refusedKey } from '../../src/resources/refused-key.ts';
import { ACCOUNT, contextFor, REGION } from '../helpers/context.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';

const BUCKET = 'abcdef-terraform-state';
const OLD = 'arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const NEW = 'arn:aws:kms:eu-west-2:123456789012:key/ffffabcd-12ab-34cd-56ef-1234567890ab';
const STATE_KEY = { Sid: 'CrcStateKey', Effect: 'Allow', Action: 'kms:Decrypt', Resource: OLD };
const CONFIG = { stateBucket: { name: BUCKET, region: REGION } } as Config;

const encryptedWith = (SSEAlgorithm: string, KMSMasterKeyID?: string) => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID },
});
const wants = (algorithm: string, keyArn: string | null = null) => ({ algorithm, keyArn, bucketKey: false });

/** Why a role with this policy keeps access to its key, and the calls that determined it. */
async function refusal(want: ReturnType<typeof wants>, encryption: object | undefined, policy: object = STATE_KEY) {
  const s3 = fakeS3(ACCOUNT, REGION);
  const objects = { owner: ACCOUNT, region: REGION, versions: [], uploads: [] };
  if (encryption !== undefined) s3.buckets.set(BUCKET, { ...objects, encryption });
  const aws = fakeAws({ s3: s3.handlers });
  const reason = await refusedKey(CONFIG, want, contextFor(aws.clients))({ Statement: [{ ...policy }] });
  return { reason, calls: aws.calls.map(({ operation }) => operation) };
}

describe("the permissions of a role for the bucket's key", () => {
  it.each([
    ['AES256', wants('AES256')],
    ["AWS's own key", wants('aws:kms')],
  ])('are kept if the config requests %s, which the bucket refuses', async (_, want) => {
    const { reason, calls } = await refusal(want, encryptedWith('aws:kms', OLD));
    expect(reason).toContain(`the bucket ${BUCKET} is still encrypted with ${OLD}`);
    expect(calls).toEqual(['GetBucketEncryption']);
  });

  it.each([
    ['the bucket is changed to another key', wants('aws:kms', NEW), encryptedWith('aws:kms', OLD)],
    ['the bucket no longer has a key', wants('AES256'), encryptedWith('AES256')],
    ['the bucket does not exist', wants('AES256'), undefined],
  ])('may be lost if %s', async (_, want, encryption) => {
    expect((await refusal(want, encryption)).reason).toBeUndefined();
  });

  it('need no calls if none is lost', async () => {
    expect(await refusal(wants('aws:kms', OLD), undefined)).toEqual({ reason: undefined, calls: [] });
    const other = { ...STATE_KEY, Sid: 'Mine' };
    expect(await refusal(wants('AES256'), undefined, other)).toEqual({ reason: undefined, calls: [] });
  });
});
