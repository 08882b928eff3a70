import type { Config } from '../../config/schema.ts';

/** A repository variable that crc's workflow reads. */
export type WorkflowVariable = 'AWS_ACCOUNT_ID';

/** The variables that the workflow reads. Values in the config are written into it, so nobody has to set them. */
export function variablesRead({ accountId }: Pick<Config, 'accountId'>): readonly WorkflowVariable[] {
  return accountId === undefined ? ['AWS_ACCOUNT_ID'] : [];
}
