import { type FunctionConfiguration, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import type { Clients } from '../../aws/clients.ts';
import { pagesOf, tokenOf } from '../../aws/pages.ts';

/** The functions of the region that would break without an orphan, by name: those of others too. */
export interface FunctionUsers {
  /** Those that run with the role. */
  ofRole(arn: string): Promise<readonly string[]>;
  /** Those that have the name of the table in their environment. */
  ofTable(name: string): Promise<readonly string[]>;
}

/** Asks again for each look, since a role or table is looked at again right before it is deleted. `orphans`: deleted before it. */
export function functionUsers({ lambda }: Pick<Clients, 'lambda'>, orphans: ReadonlySet<string>): FunctionUsers {
  let listing: Promise<readonly FunctionConfiguration[]> | undefined;

  async function list(): Promise<readonly FunctionConfiguration[]> {
    const functions: FunctionConfiguration[] = [];
    const pages = pagesOf(
      (Marker?: string) => lambda.send(new ListFunctionsCommand({ Marker })),
      ({ NextMarker }) => tokenOf(NextMarker),
    );
    for await (const { Functions = [] } of pages) functions.push(...Functions);
    return functions;
  }

  /** Looks at the same time share one listing. */
  async function using(test: (candidate: FunctionConfiguration) => boolean): Promise<readonly string[]> {
    listing ??= list().finally(() => {
      listing = undefined;
    });
    const names = (await listing).filter(test).map(({ FunctionName = '' }) => FunctionName);
    return names.filter((name) => !orphans.has(name));
  }

  return {
    ofRole: (arn) => using(({ Role }) => Role === arn),
    ofTable: (name) => using(({ Environment }) => Object.values(Environment?.Variables ?? {}).includes(name)),
  };
}
