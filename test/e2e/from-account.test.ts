import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { REGION } from '../helpers/context.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, REPOSITORY, TABLE } from '../helpers/setups.ts';
import { initWithProvider, terraform } from '../helpers/terraform.ts';

const SETTINGS = `terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region            = "${REGION}"
  s3_use_path_style = true
}
`;

/**
 * A stack with everything that crc requires except the bucket policy, which the adoption adds, because it makes Moto
 * deny all access to objects.
 */
const STACK = `
resource "aws_s3_bucket" "state" {
  bucket = "${BUCKET}"
}
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id
  rule { object_ownership = "BucketOwnerEnforced" }
}
resource "aws_dynamodb_table" "locks" {
  name                        = "${TABLE}"
  hash_key                    = "LockID"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = true
  attribute {
    name = "LockID"
    type = "S"
  }
}
resource "aws_iam_role" "deploy" {
  name        = "deploy"
  path        = "/ci/"
  description = "Deploys the site"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:${REPOSITORY}:ref:refs/heads/main" }
      }
    }]
  })
}
resource "aws_iam_role_policy" "deploy" {
  role   = aws_iam_role.deploy.name
  name   = "Site"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
`;

const PROVIDER = `
resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["1b511abead59c6ce207077c0bf0e0043b1382612"]
}
`;

describeWith(['moto', 'terraform'], 'crc init --from-account for an existing Terraform stack', () => {
  const moto = useMotoForAll();
  const env = () => ({ ...moto().env, AWS_REGION: REGION });

  it('is adopted with only tags and the bucket policy changed, and leaves the state of Terraform through the printed blocks', async () => {
    const folder = folderWith({ 'main.tf': `${SETTINGS}${PROVIDER}`, 'stack.tf': STACK });
    const tf = (...args: readonly string[]) => terraform(args, folder, env());
    const init = await initWithProvider(folder, env());
    expect(init.code === 0 ? '' : init.output).toBe('');
    const applied = await tf('apply', '-auto-approve', '-no-color');
    expect(applied.code === 0 ? '' : applied.output).toBe('');
    await moto().clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'b' }));

    const crc = (...args: readonly string[]) => runCli(args, { cwd: folder, env: env() });
    const initialised = await crc('init', '--from-account', '--yes', '--repository', REPOSITORY);
    expect(initialised.code, initialised.stderr).toBe(0);
    const adopted = await crc('bootstrap', '--adopt', '--yes');
    expect(adopted.code, adopted.stderr).toBe(0);
    expect(adopted.stderr).toContain('note: Terraform manages 8 resources of what crc adopts');
    expect((await crc('verify')).code).toBe(0);

    // Terraform would only remove the tags.
    const planOfOldCode = await tf('plan', '-no-color', '-detailed-exitcode');
    const attributes = [...planOfOldCode.output.matchAll(/^ {6}[~+-] (\w+) /gm)].map(([, name]) => name);
    expect([planOfOldCode.code, [...new Set(attributes)].sort()]).toEqual([2, ['tags', 'tags_all']]);

    const blocks = adopted.stdout.slice(adopted.stdout.indexOf('removed {')).split('\n\n# terraform')[0] ?? '';
    expect(blocks.match(/^removed/gm)).toHaveLength(8);
    writeFileSync(join(folder, 'stack.tf'), `${blocks}\n`);
    const forgotten = await tf('apply', '-auto-approve', '-no-color');
    expect(forgotten.code === 0 ? '' : forgotten.output).toBe('');
    expect(forgotten.output).toContain('0 destroyed');
    expect((await tf('plan', '-detailed-exitcode')).code).toBe(0);
    expect((await crc('verify')).code).toBe(0);
    // Nothing remains to be removed from the code.
    expect((await crc('plan', '--adopt')).stdout).not.toContain('removed {');
  });
});
