import type { Definition, OptionsOf } from '../command.ts';

export const EXPORT = {
  name: 'export',
  group: 'State',
  summary: 'print the resources as Terraform code, to leave crc',
  description:
    'Prints the bucket, the lock table, the identity provider and the roles with import blocks. Terraform then manages ' +
    'them: its plan shows imports and no changes.',
  exitCodes: { 0: 'printed', 1: 'something is missing or could not be read' },
  examples: [['crc export > main.tf', 'then run: terraform init && terraform plan']],
} as const satisfies Definition;

export type ExportOptions = OptionsOf<typeof EXPORT>;
