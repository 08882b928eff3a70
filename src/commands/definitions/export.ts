import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'export',
  group: 'State',
  summary: 'print bucket, table, provider and roles as Terraform code with import blocks, to leave crc',
  examples: [['crc export > main.tf', 'then terraform init && terraform plan: imports and no change']],
} as const satisfies Definition;

export type ExportOptions = OptionsOf<typeof definition>;

export const exportCommand = command(definition, async () => (await import('../export.ts')).exportToTerraform);
