import {
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { orAbsent } from '../../aws/error-names.ts';
import type { Extra } from '../../engine/types.ts';
import type { Json } from '../../json.ts';
import { publicUrlSids } from '../../policies/function-url.ts';
import type { FunctionCalls } from './calls.ts';
import { NO_SUCH_FUNCTION } from './errors.ts';

interface UnqualifiedUrlInput {
  readonly lambda: LambdaClient;
  readonly calls: Pick<FunctionCalls, 'write'>;
  readonly functionName: string;
  readonly functionArn: string;
  /** The policy of the function itself, which has the permission of such a URL. */
  readonly policy: Json;
}

/**
 * A public URL of the function itself, which serves $LATEST past the alias: other tools create such URLs, and they stay public beside the
 * one that crc creates. It is looked for only where the policy of the function lets the public in.
 */
export async function unqualifiedUrl(input: UnqualifiedUrlInput): Promise<Extra | undefined> {
  const { lambda, calls, functionName: FunctionName, functionArn, policy } = input;
  const sids = publicUrlSids(policy);
  if (sids.length === 0) return undefined;
  const call = lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }));
  const live = await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  // An emulator answers with the URL of the alias.
  if (live?.AuthType !== 'NONE' || live.FunctionArn !== functionArn) return undefined;
  return {
    path: 'url',
    kind: { singular: 'an unqualified public URL', plural: 'unqualified public URLs' },
    live: live.FunctionUrl ?? '',
    meaning: {
      why: 'anyone can call $LATEST through it, past the alias; pages that use it need the URL of the alias before it is removed',
    },
    async remove() {
      const deletion = calls.write(() => lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName })));
      await orAbsent(deletion, NO_SUCH_FUNCTION, undefined);
      for (const StatementId of sids) {
        const removal = calls.write(() => lambda.send(new RemovePermissionCommand({ FunctionName, StatementId })));
        await orAbsent(removal, NO_SUCH_FUNCTION, undefined);
      }
    },
  };
}
