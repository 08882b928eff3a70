import { describe, expect, it } from 'vitest';
import { logGroupArn, logGroupName } from '../../../src/aws/arns.ts';
import type { Json } from '../../../src/json.ts';
import { asJson } from '../../../src/policies/canonical.ts';
import { executionPolicy } from '../../../src/policies/execution.ts';
import { keptForOtherRegion } from '../../../src/resources/function/other-region.ts';
import { ACCOUNT, contextFor, REGION } from '../../helpers/context.ts';
import { awsError, fakeAws, type Handler } from '../../helpers/fake-aws.ts';

const NAME = 'IncrementVisits';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/${NAME}-execution`;
const ELSEWHERE = 'us-east-1';

/** The policy of an execution role for a region, with a statement of the user's about another one. */
function policyIn(region: string): Json {
  const log = logGroupArn({ accountId: ACCOUNT, region }, logGroupName(NAME));
  const own = { Sid: 'Own', Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: log.replace(region, 'eu-north-1') };
  return asJson(executionPolicy({ table: undefined, logGroupArn: log, statements: [own] }));
}

async function kept(policy: Json, GetFunction: Handler) {
  const aws = fakeAws({ lambda: { GetFunction } });
  const why = await keptForOtherRegion(NAME, contextFor(aws.clients))(policy);
  return { why, calls: aws.calls.map(({ operation }) => operation) };
}

const withRole =
  (Role: string): Handler =>
  () => ({ Configuration: { Role } });

describe('an execution role', () => {
  it('is kept for the function of that name in another region', async () => {
    const { why } = await kept(policyIn(ELSEWHERE), withRole(ROLE));
    expect(why).toMatch(/^it is the role of the function IncrementVisits in us-east-1; .*another name.*"role"/);
  });

  it.each<[string, Handler]>([
    [
      'does not exist any more',
      () => {
        throw awsError('ResourceNotFoundException', 404);
      },
    ],
    ['has another role', withRole(`${ROLE}2`)],
  ])('may change if that function %s', async (_, GetFunction) => {
    expect(await kept(policyIn(ELSEWHERE), GetFunction)).toEqual({ why: undefined, calls: ['GetFunction'] });
  });

  it('is kept if that function may not be read, and unread if the read fails otherwise', async () => {
    const denied = awsError('AccessDeniedException', 403, {
      message: 'User: me is not authorized to perform: lambda:GetFunction on resource: arn',
    });
    const { why } = await kept(policyIn(ELSEWHERE), () => {
      throw denied;
    });
    expect(why).toContain('in us-east-1, where lambda:GetFunction is denied');
    const failing = kept(policyIn(ELSEWHERE), () => {
      throw awsError('ServiceException', 500);
    });
    await expect(failing).rejects.toThrow('ServiceException');
  });

  it('of this region is compared without a request', async () => {
    expect(await kept(policyIn(REGION), withRole(ROLE))).toEqual({ why: undefined, calls: [] });
  });
});
