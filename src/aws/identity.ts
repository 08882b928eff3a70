import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { Cancelled, CrcError } from '../errors.ts';
import type { Clients } from './clients.ts';
import { explain } from './explain.ts';

/**
 * The account of the credentials. @throws CrcError if they are missing, expired or rejected, if AWS cannot be reached,
 * or if the config names a different account.
 */
export async function accountOf(
  { sts }: Pick<Clients, 'sts'>,
  expected: string | undefined,
  profile?: string,
): Promise<string> {
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
    throw error instanceof Cancelled ? error : explain(error, undefined, profile);
  });
  if (Account === undefined) {
    throw new CrcError('AWS did not return the account of these credentials.', {
      hint: 'Check the endpoint (--endpoint-url, AWS_ENDPOINT_URL).',
    });
  }
  if (expected !== undefined && expected !== Account) {
    const source = profile === undefined ? 'These credentials are' : `The AWS profile ${JSON.stringify(profile)} is`;
    throw new CrcError(`${source} for account ${Account}, but the config is for account ${expected}.`, {
      hint: `Nothing was changed. Choose a profile of ${expected} with --profile. Change accountId only if the config is meant for ${Account}. You are ${Arn}.`,
    });
  }
  return Account;
}
