import { expect, it } from 'vitest';
import { startPolicyGate } from './policy-gate.ts';

it.each([
  ['a form', {}, /<Code>AccessDenied</],
  ['JSON', { 'x-amz-target': 'GraniteServiceVersion20100801.DescribeAlarms' }, /"__type":"[^"]*AccessDeniedException"/],
])('a request in %s is denied in its protocol', async (_, target, denial) => {
  const gate = await startPolicyGate('http://127.0.0.1:1');
  gate.principals.set('KEY', { arn: 'arn:aws:iam::123456789012:user/limited', policies: [] });
  try {
    const authorization = 'AWS4-HMAC-SHA256 Credential=KEY/20260101/eu-west-2/monitoring/aws4_request';
    const body = 'Action=DescribeAlarms';
    const answer = await fetch(gate.endpoint, { method: 'POST', headers: { authorization, ...target }, body });
    expect(await answer.text()).toMatch(denial);
  } finally {
    await gate.stop();
  }
});
