import { partition } from '@aws-sdk/core/client';
import { describe, expect, it } from 'vitest';
import { couldBeNewRegion, REGIONS, regionProblem } from '../../src/aws/regions.ts';

/** The SDK does not export its list of regions. */
const PARTITIONS = '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';

interface Partitions {
  readonly partitionsInfo: { readonly partitions: readonly { readonly regions: object }[] };
}

describe('regions', () => {
  it("are those of the SDK's endpoint rules, without duplicates", async () => {
    const { partitionsInfo }: Partitions = await import(PARTITIONS);
    const ofSdk = partitionsInfo.partitions.flatMap(({ regions }) => Object.keys(regions));
    expect([...REGIONS].sort()).toEqual(ofSdk.filter((region) => !region.endsWith('-global')).sort());
  });

  it.each([
    ['eu-wset-2', 'eu-west-2'],
    ['us-esat-1', 'us-east-1'],
    ['ue-north-1', 'eu-north-1'],
    ['EU-WEST-2', 'eu-west-2'],
    ['eu_west_2', 'eu-west-2'],
    ['euwest2', 'eu-west-2'],
    ['eu-west-2a', 'eu-west-2'],
    [' us-east-1', 'us-east-1'],
    ['ap-southeast2', 'ap-southeast-2'],
  ])('%j is refused, and %s is suggested', (region, suggestion) => {
    expect(regionProblem(region)).toBe(`is not an AWS region; did you mean "${suggestion}"?`);
  });

  it.each(['london', '', 'aws-global', '__proto__', 'a'.repeat(1_000)])('%.20j is refused', (region) => {
    expect(regionProblem(region)).toMatch(/^is not an AWS region; write one like "eu-west-2"$/);
  });

  it.each(['eu-west-4', 'us-east-3', 'eu-southwest-1', 'us-gov-central-1', 'cn-south-1', 'mx-east-1'])(
    '%s could be newer than the list, and is accepted',
    (region) => {
      expect(couldBeNewRegion(region)).toBe(true);
      expect(regionProblem(region)).toBeUndefined();
      expect(partition(region).name).toMatch(/^aws/);
    },
  );

  it('a suggestion is never refused itself', () => {
    for (const region of REGIONS) expect(regionProblem(region)).toBeUndefined();
  });
});
