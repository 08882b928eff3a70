import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import type { Json } from '../../src/json.ts';
import { asJson } from '../../src/policies/canonical.ts';
import { terraformPolicy } from '../../src/policies/terraform.ts';
import { droppedLockTable } from '../../src/resources/dropped-lock-table.ts';
import { ACCOUNT, contextFor, READ_ONLY_RUN, REGION } from '../helpers/context.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';

const BUCKET = 'abcdef-terraform-state';
const LOCKS = 'abcdef-terraform-locking';
const APP = 'Visitors';
const arnOf = (table: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}`;

/** What a role had with the lock table, and with row-level access to a table of the application. */
const policy = (access: 'read' | 'write', statements: readonly object[] = []) =>
  asJson(
    terraformPolicy({
      accountId: ACCOUNT,
      bucket: BUCKET,
      bucketArn: `arn:aws:s3:::${BUCKET}`,
      lockTableArn: arnOf(LOCKS),
      state: [{ key: 'a', access }],
      statements,
    }) ?? {},
  );
const ROWS = {
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: arnOf(APP),
  Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['me'] } },
};

/** The tables that were read to find out whether the policy must be kept. */
async function scanned(lockTable: string | undefined, live: Json): Promise<readonly string[]> {
  const aws = fakeAws({ dynamodb: fakeDynamoDb().handlers });
  const config = {
    stateBucket: { name: BUCKET, region: REGION },
    lockTable: lockTable === undefined ? undefined : { name: lockTable },
  } as Config;
  await droppedLockTable(config, contextFor(aws.clients), READ_ONLY_RUN)(live);
  return aws.calls.map(({ operation, input }) => `${operation} ${(input as { TableName: string }).TableName}`);
}

describe('a lock table that the config does not name any more', () => {
  it.each(['read', 'write'] as const)('is found in the policy of a role that may %s', async (access) => {
    expect(await scanned(undefined, policy(access))).toEqual([`Scan ${LOCKS}`]);
    expect(await scanned('another-table', policy(access))).toEqual([`Scan ${LOCKS}`]);
    expect(await scanned(LOCKS, policy(access))).toEqual([]);
  });

  it('is never a table of the application, whatever rows a statement of the user names', async () => {
    expect(await scanned(LOCKS, policy('write', [ROWS]))).toEqual([]);
    expect(await scanned(undefined, policy('write', [ROWS]))).toEqual([`Scan ${LOCKS}`]);
  });
});
