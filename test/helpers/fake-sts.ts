import { ACCOUNT } from './context.ts';
import type { Handlers } from './fake-aws.ts';

/** A fake of STS for a user of the account. */
export function fakeSts(): Handlers {
  return { GetCallerIdentity: () => ({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/me` }) };
}
