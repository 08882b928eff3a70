import {
  type AliasConfiguration,
  type FunctionConfiguration,
  ListAliasesCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import type { Clients } from './clients.ts';
import { itemsOf, pagesOf, tokenOf } from './pages.ts';

/** The settings of all functions in the region of the client. `ALL`: and those of each published version. */
export async function functionsInRegion(
  { lambda }: Pick<Clients, 'lambda'>,
  FunctionVersion?: 'ALL',
): Promise<readonly FunctionConfiguration[]> {
  const pages = pagesOf(
    (Marker?: string) => lambda.send(new ListFunctionsCommand({ FunctionVersion, Marker })),
    ({ NextMarker }) => tokenOf(NextMarker),
  );
  return await itemsOf(pages, ({ Functions }) => Functions);
}

/** The aliases of a function. @throws the not-found error of ListAliases if the function does not exist. */
export async function aliasesOf(
  { lambda }: Pick<Clients, 'lambda'>,
  FunctionName: string,
): Promise<readonly AliasConfiguration[]> {
  const pages = pagesOf(
    (Marker?: string) => lambda.send(new ListAliasesCommand({ FunctionName, Marker })),
    ({ NextMarker }) => tokenOf(NextMarker),
  );
  return await itemsOf(pages, ({ Aliases }) => Aliases);
}
