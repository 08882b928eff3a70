import { describe, expect, it } from 'vitest';
import type { RecordedCall } from '../../../src/terraform/permissions/call.ts';
import { permissionsOf } from '../../../src/terraform/permissions/permissions.ts';

const CALL: RecordedCall = {
  service: 'S3',
  operation: 'DanceOnBucket',
  region: 'eu-west-2',
  request: { method: 'POST', path: '/site', query: {}, headers: {}, body: undefined },
  phase: 'apply',
  resourceType: 'aws_s3_bucket',
};

describe('permissionsOf', () => {
  it('lists a call that it does not know, and grants nothing for it', () => {
    expect(permissionsOf([CALL], { accountId: '123456789012', partition: 'aws', state: [] })).toEqual({
      phases: { plan: [], apply: [], destroy: [] },
      reasons: {},
      unknown: [{ service: 'S3', operation: 'DanceOnBucket', address: 'aws_s3_bucket' }],
    });
  });
});
