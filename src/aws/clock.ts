import { asAwsError, isNamed, says } from './error-names.ts';

const CLOCK = ['RequestTimeTooSkewed', 'RequestInTheFuture'];
const SIGNATURE = ['SignatureDoesNotMatch', 'InvalidSignatureException'];

/** The error text of STS, IAM and the JSON services, whose error name is also used for a wrong key. */
const SIGNATURE_OF_ANOTHER_TIME = /^Signature (expired|not yet current): /;

/** The times in such a message: of the signature, the limit, and of AWS. */
const TIMES = /(\d{8}T\d{6}Z)[^(]*\((\d{8}T\d{6}Z)/;

/** Whether AWS rejected a request because the clock of this machine is wrong. */
export function isClockProblem(error: unknown): boolean {
  return isNamed(error, CLOCK) || (isNamed(error, SIGNATURE) && says(error, SIGNATURE_OF_ANOTHER_TIME));
}

/** `55 minutes behind`: how far this machine's clock is from AWS's, if the answer shows it. */
export function clockDifference(error: unknown, now = Date.now()): string | undefined {
  const { message = '', $response } = asAwsError(error);
  const [, signed, theirs] = TIMES.exec(message) ?? [];
  const date = $response?.headers?.date;
  const difference =
    signed !== undefined && theirs !== undefined
      ? instant(signed) - instant(theirs)
      : date === undefined
        ? Number.NaN
        : now - Date.parse(date);
  const minutes = Math.round(Math.abs(difference) / 60_000);
  if (Number.isNaN(minutes) || minutes === 0) return undefined;
  const amount = minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return `${amount} ${difference < 0 ? 'behind' : 'ahead of'}`;
}

/** `20261125T210000Z` */
function instant(compact: string): number {
  return Date.parse(compact.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
