import { describe, expect, it } from 'vitest';
import { policiesOf } from '../../../src/init/account/policies.ts';
import type { Json } from '../../../src/json.ts';
import { asJson } from '../../../src/policies/canonical.ts';
import { type StateAccess, terraformPolicy } from '../../../src/policies/terraform.ts';

const BUCKET_ARN = 'arn:aws:s3:::ada-tfstate';
const SITE = { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::site/*' };
const document = (...Statement: readonly Json[]): Json => ({ Version: '2012-10-17', Statement });

describe('the inline policies of a role as a config', () => {
  it('are the same statements, by the names of the policies', () => {
    expect(
      policiesOf(
        [
          { name: 'B', document: { Version: '2012-10-17', Statement: SITE } },
          { name: 'TerraformPolicy', document: document(SITE, { ...SITE, Sid: 'Two' }) },
        ],
        BUCKET_ARN,
      ),
    ).toEqual({
      policyName: 'TerraformPolicy',
      state: [],
      crc: [],
      statements: [SITE, { ...SITE, Sid: 'Two' }],
      inlinePolicies: { B: [SITE] },
    });
  });

  it('are no policy if there are none', () => {
    expect(policiesOf([], BUCKET_ARN)).toMatchObject({ policyName: undefined, statements: [], inlinePolicies: {} });
  });

  it('written by crc become the states that they were generated from', () => {
    const state: readonly StateAccess[] = [
      { key: 'site/terraform.tfstate', access: 'write', workspaceKeyPrefix: 'env:' },
      { key: 'net', access: 'read', workspaceKeyPrefix: 'w' },
    ];
    const live = terraformPolicy({
      accountId: '123456789012',
      bucket: 'ada-tfstate',
      bucketArn: BUCKET_ARN,
      keyArn: 'arn:aws:kms:eu-west-2:123456789012:key/k',
      lockTableArn: 'arn:aws:dynamodb:eu-west-2:123456789012:table/t',
      state,
      statements: [SITE],
    });
    const policies = policiesOf(
      [
        { name: 'A', document: document(SITE) },
        { name: 'State', document: asJson(live ?? {}) },
      ],
      BUCKET_ARN,
    );
    expect(policies).toEqual({
      policyName: 'State',
      state: [
        { key: 'site/terraform.tfstate', access: 'write' },
        { key: 'net', access: 'read', workspaceKeyPrefix: 'w' },
      ],
      crc: [],
      statements: [SITE],
      inlinePolicies: { A: [SITE] },
    });
  });

  it('with statements for crc commands become the names of the commands', () => {
    const command = (Sid: string, ...Action: readonly string[]) => ({ Sid, Effect: 'Allow', Action, Resource: '*' });
    const live = document(
      command('CrcCommand1', 's3:GetEncryptionConfiguration', 'iam:GetRole'),
      command('CrcCommand2', 'iam:GetAccountAuthorizationDetails'),
    );
    expect(policiesOf([{ name: 'V', document: live }], BUCKET_ARN)).toMatchObject({
      crc: ['verify', 'audit'],
      statements: [],
    });
  });
});
