import { type FunctionConfiguration, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import type { Clients } from './clients.ts';
import { pagesOf, tokenOf } from './pages.ts';

/** The settings of all functions in the region of the client. */
export async function functionsInRegion({
  lambda,
}: Pick<Clients, 'lambda'>): Promise<readonly FunctionConfiguration[]> {
  const functions: FunctionConfiguration[] = [];
  const pages = pagesOf(
    (Marker?: string) => lambda.send(new ListFunctionsCommand({ Marker })),
    ({ NextMarker }) => tokenOf(NextMarker),
  );
  for await (const { Functions = [] } of pages) functions.push(...Functions);
  return functions;
}
