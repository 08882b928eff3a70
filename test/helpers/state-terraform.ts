import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliResult, runCli } from './cli.ts';
import { REGION } from './context.ts';
import { type TerraformResult, terraform } from './terraform.ts';

/** Resources that need no provider: any number of them, and one whose creation waits until a file is deleted. */
const MAIN = `
variable "count_of" { default = 1 }
resource "terraform_data" "x" {
  count = var.count_of
  input = "secret-\${var.count_of}"
}
variable "wait" { default = "" }
resource "terraform_data" "wait" {
  count = var.wait == "" ? 0 : 1
  provisioner "local-exec" { command = "touch \${var.wait}.held; while [ -e \${var.wait} ]; do sleep 0.1; done" }
}
`;

/** A Terraform project that uses the backend of a crc config. */
export interface TerraformProject {
  readonly folder: string;
  crc(...args: string[]): Promise<CliResult>;
  terraform(...args: string[]): Promise<TerraformResult>;
  apply(count: number): Promise<TerraformResult>;
  /** Expects that neither a Terraform plan nor `crc state check` finds differences after an apply with this count. */
  expectInSync(count: number): Promise<void>;
}

/**
 * Creates a project, ready for `terraform init`. `env` returns the environments of crc and Terraform. Without a backend
 * block Terraform stores its state in the folder.
 */
export function terraformProject(
  cwd: string,
  env: () => { readonly crc: Readonly<Record<string, string>>; readonly terraform: Readonly<Record<string, string>> },
  program: 'terraform' | 'tofu' = 'terraform',
): TerraformProject {
  const folder = mkdtempSync(join(tmpdir(), 'crc-tf-'));
  writeFileSync(join(folder, 'main.tf'), MAIN);
  const crc = (...args: string[]) => runCli(args, { cwd, env: { ...env().crc, AWS_REGION: REGION } });
  const run = (...args: string[]) => terraform(args, folder, { ...env().terraform, AWS_REGION: REGION }, program);
  return {
    folder,
    crc,
    terraform: run,
    apply: (count) => run('apply', '-auto-approve', '-no-color', `-var=count_of=${count}`),
    async expectInSync(count) {
      const { code, output } = await run('plan', '-detailed-exitcode', '-no-color', `-var=count_of=${count}`);
      expect(code === 0 ? '' : output).toBe('');
      const check = await crc('state', 'check');
      expect([check.code, check.code === 0 ? '' : check.stdout]).toEqual([0, '']);
    },
  };
}
