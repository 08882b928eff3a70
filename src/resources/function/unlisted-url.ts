import {
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { orAbsent } from '../../aws/error-names.ts';
import type { Extra } from '../../engine/types.ts';
import type { Json } from '../../json.ts';
import { ownUrlSids, publicUrlSids, withoutOwnStatements, withoutUrlStatements } from '../../policies/function-url.ts';
import type { FunctionCalls } from './calls.ts';
import { NO_SUCH_FUNCTION } from './errors.ts';

interface UnlistedUrlInput {
  readonly lambda: LambdaClient;
  readonly calls: Pick<FunctionCalls, 'write'>;
  readonly functionName: string;
  /** The alias whose URL it is; undefined: the function itself, which serves $LATEST. */
  readonly alias?: string;
  /** ARN of the function, or of that alias. */
  readonly arn: string;
  /** The policy of the function itself, or of that alias: it has the permission of such a URL. */
  readonly policy: Json;
}

interface UnlistedUrl {
  readonly unlisted: readonly Extra[];
  /** What the policy says besides. */
  readonly unsaid: Json;
}

/**
 * A public URL that the config does not name: one of the function itself, which other tools create and which stays public beside that of
 * the alias; or the one that crc created on the alias for a "url" that has left the config. It is looked for only where the policy lets
 * the public in. A statement under crc's own Sid counts without a URL, too: that is what a removal leaves that was stopped half-way.
 */
export async function unlistedUrl(input: UnlistedUrlInput): Promise<UnlistedUrl> {
  const { lambda, calls, functionName: FunctionName, alias: Qualifier, arn, policy } = input;
  const target = { FunctionName, Qualifier };
  const sids = publicUrlSids(policy);
  if (sids.length === 0) return { unlisted: [], unsaid: policy };
  const live = await orAbsent(lambda.send(new GetFunctionUrlConfigCommand(target)), NO_SUCH_FUNCTION, undefined);
  const revoke = async (revoked: readonly string[]) => {
    for (const StatementId of revoked) {
      const removal = calls.write(() => lambda.send(new RemovePermissionCommand({ ...target, StatementId })));
      await orAbsent(removal, NO_SUCH_FUNCTION, undefined);
    }
  };
  // Asked for the function itself, an emulator answers with the URL of the alias.
  if (live?.AuthType === 'NONE' && (Qualifier !== undefined || live.FunctionArn === arn)) {
    const url: Extra = {
      path: 'url',
      kind: Qualifier === undefined ? UNQUALIFIED : DROPPED,
      live: live.FunctionUrl ?? '',
      meaning: { why: Qualifier === undefined ? WHY_UNQUALIFIED : WHY_DROPPED },
      async remove() {
        const deletion = calls.write(() => lambda.send(new DeleteFunctionUrlConfigCommand(target)));
        await orAbsent(deletion, NO_SUCH_FUNCTION, undefined);
        await revoke(sids);
      },
    };
    return { unlisted: [url], unsaid: withoutUrlStatements(policy) };
  }
  const permissions = ownUrlSids(policy).map(
    (sid): Extra => ({ path: 'permissions', kind: PERMISSION, live: sid, remove: () => revoke([sid]) }),
  );
  return { unlisted: permissions, unsaid: withoutOwnStatements(policy) };
}

const UNQUALIFIED = { singular: 'an unqualified public URL', plural: 'unqualified public URLs' } as const;
const DROPPED = { singular: 'a public URL', plural: 'public URLs' } as const;
const PERMISSION = { singular: 'a permission of a public URL', plural: 'permissions of a public URL' } as const;

const WHY_UNQUALIFIED =
  'anyone can call $LATEST through it, past the alias; pages that use it need the URL of the alias before it is removed';
const WHY_DROPPED =
  'anyone can still call the function through it; to keep it, add "url" back to the config, and change pages that use it before it is removed';
