import { bucketArn, logGroupArn, logGroupName, type Place, providerArn, tableArn } from '../aws/arns.ts';
import { minified, ownPolicy, type PolicyDocument, type Statement, totalSize } from '../policies/document.ts';
import { executionPolicy } from '../policies/execution.ts';
import { terraformPolicy } from '../policies/terraform.ts';
import { issuerOf, subjectsOf, trustPolicy } from '../policies/trust.ts';
import type { Config, FunctionConfig, RoleConfig } from './schema.ts';

/** The parts of the config that determine a role's documents. */
type DocumentConfig = Pick<Config, 'oidcProvider' | 'stateBucket' | 'lockTable'>;

export interface RoleDocuments {
  readonly trust: PolicyDocument;
  /** Undefined if crc grants the role nothing. */
  readonly policy: PolicyDocument | undefined;
  /** The other inline policies by name; undefined for one that the role must not have. */
  readonly inlinePolicies: Readonly<Record<string, PolicyDocument | undefined>>;
}

/** In characters, as counted for IAM's limit on the total of a role's inline policies. */
export function inlineSize({ policy, inlinePolicies }: RoleDocuments): number {
  return totalSize([policy, ...Object.values(inlinePolicies)]);
}

/** The length of a role's trust policy in characters, as counted for IAM's limit. */
export function trustSize(
  { region, accountId, ...config }: Pick<DocumentConfig, 'oidcProvider'> & Pick<Config, 'region' | 'accountId'>,
  role: Pick<RoleConfig, 'trust'>,
): number {
  return minified(trustOf(config, role, placeForSize({ region, accountId }))).length;
}

/** Only the length of the account id matters for the length of a document. */
export function placeForSize({ region, accountId = '000000000000' }: Pick<Config, 'region' | 'accountId'>): Place {
  return { region, accountId };
}

/**
 * The trust policy and inline policies for one role in one account, according to the config. `ownStatements` allow the
 * crc commands that the role may run.
 */
export function roleDocuments(
  config: DocumentConfig,
  role: RoleConfig,
  place: Place,
  ownStatements: readonly Statement[] = [],
): RoleDocuments {
  const { oidcProvider, stateBucket, lockTable } = config;
  return {
    trust: trustOf({ oidcProvider }, role, place),
    policy: terraformPolicy({
      accountId: place.accountId,
      bucket: stateBucket.name,
      bucketArn: bucketArn(place, stateBucket.name),
      keyArn: stateBucket.encryption.keyArn,
      lockTableArn: lockTable && tableArn({ ...place, region: stateBucket.region }, lockTable.name),
      state: role.state,
      statements: [...ownStatements, ...role.statements],
    }),
    inlinePolicies: Object.fromEntries(
      Object.entries(role.inlinePolicies).map(([name, statements]) => [name, ownPolicy(statements)]),
    ),
  };
}

/** The trust policy for one role in one account, according to the config. */
export function trustOf(
  { oidcProvider }: Pick<DocumentConfig, 'oidcProvider'>,
  role: Pick<RoleConfig, 'trust'>,
  place: Place,
): PolicyDocument {
  return trustPolicy({
    providerArn: providerArn(place, oidcProvider.url),
    issuer: issuerOf(oidcProvider.url),
    audiences: oidcProvider.audiences,
    subjects: subjectsOf(role.trust),
  });
}

/** The inline policy for the execution role of one function in one account, according to the config. */
export function functionPolicy(
  { name, table, statements }: Pick<FunctionConfig, 'name' | 'table' | 'statements'>,
  place: Place,
): PolicyDocument {
  return executionPolicy({
    table: table && { arn: tableArn(place, table.name), access: table.access },
    logGroupArn: logGroupArn(place, logGroupName(name)),
    statements,
  });
}
