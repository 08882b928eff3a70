import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Json } from '../../src/json.ts';
import { ACCOUNT } from './context.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;

/**
 * An independent IAM simulator that shares no code with crc. It ignores condition keys of identity providers, because
 * they are not in its list of the action's keys. Principal tags, which are plain strings too, replace them.
 */
export async function simulatedTrust(
  document: Json,
  token: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: PROVIDER,
        action: 'sts:AssumeRoleWithWebIdentity',
        resource: { resource: `arn:aws:iam::${ACCOUNT}:role/R`, accountId: ACCOUNT },
        contextVariables: Object.fromEntries(
          Object.entries(token).flatMap(([name, value]) =>
            value === undefined ? [] : [[`aws:PrincipalTag/${name}`, value]],
          ),
        ),
      },
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: JSON.parse(
        JSON.stringify(document)
          .replaceAll(`"${ISSUER}:`, '"aws:PrincipalTag/')
          .replaceAll(`\${${ISSUER}:`, '${aws:PrincipalTag/'),
      ),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
  return result.overallResult === 'Allowed';
}
