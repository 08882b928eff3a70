import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adoptedFromTerraform } from '../../src/commands/adopted-terraform.ts';
import type { Finding } from '../../src/engine/types.ts';
import { folderWith } from '../helpers/folder.ts';

function adopted(type: string, name: string): Finding {
  return {
    id: name,
    type,
    name,
    needs: [],
    actions: { read: [], write: [], remove: [] },
    want: [],
    brief: {},
    exposures: [],
    status: 'drifted',
    changes: [{ kind: 'update', path: 'tags.ManagedBy', live: null, want: 'crc' }],
    warnings: [],
    notes: [],
    irreversible: [],
    adoptable: true,
  };
}

const BUCKET = adopted('AWS::S3::Bucket', 'ada-tfstate');
const ROLE = adopted('AWS::IAM::Role', 'deploy');

async function textFor(files: Readonly<Record<string, string>>, plan: readonly Finding[] = [BUCKET, ROLE]) {
  const folder = folderWith(files);
  mkdirSync(join(folder, '.git'));
  const text = await adoptedFromTerraform(plan, folder);
  return text ?? { note: '', pasted: '' };
}

const STATE_BUCKET = 'resource "aws_s3_bucket" "state" {\n  bucket = "ada-tfstate"\n}\n';

it('has blocks for resources named in the code, and commands that print the addresses of the rest', async () => {
  const { note, pasted } = await textFor({ 'main.tf': STATE_BUCKET });
  expect(note).toMatch(
    /^note: Terraform manages 1 resource of what crc adopts.*\nnote: the Terraform code here does not name deploy\./,
  );
  expect(pasted).toContain('  from = aws_s3_bucket.state\n');
  expect(pasted).toMatch(/\n\nterraform state list -id=deploy\n$/);
});

it('says how to find an address that is only in a state: of a third-party module or another repository', async () => {
  const files = {
    'main.tf': 'module "state" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n  bucket = "ada-tfstate"\n}\n',
  };
  for (const some of [files, {}]) {
    const { note, pasted } = await textFor(some);
    expect(note).toMatch(/does not name ada-tfstate, deploy\. If Terraform created them.*terraform state rm ADDRESS/);
    expect(pasted).toBe('\nterraform state list -id=ada-tfstate\nterraform state list -id=deploy\n');
  }
});

it('lists code whose names only Terraform can resolve', async () => {
  const { note } = await textFor(
    { 'main.tf': 'resource "aws_iam_role" "r" {\n  name = "${terraform.workspace}-x"\n}\n' },
    [ROLE],
  );
  expect(note).toContain(
    'does not name deploy (main.tf:1 may be among it: only Terraform knows the name). If Terraform created it',
  );
});

it('quotes names for the shell, and prints nothing when nothing is adopted', async () => {
  const { pasted } = await textFor({}, [adopted('AWS::S3::Bucket', 'a b;c')]);
  expect(pasted).toBe("\nterraform state list -id='a b;c'\n");
  expect(await textFor({ 'main.tf': STATE_BUCKET }, [{ ...BUCKET, changes: [] }])).toEqual({ note: '', pasted: '' });
  expect(await textFor({ 'main.tf': STATE_BUCKET }, [BUCKET])).toEqual({
    note: expect.not.stringContaining('state list'),
    pasted: expect.not.stringContaining('state list'),
  });
});

it('never forgets the other instances of a resource', async () => {
  const instance = (key: string, name: string) => ({ index_key: key, attributes: { name } });
  const instances = [instance('ci', 'deploy'), instance('app', 'app')];
  const state = { version: 4, resources: [{ mode: 'managed', type: 'aws_iam_role', name: 'this', instances }] };
  const { note, pasted } = await textFor({ 'main.tf': '', 'terraform.tfstate': JSON.stringify(state) }, [ROLE]);
  expect(note).toContain('take the key out of `for_each` or `count`, and check `terraform plan`');
  expect(pasted).toBe('\nterraform state rm \'aws_iam_role.this["ci"]\'\n');
});
