import { bucketArn, type Place, providerArn, tableArn } from '../aws/arns.ts';
import type { PolicyDocument, Statement } from '../policies/document.ts';
import { terraformPolicy } from '../policies/terraform.ts';
import { issuerOf, subjectsOf, trustPolicy } from '../policies/trust.ts';
import type { Config, RoleConfig } from './schema.ts';

/** The parts of the config that the documents of a role follow from. */
type DocumentConfig = Pick<Config, 'oidcProvider' | 'stateBucket' | 'lockTable'>;

export interface RoleDocuments {
  readonly trust: PolicyDocument;
  /** Undefined when the role may do nothing by itself. */
  readonly policy: PolicyDocument | undefined;
}

/**
 * The trust document and the inline policy that the config means for one role in one account; `ownStatements` are those for
 * the commands of crc that the role may run.
 */
export function roleDocuments(
  config: DocumentConfig,
  role: RoleConfig,
  place: Place,
  ownStatements: readonly Statement[] = [],
): RoleDocuments {
  const { oidcProvider, stateBucket, lockTable } = config;
  return {
    trust: trustPolicy({
      providerArn: providerArn(place, oidcProvider.url),
      issuer: issuerOf(oidcProvider.url),
      audiences: oidcProvider.audiences,
      subjects: subjectsOf(role.trust),
    }),
    policy: terraformPolicy({
      accountId: place.accountId,
      bucket: stateBucket.name,
      bucketArn: bucketArn(place, stateBucket.name),
      keyArn: stateBucket.encryption.algorithm === 'aws:kms' ? stateBucket.encryption.keyArn : undefined,
      lockTableArn: lockTable === undefined ? undefined : tableArn(place, lockTable.name),
      state: role.state,
      statements: [...ownStatements, ...role.statements],
    }),
  };
}
