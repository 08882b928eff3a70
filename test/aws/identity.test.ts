import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { accountOf } from '../../src/aws/identity.ts';
import { CrcError } from '../../src/errors.ts';

const sts = new STSClient({ region: 'eu-west-2' });
const aws = mockClient(sts);
const ARN = 'arn:aws:iam::123456789012:user/me';

beforeEach(() => {
  aws.reset();
  aws.on(GetCallerIdentityCommand).resolves({ Account: '123456789012', Arn: ARN });
});

async function failureOf(expected?: string, profile?: string): Promise<CrcError> {
  const error: unknown = await accountOf({ sts }, expected, profile).catch((thrown: unknown) => thrown);
  if (!(error instanceof CrcError)) throw new Error(`no CrcError: ${String(error)}`);
  return error;
}

describe('the account of the credentials', () => {
  it.each([undefined, '123456789012'])('is what AWS reports when the config says %s', async (expected) => {
    expect(await accountOf({ sts }, expected)).toBe('123456789012');
  });

  it('is refused when the config is for another account, with both accounts and the caller', async () => {
    const { message, hint } = await failureOf('999999999999');
    expect(message).toBe('These credentials are for account 123456789012, but the config is for account 999999999999.');
    expect(hint).toMatch(
      /^Nothing was changed\..*of 999999999999.*Change accountId only if the config is meant for 123456789012/,
    );
    expect(hint).toContain(ARN);
  });

  it('is refused with the profile in use', async () => {
    const { message } = await failureOf('999999999999', 'work');
    expect(message).toBe(
      'The AWS profile "work" is for account 123456789012, but the config is for account 999999999999.',
    );
  });

  it('is never guessed', async () => {
    aws.on(GetCallerIdentityCommand).resolves({});
    expect((await failureOf('123456789012')).message).toMatch(/did not return the account/);
  });

  it('is an error with a fix when AWS does not accept the credentials', async () => {
    const error = Object.assign(new Error('The security token included in the request is expired'), {
      name: 'ExpiredToken',
    });
    aws.on(GetCallerIdentityCommand).rejects(error);
    const { message, hint } = await failureOf();
    expect(message).toBe('The AWS credentials have expired.');
    expect(hint).toMatch(/^Log in/);
  });
});
