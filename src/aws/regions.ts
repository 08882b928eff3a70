import { partitionOf } from './names.ts';

/**
 * The regions that every account has. All others of the partition must be enabled by the account first: so it is for each region
 * that was launched after 20 March 2019, so that this list does not grow.
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
