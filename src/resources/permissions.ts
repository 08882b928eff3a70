import { grant } from '../aws/actions.ts';
import { ALIAS, bucketArn, functionArn, type Place, tableArn } from '../aws/names.ts';
import type { Config } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import type { Grant } from '../engine/types.ts';
import { functionResourceIds } from './function/ids.ts';

/** The commands that a policy can be printed for. */
export const PERMITTED = ['bootstrap', 'verify', 'deploy-function', 'destroy', 'state', 'state-check'] as const;

export type PermittedCommand = (typeof PERMITTED)[number];

/**
 * What a command needs on this config, from what its resources name for their calls. Asking whose credentials these are
 * (sts:GetCallerIdentity) needs no permission. `deploy-function` is what a role of CI gets: it reads all that the functions are
 * made of, and ships code and settings; with the rights of `bootstrap` it creates the rest too.
 */
export function permissionsFor(
  command: PermittedCommand,
  config: Pick<Config, 'functions' | 'stateBucket' | 'lockTable'>,
  resources: readonly Resource[],
  place: Place,
): readonly Grant[] {
  const { functions } = config;
  if (command === 'state-check') return readingStates(config, place);
  if (command === 'state') return [...readingStates(config, place), ...writingStates(config, place)];
  if (command === 'verify') return resources.flatMap(({ actions }) => actions.read);
  if (command === 'bootstrap') return resources.flatMap(({ actions }) => [...actions.read, ...actions.write]);
  if (command === 'destroy') return resources.flatMap(({ actions }) => [...actions.read, ...actions.remove]);
  const ids = functions.flatMap((one) => functionResourceIds(one, functions));
  return [
    ...resources
      .filter(({ id }) => ids.includes(id))
      .flatMap(({ actions }) => [...actions.read, ...(actions.deploy ?? [])]),
    ...functions.flatMap((one) => testing(one, place)),
  ];
}

/** The smoke test and the rollback, which are no resource's own. */
function testing({ name, url }: Config['functions'][number], place: Place): readonly Grant[] {
  const arn = functionArn(place, name);
  return [
    grant('lambda', ['Invoke'], `${arn}:${ALIAS}`),
    ...(url === undefined ? [] : [grant('lambda', ['GetFunctionUrlConfig'], arn, `${arn}:${ALIAS}`)]),
    grant('lambda', ['GetFunction', 'ListTags', 'ListVersionsByFunction', 'GetAlias', 'UpdateAlias'], arn),
  ];
}

type StatesConfig = Pick<Config, 'stateBucket' | 'lockTable'>;

/** What looks at the states of a bucket. They are all states, also those that no role of the config has. */
function readingStates({ stateBucket, lockTable }: StatesConfig, place: Place): readonly Grant[] {
  const bucket = bucketArn(place, stateBucket.name);
  return [
    // Without ListBucket, S3 calls an object that is not there forbidden.
    { actions: ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetLifecycleConfiguration'], resources: [bucket] },
    { actions: ['s3:GetObjectVersion'], resources: [`${bucket}/*`] },
    { actions: ['s3:GetObject'], resources: [`${bucket}/*.tflock`] },
    ...onTable(['dynamodb:Scan'], lockTable, place),
    ...onKey(['kms:Decrypt'], stateBucket),
  ];
}

/** What restores, unlocks and sets digests besides. No version is ever deleted. */
function writingStates({ stateBucket, lockTable }: StatesConfig, place: Place): readonly Grant[] {
  const bucket = bucketArn(place, stateBucket.name);
  return [
    // Shown in the history: S3 leaves it out of its answers for those who may not read it.
    { actions: ['s3:GetObjectRetention'], resources: [`${bucket}/*`] },
    // A write with a condition on what is there reads that, too.
    { actions: ['s3:GetObject', 's3:PutObject'], resources: [`${bucket}/*`] },
    { actions: ['s3:DeleteObject'], resources: [`${bucket}/*.tflock`] },
    ...onTable(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], lockTable, place),
    ...onKey(['kms:Encrypt', 'kms:GenerateDataKey'], stateBucket),
  ];
}

function onTable(actions: readonly string[], table: StatesConfig['lockTable'], place: Place): readonly Grant[] {
  return table === undefined ? [] : [{ actions, resources: [tableArn(place, table.name)] }];
}

function onKey(actions: readonly string[], { encryption }: StatesConfig['stateBucket']): readonly Grant[] {
  const { keyArn } = encryption;
  return keyArn === undefined ? [] : [{ actions, resources: [keyArn] }];
}
