import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Clients } from '../../aws/clients.ts';
import { functionsInRegion } from '../../aws/functions.ts';

/** Names of functions in the region that would break without an orphan, including those of other owners. */
export interface FunctionUsers {
  /** Functions that run with the role. */
  ofRole(arn: string): Promise<readonly string[]>;
  /** Functions with the name or the ARN of the table in their environment. */
  ofTable(name: string): Promise<readonly string[]>;
}

/** Whether a text contains the ARN of a table, or of one of its indexes. */
export function namesTable(text: string, name: string): boolean {
  return [...text.matchAll(/:table\/([\w.-]+)/g)].some(([, table]) => table === name);
}

/**
 * Reads the functions again for each check, since a role or table is checked again right before it is deleted.
 * `orphans`: ids of the orphans, whose functions are deleted first and therefore not counted.
 */
export function functionUsers(clients: Pick<Clients, 'lambda' | 'load'>, orphans: ReadonlySet<string>): FunctionUsers {
  let listing: Promise<readonly FunctionConfiguration[]> | undefined;

  /** Concurrent checks share one listing. */
  async function using(test: (candidate: FunctionConfiguration) => boolean): Promise<readonly string[]> {
    // An orphan may be in a different region from the project's functions; the clients of that region are then loaded.
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
    ofTable: (name) =>
      using(({ Environment }) =>
        Object.values(Environment?.Variables ?? {}).some((value) => value === name || namesTable(value, name)),
      ),
  };
}
