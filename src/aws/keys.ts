import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { CrcError } from '../errors.ts';
import { failedCall } from './calls.ts';
import type { Clients } from './clients.ts';
import { isNamed } from './error-names.ts';

/**
 * The ARN of the key that an alias currently refers to. @throws CrcError if the alias does not exist in the account and
 * region of the clients.
 */
export async function keyOfAlias(clients: Pick<Clients, 'kms' | 'load'>, alias: string): Promise<string> {
  await clients.load('kms');
  try {
    const { KeyMetadata } = await clients.kms.send(new DescribeKeyCommand({ KeyId: alias }));
    if (KeyMetadata?.Arn !== undefined) return KeyMetadata.Arn;
  } catch (error) {
    throw isNamed(error, ['NotFoundException']) ? noSuchAlias(alias, error) : error;
  }
  throw noSuchAlias(alias);
}

function noSuchAlias(alias: string, cause?: unknown): CrcError {
  const region = failedCall(cause)?.region;
  return new CrcError(`There is no KMS key with the alias ${alias}${region === undefined ? '' : ` in ${region}`}.`, {
    hint: 'It must be in the region of the bucket, where `aws kms list-aliases` shows those of the account. Correct "stateBucket.encryption.keyArn" in the config.',
    cause,
  });
}
