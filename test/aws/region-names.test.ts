import { expect, it } from 'vitest';
import { REGION_NAMES } from '../../src/aws/region-names.ts';

/** The SDK does not export its list of regions. */
const PARTITIONS = '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';

interface Partition {
  readonly id: string;
  readonly regions: Readonly<Record<string, { readonly description: string }>>;
}

it('the regions to choose from are the public regions of the SDK, with their names', async () => {
  const { partitionsInfo } = (await import(PARTITIONS)) as {
    readonly partitionsInfo: { readonly partitions: readonly Partition[] };
  };
  const regions = partitionsInfo.partitions
    .filter(({ id }) => !id.startsWith('aws-iso'))
    .flatMap((partition) => Object.entries(partition.regions))
    .filter(([region]) => !region.endsWith('-global'));
  expect(REGION_NAMES).toEqual(Object.fromEntries(regions.map(([region, { description }]) => [region, description])));
});
