import { closest } from '../closest.ts';
import { partitionOf } from './arns.ts';
import { REGION_NAMES } from './region-names.ts';

/**
 * The regions that are enabled in every account. All others must be enabled first, including every region launched
 * after 20 March 2019, so this list does not grow.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const ENABLED_BY_DEFAULT = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

/** Whether a region is one that an account must enable before its credentials are known there. */
export function mustBeEnabled(region: string): boolean {
  return partitionOf(region) === 'aws' && !ENABLED_BY_DEFAULT.includes(region);
}

/** Government regions, which no one chooses from a list. */
const ISOLATED = [
  'us-iso-east-1',
  'us-iso-west-1',
  'us-isob-east-1',
  'us-isob-west-1',
  'eu-isoe-west-1',
  'us-isof-east-1',
  'us-isof-south-1',
];

/**
 * Every region in the SDK's endpoint rules, for finding the one that was meant; a test checks the list against the SDK.
 * Most used first, since the first of equally close names is suggested.
 */
export const REGIONS: readonly string[] = [...Object.keys(REGION_NAMES), ...ISOLATED];

export function isKnownRegion(region: string): boolean {
  return REGIONS.includes(region);
}

/** The form of region names: a part of the world, a direction and a number. */
const REGION_FORM = /^(.+)-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]$/;

const PARTS_OF_THE_WORLD = new Set(REGIONS.map((region) => REGION_FORM.exec(region)?.[1]));

/**
 * Whether AWS could have launched an unknown region since this version of crc: it has another number or direction in a
 * part of the world where AWS has regions. `eu-west-4` could exist; `eu-wset-2` and `ue-west-2` could not.
 */
export function couldBeNewRegion(region: string): boolean {
  return !isKnownRegion(region) && PARTS_OF_THE_WORLD.has(REGION_FORM.exec(region)?.[1]);
}

/**
 * The problem with a region name and the region that was probably meant, as the end of a sentence. Undefined for a
 * region that exists, or that AWS could have launched since this version of crc.
 */
export function regionProblem(region: string): string | undefined {
  if (isKnownRegion(region) || couldBeNewRegion(region)) return undefined;
  const meant = closest(region.trim(), REGIONS);
  return meant === undefined
    ? 'is not an AWS region; write one like "eu-west-2"'
    : `is not an AWS region; did you mean "${meant}"?`;
}

/**
 * What to do about a bucket in a different region from the config. The lock table is in the bucket's region. `byFlag`:
 * `--region` chose the region, which is then also that of a bucket without one in the config.
 */
export function bucketRegionHint(actual: string, byFlag = false): string {
  if (byFlag) {
    return `Leave --region out: it applies to the state bucket too. To keep it, set "region": "${actual}" in "stateBucket" in the config if this is your bucket; otherwise choose another bucket name.`;
  }
  return `Set "region": "${actual}" in "stateBucket" in the config if this is your bucket; otherwise choose another bucket name.`;
}
