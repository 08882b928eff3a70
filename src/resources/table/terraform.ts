import { ignoreChanges, type TerraformExport, type Value } from '../../engine/terraform.ts';
import type { Context } from '../context.ts';
import { type Capacity, INITIAL_CAPACITY } from './capacity.ts';

interface TableInTerraform {
  readonly name: string;
  readonly hashKey: string;
  readonly capacity: Capacity;
}

/** A table as Terraform code. */
export function tableInTerraform(
  { name, hashKey, capacity }: TableInTerraform,
  label: string,
  { place, tags }: Pick<Context, 'place' | 'tags'>,
): TerraformExport {
  return {
    name: label,
    region: place.region,
    resources: (uniqueLabel) => [
      {
        type: 'aws_dynamodb_table',
        label: uniqueLabel,
        importId: name,
        arguments: {
          name,
          hash_key: hashKey,
          ...throughput(capacity),
          deletion_protection_enabled: true,
          tags,
        },
        blocks: [
          { type: 'attribute', arguments: { name: hashKey, type: 'S' } },
          // Neither crc nor Terraform controls the capacity.
          ...(capacity === 'unmanaged' ? [ignoreChanges('billing_mode', 'read_capacity', 'write_capacity')] : []),
        ],
      },
    ],
  };
}

function throughput(capacity: Capacity): { readonly [name: string]: Value } {
  if (capacity === 'on-demand') return { billing_mode: 'PAY_PER_REQUEST' };
  // Terraform requires an initial value, which it ignores afterwards.
  const { read, write } = capacity === 'unmanaged' ? INITIAL_CAPACITY : capacity;
  return { billing_mode: 'PROVISIONED', read_capacity: read, write_capacity: write };
}
