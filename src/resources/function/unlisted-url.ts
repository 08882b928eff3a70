import {
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { orAbsent } from '../../aws/error-names.ts';
import type { UnlistedPart } from '../../engine/types.ts';
import type { Json } from '../../json.ts';
import { ownUrlSids, publicUrlSids, withoutOwnStatements, withoutUrlStatements } from '../../policies/function-url.ts';
import type { FunctionCalls } from './calls.ts';
import { NO_SUCH_FUNCTION } from './errors.ts';

interface UnlistedUrlInput {
  readonly lambda: LambdaClient;
  readonly calls: Pick<FunctionCalls, 'write'>;
  readonly functionName: string;
  /** The alias that has the URL; undefined for the function itself, which serves $LATEST. */
  readonly alias?: string;
  /** ARN of the function or of that alias. */
  readonly arn: string;
  /** The policy of the function or of that alias, with the permission for such a URL. */
  readonly policy: Json;
}

interface UnlistedUrl {
  readonly unlisted: readonly UnlistedPart[];
  /** The rest of the policy. */
  readonly restOfPolicy: Json;
}

/**
 * A public URL that is not in the config. Either on the function itself, created by another tool, which stays public
 * next to the alias's URL. Or on the alias, created by crc for a "url" that was removed from the config. Only read if
 * the policy allows public access. A statement with crc's Sid counts even without a URL, since an interrupted removal
 * leaves one behind.
 */
export async function unlistedUrl(input: UnlistedUrlInput): Promise<UnlistedUrl> {
  const { lambda, calls, functionName: FunctionName, alias: Qualifier, arn, policy } = input;
  const target = { FunctionName, Qualifier };
  const sids = publicUrlSids(policy);
  if (sids.length === 0) return { unlisted: [], restOfPolicy: policy };
  const live = await orAbsent(lambda.send(new GetFunctionUrlConfigCommand(target)), NO_SUCH_FUNCTION, undefined);
  const revoke = async (revoked: readonly string[]) => {
    for (const StatementId of revoked) {
      const removal = calls.write(() => lambda.send(new RemovePermissionCommand({ ...target, StatementId })));
      await orAbsent(removal, NO_SUCH_FUNCTION, undefined);
    }
  };
  // When asked for the function itself, an emulator returns the URL of the alias.
  if (live?.AuthType === 'NONE' && (Qualifier !== undefined || live.FunctionArn === arn)) {
    const url: UnlistedPart = {
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
    return { unlisted: [url], restOfPolicy: withoutUrlStatements(policy) };
  }
  const permissions = ownUrlSids(policy).map(
    (sid): UnlistedPart => ({ path: 'permissions', kind: PERMISSION, live: sid, remove: () => revoke([sid]) }),
  );
  return { unlisted: permissions, restOfPolicy: withoutOwnStatements(policy) };
}

const UNQUALIFIED = { singular: 'an unqualified public URL', plural: 'unqualified public URLs' } as const;
const DROPPED = { singular: 'a public URL', plural: 'public URLs' } as const;
const PERMISSION = { singular: 'a permission of a public URL', plural: 'permissions of a public URL' } as const;

const WHY_UNQUALIFIED =
  'anyone can call $LATEST through it, past the alias; pages that use it need the URL of the alias before it is removed';
const WHY_DROPPED =
  'anyone can still call the function through it; to keep it, add "url" back to the config, and change pages that use it before it is removed';
