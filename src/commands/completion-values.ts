import { REGIONS } from '../aws/regions.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import { repositoriesTrusted } from '../policies/trust.ts';
import { resourceIds } from '../resources/list.ts';
import { stateKeys } from '../terraform/backend.ts';
import type { Io } from '../ui/io.ts';
import type { Values } from './options.ts';

const VALUES: Readonly<
  Record<Exclude<Values, readonly string[] | 'files' | 'regions'>, (config: Config) => readonly string[]>
> = {
  resources: resourceIds,
  roles: ({ roles }) => roles.map(({ name }) => name),
  functions: ({ functions }) => functions.map(({ name }) => name),
  states: stateKeys,
  repositories: ({ roles }) => repositoriesTrusted(roles),
};

/**
 * The AWS regions, or the names of a kind in the config; empty if it cannot be read, since a completing shell shows no
 * error.
 */
export async function knownValues(
  kind: keyof typeof VALUES | 'regions',
  words: readonly string[],
  io: Io,
): Promise<readonly string[]> {
  if (kind === 'regions') return REGIONS;
  const given = words.indexOf('--config');
  try {
    const { config } = await loadConfig({
      cwd: io.cwd,
      file: given === -1 ? undefined : words[given + 1],
      region: undefined,
    });
    return VALUES[kind](config);
  } catch (error) {
    if (error instanceof CrcError) return [];
    throw error;
  }
}
