import { Expression } from '../engine/terraform.ts';
import { block } from './hcl.ts';

/**
 * Blocks with which Terraform (1.7 or newer) forgets resources without deleting them
 * (https://developer.hashicorp.com/terraform/language/block/removed).
 */
export function removedBlocks(addresses: readonly string[]): string {
  return addresses
    .map((address) =>
      block({
        type: 'removed',
        arguments: { from: new Expression(address) },
        blocks: [{ type: 'lifecycle', arguments: { destroy: false } }],
      }),
    )
    .join('\n\n');
}
