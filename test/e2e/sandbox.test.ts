import { expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { backendConfig } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import { describeWith } from '../helpers/require.ts';

const MAIN = 'resource "terraform_data" "x" { input = "one" }\n';

/** A folder written by `crc init`. Its backend block is for AWS and has no endpoint. */
async function project(): Promise<string> {
  const files = { 'crc.config.json': JSON.stringify(backendConfig()), 'main.tf': MAIN };
  const { stdout } = await spawnCli(['backend'], { cwd: folderWith(files) });
  expect(stdout).not.toContain('endpoints');
  return folderWith({ ...files, 'backend.tf': stdout });
}

describeWith(['moto', 'terraform'], 'Terraform in crc sandbox', () => {
  const inSandbox = async (flags: readonly string[], script: string) =>
    await spawnCli(['sandbox', ...flags, '--', 'sh', '-ec', script], { cwd: await project() });
  const APPLY = 'terraform init -input=false -no-color && terraform apply -auto-approve -input=false -no-color';

  it('initializes and applies with --terraform, and crc sees the real bucket policy', async () => {
    const { code, stdout, stderr } = await inSandbox(
      ['--terraform'],
      `crc bootstrap
      ${APPLY}
      terraform plan -input=false -no-color -detailed-exitcode
      crc verify --json | grep '"status"'
      crc bootstrap --json | grep '"write"'
      # The other backend block, with the sandbox's endpoints.
      crc backend > backend.tf
      grep endpoints backend.tf
      terraform init -input=false -no-color -reconfigure
      terraform plan -input=false -no-color -detailed-exitcode`,
    );
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(stdout).toContain('Apply complete! Resources: 1 added');
    expect(stdout).toMatch(/"write": 0/);
  });

  it('does not without it: Moto treats the bucket policy as one that always denies', async () => {
    const { code, stderr } = await inSandbox([], `crc bootstrap\n${APPLY}`);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/403|Forbidden|AccessDenied/)]);
  });
});
