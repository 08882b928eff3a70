import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Clients } from '../../aws/clients.ts';
import { functionsInRegion } from '../../aws/functions.ts';

/** The functions of the region that would break without an orphan, by name: those of others too. */
export interface FunctionUsers {
  /** Those that run with the role. */
  ofRole(arn: string): Promise<readonly string[]>;
  /** Those that have the name of the table in their environment. */
  ofTable(name: string): Promise<readonly string[]>;
}

/** Asks again for each look, since a role or table is looked at again right before it is deleted. `orphans`: ids of what is deleted before it. */
export function functionUsers(clients: Pick<Clients, 'lambda' | 'load'>, orphans: ReadonlySet<string>): FunctionUsers {
  let listing: Promise<readonly FunctionConfiguration[]> | undefined;

  /** Looks at the same time share one listing. */
  async function using(test: (candidate: FunctionConfiguration) => boolean): Promise<readonly string[]> {
    // An orphan may be in another region than the functions of the project, and then loads the clients of that region alone.
    listing ??= clients
      .load('lambda')
      .then(() => functionsInRegion(clients))
      .finally(() => {
        listing = undefined;
      });
    const names = (await listing).filter(test).map(({ FunctionName = '' }) => FunctionName);
    return names.filter((name) => !orphans.has(`function/${name}`));
  }

  return {
    ofRole: (arn) => using(({ Role }) => Role === arn),
    ofTable: (name) => using(({ Environment }) => Object.values(Environment?.Variables ?? {}).includes(name)),
  };
}
