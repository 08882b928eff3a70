import { basename } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { CrcError } from '../../errors.ts';
import { MOTO_ACCOUNT } from '../../sandbox/environment.ts';
import type { Io } from '../../ui/io.ts';
import type { GlobalOptions } from '../options.ts';

/** The account and region that the statements are for. */
export interface ProjectPlace {
  readonly config: { readonly config: Config; readonly file: string; readonly name: string } | undefined;
  /** `*` if it is not in the config: a role's policy usually applies to its own account only. */
  readonly accountId: string;
  /** The emulator's. */
  readonly emulatedAccountId: string;
  readonly region: string;
}

/** The config's account and region. Statements can also be found without a config. */
export async function projectPlace(options: GlobalOptions, io: Io): Promise<ProjectPlace> {
  const config = await configOf(options, io);
  const accountId = config?.config.accountId;
  const { AWS_REGION, AWS_DEFAULT_REGION } = io.env;
  return {
    config,
    accountId: accountId ?? '*',
    emulatedAccountId: accountId ?? MOTO_ACCOUNT,
    region: config?.config.region ?? options.region ?? (AWS_REGION || AWS_DEFAULT_REGION || 'us-east-1'),
  };
}

async function configOf({ config: file, region }: GlobalOptions, io: Io): Promise<ProjectPlace['config']> {
  try {
    const loaded = await loadConfig({ cwd: io.cwd, file, region });
    return { config: loaded.config, file: loaded.file, name: loaded.above ?? file ?? basename(loaded.file) };
  } catch (error) {
    // It does not exist before `crc init`; an invalid one must be fixed first.
    const isMissing = error instanceof CrcError && error.issues === undefined && /^There is no /.test(error.message);
    if (file !== undefined || !isMissing) throw error;
    return undefined;
  }
}
