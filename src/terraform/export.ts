import type { Resource } from '../engine/resource.ts';
import { Expression, type TerraformExport, type TerraformResource } from '../engine/terraform.ts';
import { block } from './hcl.ts';

export interface ExportInput {
  /** All resources in the config, in the order in which they are written. */
  readonly resources: readonly Pick<Resource, 'terraform'>[];
  readonly region: string;
  readonly accountId: string;
  /** Set for an emulator, where buckets are addressed by path. */
  readonly pathStyle: boolean;
}

/** All resources as Terraform code with `import` blocks, so that `terraform plan` shows imports and no changes. */
export function exportHcl({ resources, region, accountId, pathStyle }: ExportInput): string {
  const withUniqueLabels = uniqueLabels();
  const exports = resources.flatMap(({ terraform }) => (typeof terraform === 'string' ? [] : [terraform]));
  const otherRegions = exports.flatMap(({ region: own }) => own ?? []).filter((other) => other !== region);
  const provider = (where: { readonly alias?: string; readonly region: string }) =>
    block({
      type: 'provider',
      labels: ['aws'],
      arguments: { ...where, allowed_account_ids: [accountId], s3_use_path_style: pathStyle || undefined },
    });
  const head = [
    block({
      type: 'terraform',
      arguments: { required_version: '>= 1.5' },
      blocks: [
        {
          type: 'required_providers',
          arguments: { aws: { source: 'hashicorp/aws', version: '>= 5.31' } },
        },
      ],
    }),
    provider({ region }),
    ...[...new Set(otherRegions)].map((other) => provider({ alias: aliasOf(other), region: other })),
  ];
  const blocks = exports.flatMap((terraform) => {
    const { region: own = region } = terraform;
    const alias = own === region ? undefined : new Expression(`aws.${aliasOf(own)}`);
    return withUniqueLabels(terraform).flatMap((resource) =>
      withImport({ ...resource, arguments: { provider: alias, ...resource.arguments } }),
    );
  });
  return `${[...head, ...blocks].join('\n\n')}\n`;
}

/** The name for the provider of another region: `us_east_1`. */
function aliasOf(region: string): string {
  return region.replaceAll('-', '_');
}

/** What is not exported, by reason: the distinct names in the ids of the resources. */
export function leftOut(
  resources: readonly Pick<Resource, 'id' | 'terraform'>[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { id, terraform } of resources) {
    if (typeof terraform !== 'string') continue;
    const why = terraform.slice('left out: '.length);
    names.set(why, [...new Set([...(names.get(why) ?? []), id.slice(id.indexOf('/') + 1)])]);
  }
  return names;
}

function withImport({ type, label, importId, ...body }: TerraformResource): readonly string[] {
  return [
    block({ type: 'import', arguments: { to: new Expression(`${type}.${label}`), id: importId } }),
    block({ type: 'resource', labels: [type, label], ...body }),
  ];
}

/**
 * The blocks of each resource under a label that makes all of them unique. Some derive labels from it, such as
 * `NAME_1`, which may be the name of another resource. Labels may contain letters, digits, `_` and `-`
 * (https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers), while AWS names may contain
 * more.
 */
function uniqueLabels(): (terraform: TerraformExport) => readonly TerraformResource[] {
  const taken = new Set<string>();
  const address = ({ type, label }: TerraformResource) => `${type}.${label}`;
  return ({ name, resources }) => {
    const base = name.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_');
    let blocks = resources(base);
    for (let count = 2; blocks.some((block) => taken.has(address(block))); count += 1) {
      blocks = resources(`${base}_${count}`);
    }
    for (const block of blocks) taken.add(address(block));
    return blocks;
  };
}
