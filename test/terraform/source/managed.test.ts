import { expect, it } from 'vitest';
import { removedBlocks } from '../../../src/terraform/removed.ts';
import { managedBelow } from '../../../src/terraform/source/managed.ts';
import { folderWith } from '../../helpers/folder.ts';

const WANTED = [
  { type: 'AWS::S3::Bucket', name: 'ada-tfstate' },
  { type: 'AWS::DynamoDB::Table', name: 'ada-locks' },
  { type: 'AWS::IAM::Role', name: 'deploy' },
];

const find = (files: Readonly<Record<string, string>>) => managedBelow(folderWith(files), WANTED);

it('finds resources by literal names, variables and locals, with their parts, and no others', async () => {
  const files = {
    'infra/main.tf': `
variable "bucket" {
  default = "ada-tfstate"
}
locals {
  table = "ada-locks"
}
resource "aws_s3_bucket" "state" {
  bucket = var.bucket
}
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id
}
resource "aws_s3_bucket_policy" "by_name" {
  bucket = "ada-tfstate"
}
resource "aws_s3_bucket_object" "index" {
  bucket = aws_s3_bucket.state.id
}
resource "aws_s3_bucket" "site" {
  bucket = "ada-site"
}
resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
}
resource "aws_dynamodb_table" "locks" {
  name = local.table
}
resource "aws_iam_role" "deploy" {
  name = "deploy"
}
resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.name
}
resource "aws_iam_role_policy_attachment" "deploy" {
  role = aws_iam_role.deploy.id
}
resource "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}
`,
    'other/main.tf': 'resource "aws_s3_bucket" "b" {\n  bucket = "another"\n}\n',
  };
  expect(await find(files)).toEqual([
    {
      directory: 'infra',
      addresses: [
        'aws_s3_bucket.state',
        'aws_dynamodb_table.locks',
        'aws_iam_role.deploy',
        'aws_s3_bucket_versioning.state',
        'aws_s3_bucket_policy.by_name',
        'aws_iam_role_policy.deploy',
        'aws_iam_role_policy_attachment.deploy',
      ],
      instances: [],
      owned: WANTED,
      unsure: [],
    },
  ]);
});

it('lists resources in modules by their path, and names that only Terraform can resolve by their location', async () => {
  const files = {
    'live/main.tf': 'module "state" {\n  source = "../modules/state"\n}\n',
    'modules/state/main.tf': 'resource "aws_s3_bucket" "this" {\n  bucket = "ada-tfstate"\n}\n',
    'app/main.tf': 'resource "aws_iam_role" "r" {\n  name = "${terraform.workspace}-deploy"\n}\n',
  };
  expect(await find(files)).toEqual([
    { directory: 'app', addresses: [], instances: [], owned: [], unsure: ['app/main.tf:1'] },
    {
      directory: 'live',
      addresses: ['module.state.aws_s3_bucket.this'],
      instances: [],
      owned: [WANTED[0]],
      unsure: [],
    },
  ]);
});

it('reads names from a local state, without instance keys', async () => {
  const state = {
    version: 4,
    resources: [
      {
        mode: 'managed',
        module: 'module.roles["a"]',
        type: 'aws_iam_role',
        name: 'r',
        instances: [{ index_key: 0, attributes: { name: 'deploy' } }],
      },
      { mode: 'data', type: 'aws_s3_bucket', name: 'd', instances: [{ attributes: { bucket: 'ada-tfstate' } }] },
      { mode: 'managed', type: 'aws_s3_bucket_acl', name: 'x', instances: [{ attributes: { bucket: 'ada-tfstate' } }] },
    ],
  };
  const files = {
    'main.tf': 'resource "aws_iam_role" "r" {\n  name = var.x\n}\n',
    'terraform.tfstate': JSON.stringify(state),
  };
  expect(await find(files)).toEqual([
    {
      directory: '.',
      addresses: ['module.roles.aws_iam_role.r', 'aws_s3_bucket_acl.x'],
      instances: [],
      // The bucket itself may be in another state. This one contains only some of its settings.
      owned: [WANTED[2]],
      unsure: [],
    },
  ]);
  expect(await find({ 'terraform.tfstate': 'no state' })).toEqual([]);
});

it('reads the state of a large project', async () => {
  const bucket = {
    mode: 'managed',
    type: 'aws_s3_bucket',
    name: 'b',
    instances: [{ attributes: { bucket: 'ada-tfstate' } }],
  };
  const state = JSON.stringify({ version: 4, resources: [bucket] }) + ' '.repeat(70 * 1024 * 1024);
  expect(await find({ 'main.tf': '', 'terraform.tfstate': state })).toMatchObject([{ owned: [WANTED[0]] }]);
});

it('names the instances of a resource that has others, which Terraform has to keep', async () => {
  const role = (key: string | number, name: string) => ({ index_key: key, attributes: { name, role: name } });
  const entry = (type: string, instances: readonly object[], more: object = {}) => ({
    ...{ mode: 'managed', type, name: 'this', instances },
    ...more,
  });
  const state = {
    version: 4,
    resources: [
      entry('aws_iam_role', [role('ci', 'deploy'), role('app', 'app')]),
      entry('aws_iam_role_policy', [role(0, 'app'), role(1, 'deploy')]),
      entry('aws_s3_bucket', [{ attributes: { bucket: 'ada-tfstate' } }], { module: 'module.b["state"]' }),
      entry('aws_s3_bucket', [{ attributes: { bucket: 'site' } }], { module: 'module.b["site"]' }),
    ],
  };
  expect(await find({ 'main.tf': '', 'terraform.tfstate': JSON.stringify(state) })).toEqual([
    {
      directory: '.',
      addresses: [],
      instances: ['aws_iam_role.this["ci"]', 'aws_iam_role_policy.this[1]', 'module.b["state"].aws_s3_bucket.this'],
      owned: [WANTED[2], WANTED[0]],
      unsure: [],
    },
  ]);
});

it('finds nothing without Terraform code', async () => {
  expect(await find({ 'README.md': '# x' })).toEqual([]);
});

it('formats blocks like Terraform', () => {
  expect(removedBlocks(['aws_s3_bucket.a', 'module.m.aws_iam_role.b'])).toBe(`removed {
  from = aws_s3_bucket.a

  lifecycle {
    destroy = false
  }
}

removed {
  from = module.m.aws_iam_role.b

  lifecycle {
    destroy = false
  }
}`);
});
