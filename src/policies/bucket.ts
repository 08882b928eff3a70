import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../json.ts';
import { asJson, canonicalStatement } from './canonical.ts';
import type { Statement } from './document.ts';

/** A bucket policy as returned by S3. All statements except crc's own belong to others. */
export interface BucketPolicy {
  readonly [element: string]: Json;
}

const SID = 'CrcTlsOnly';

/** Denies every request without TLS (https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html). */
function tlsOnlyStatement(bucketArn: string): Statement {
  return {
    Sid: SID,
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/**
 * Whether the policy denies requests without TLS: by crc's own statement, or by any other with the same content. A
 * statement with crc's Sid but different content never counts.
 */
export function isTlsOnly(policy: BucketPolicy | undefined, bucketArn: string): boolean {
  const wanted = withoutSid(asJson(tlsOnlyStatement(bucketArn)));
  const statements = statementsOf(policy);
  const same = statements.map((statement) => isDeepStrictEqual(withoutSid(statement), wanted));
  return same.some(Boolean) && statements.every((statement, index) => sidOf(statement) !== SID || same[index] === true);
}

/** The policy with crc's statement added or replaced, and all others unchanged. */
export function withTlsOnly(policy: BucketPolicy | undefined, bucketArn: string): BucketPolicy {
  const otherStatements = statementsOf(policy).filter((statement) => sidOf(statement) !== SID);
  return {
    // The version applies to all statements; changing it could change what others' statements mean.
    ...(policy ?? { Version: '2012-10-17' }),
    Statement: [...otherStatements, asJson(tlsOnlyStatement(bucketArn))],
  };
}

function statementsOf(policy: BucketPolicy | undefined): readonly Json[] {
  const statements = policy?.Statement ?? [];
  return Array.isArray(statements) ? statements : [statements];
}

function sidOf(statement: Json): Json {
  return isJsonObject(statement) ? (statement.Sid ?? null) : null;
}

function withoutSid(statement: Json): Json {
  if (!isJsonObject(statement)) return statement;
  const { Sid: _, ...rest } = statement;
  return canonicalStatement(rest);
}
