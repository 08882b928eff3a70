import { closest } from '../../closest.ts';
import type { Config } from '../../config/schema.ts';
import { CrcError } from '../../errors.ts';
import { versionsOf } from '../../terraform/state/history.ts';
import {
  objectKeyOf,
  type StateName,
  type StatePlace,
  stateText,
  workspacePrefixes,
} from '../../terraform/state/place.ts';
import type { Version } from '../../terraform/state/versions.ts';
import type { Connection } from '../connection.ts';

/** The location of the config's states. Sends at most GetCallerIdentity. */
export async function statePlace(connection: Connection): Promise<StatePlace> {
  const { config, identity, signal, progress } = connection;
  const { stateBucket, lockTable } = config;
  const clients = connection.clients.inRegion(stateBucket.region);
  // The command awaits it; until then nothing handles its failure.
  const asked = identity();
  asked.catch(() => undefined);
  await clients.load('s3', ...(lockTable === undefined ? [] : (['dynamodb'] as const)));
  const accountId = config.accountId ?? (await asked);
  return {
    s3: clients.s3,
    bucket: { Bucket: stateBucket.name, ExpectedBucketOwner: accountId },
    table: lockTable === undefined ? undefined : { dynamodb: clients.dynamodb, name: lockTable.name },
    lockFile: lockTable === undefined || lockTable.lockFile,
    prefixes: workspacePrefixes(config),
    signal,
    listed: progress.count,
  };
}

/** The state keys of the roles in the config, each once. */
export function declaredKeys({ roles }: Pick<Config, 'roles'>, access?: 'write'): readonly string[] {
  const entries = roles.flatMap(({ state }) => state);
  return [...new Set(entries.filter((entry) => access === undefined || entry.access === access).map(({ key }) => key))];
}

/** The state named on the command line, or the config's only one. */
export function chosenState(config: Pick<Config, 'roles'>, key: string | undefined, workspace: string): StateName {
  const keys = declaredKeys(config);
  const [only] = keys;
  if (key !== undefined || (only !== undefined && keys.length === 1)) {
    return { key: key ?? only ?? '', workspace };
  }
  throw new CrcError(
    keys.length === 0 ? 'No role of the config has a state.' : `The config has ${keys.length} states.`,
    {
      hint:
        keys.length === 0
          ? 'Name the key of a state; `crc state list` shows those in the bucket.'
          : `Choose from ${keys.join(', ')}.`,
    },
  );
}

/** The state is not in the bucket, or the bucket belongs to another account. */
export class UnknownState extends CrcError {}

/** All versions of a state. Throws an UnknownState if it was never in the bucket. */
export async function existingVersions(
  place: StatePlace,
  name: StateName,
  config: Pick<Config, 'roles'>,
): Promise<readonly Version[]> {
  const versions = await versionsOf(place, objectKeyOf(name, place.prefixes));
  if (versions.length > 0) return versions;
  const meant = closest(
    name.key,
    declaredKeys(config).filter((key) => key !== name.key),
  );
  throw new UnknownState(`The bucket ${place.bucket.Bucket} has no state ${stateText(name)}.`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}\`crc state list\` shows all states in it, with their workspaces.`,
  });
}
