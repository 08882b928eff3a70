import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ALIAS } from '../aws/arns.ts';
import type { Answer } from './answer.ts';

export interface RemoteInvocation {
  readonly functionName: string;
  readonly payload: string;
  readonly timeoutSeconds: number;
}

/** In seconds, in addition to the function's own timeout, for its start and the network. */
const OVERHEAD_SECONDS = 30;

/** Calls a function's alias and waits for the response. @throws the SDK's errors. */
export async function invokeAlias(
  lambda: LambdaClient,
  { functionName, payload, timeoutSeconds }: RemoteInvocation,
): Promise<Answer> {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Qualifier: ALIAS, LogType: 'Tail', Payload: Buffer.from(payload) }),
    { requestTimeout: (timeoutSeconds + OVERHEAD_SECONDS) * 1_000 },
  );
  return {
    payload: answer.Payload === undefined ? '' : Buffer.from(answer.Payload).toString('utf8'),
    functionError: answer.FunctionError,
    log: Buffer.from(answer.LogResult ?? '', 'base64').toString('utf8'),
  };
}
