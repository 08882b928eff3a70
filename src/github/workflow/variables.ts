import type { Config } from '../../config/schema.ts';

/** A variable of a GitHub repository that the workflow of crc reads. */
export type WorkflowVariable = 'AWS_ACCOUNT_ID';

/** The variables that the workflow reads: values from the config are written into it, so no one has to set them. */
export function variablesRead({ accountId }: Pick<Config, 'accountId'>): readonly WorkflowVariable[] {
  return accountId === undefined ? ['AWS_ACCOUNT_ID'] : [];
}
