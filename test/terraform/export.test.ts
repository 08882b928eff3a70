import { describe, expect, it } from 'vitest';
import type { TerraformExport } from '../../src/engine/terraform.ts';
import { exportHcl, leftOut } from '../../src/terraform/export.ts';

/** Of a Terraform type, with further blocks under labels that it derives from its own. */
const resourceOf = (type: string, name: string, parts: readonly string[] = []) => ({
  terraform: {
    name,
    resources: (label: string) => [
      { type, label, importId: name },
      ...parts.map((part) => ({ type, label: `${label}_${part}`, importId: part })),
    ],
  } satisfies TerraformExport,
});

function labels(...resources: readonly ReturnType<typeof resourceOf>[]): readonly string[] {
  const hcl = exportHcl({ resources, region: 'eu-west-2', accountId: '123456789012', pathStyle: false });
  return [...hcl.matchAll(/^resource "aws_\w+" "(.*)" \{/gm)].map(([, label = '']) => label);
}

describe('the export', () => {
  it('gives resources of one type distinct labels, whatever their names are', () => {
    const role = (name: string) => resourceOf('aws_role', name);
    expect(labels(role('A.b'), role('A_b'), role('A_b_2'), role('9-x@y'))).toEqual([
      'A_b',
      'A_b_2',
      'A_b_2_2',
      '_9-x_y',
    ]);
  });

  it('gives no resource a label that another one derives from its own', () => {
    const role = (name: string, parts: readonly string[] = []) => resourceOf('aws_role', name, parts);
    expect(labels(role('A', ['1', '2']), role('A_1'), role('A-2'), role('A_2', ['2']))).toEqual([
      'A',
      'A_1',
      'A_2',
      'A_1_2',
      'A-2',
      'A_2_2',
      'A_2_2_2',
    ]);
    expect(labels(role('A_1'), role('A', ['1']))).toEqual(['A_1', 'A_2', 'A_2_1']);
  });

  it('lets resources of two types share a label', () => {
    expect(labels(resourceOf('aws_bucket', 'state'), resourceOf('aws_role', 'state'))).toEqual(['state', 'state']);
  });

  it('gives resources in another region their own provider, each region once, and those without a region the default', () => {
    const inRegion = (name: string, region?: string) => {
      const { terraform } = resourceOf('aws_thing', name);
      return { terraform: { ...terraform, region } };
    };
    const resources = [
      inRegion('bucket', 'us-east-1'),
      inRegion('table', 'us-east-1'),
      inRegion('visits', 'eu-west-2'),
      inRegion('role'),
    ];
    const hcl = exportHcl({ resources, region: 'eu-west-2', accountId: '123456789012', pathStyle: false });
    expect([...hcl.matchAll(/^provider "aws" \{[^}]*\}/gm)].map(([block]) => block)).toEqual([
      'provider "aws" {\n  region              = "eu-west-2"\n  allowed_account_ids = ["123456789012"]\n}',
      'provider "aws" {\n  alias               = "us_east_1"\n  region              = "us-east-1"\n  allowed_account_ids = ["123456789012"]\n}',
    ]);
    expect(
      [...hcl.matchAll(/^resource "aws_thing" "(\w+)" \{\}|^ {2}provider = (.*)$/gm)].map((m) => m[1] ?? m[2]),
    ).toEqual(['aws.us_east_1', 'aws.us_east_1', 'visits', 'role']);
  });

  it('lists omitted resources, grouped by reason', () => {
    const comments = leftOut([
      { id: 'state-bucket', terraform: resourceOf('aws_bucket', 'state').terraform },
      { id: 'log-group/F', terraform: 'left out: of a function' },
      { id: 'function/F', terraform: 'left out: of a function' },
      { id: 'function/G', terraform: 'left out: of a function' },
      { id: 'topic', terraform: 'left out: not yet' },
    ]);
    expect([...comments]).toEqual([
      ['of a function', ['F', 'G']],
      ['not yet', ['topic']],
    ]);
  });
});
