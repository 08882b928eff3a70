import { readFile } from 'node:fs/promises';
import { applyEdits, modify } from 'jsonc-parser';
import { loadConfig } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import type { FunctionKind, GitHubIds } from '../init/config.ts';
import { mayBeCounter } from '../init/counter.ts';
import { isPython } from '../package/handler.ts';
import { repositoriesOf, repositoriesTrusted } from '../policies/trust.ts';
import type { InitOptions } from './definitions/init.ts';
import { parsedIds } from './init-flags.ts';

/** The config of a project, and its text if it must be written. */
export interface InitConfig {
  readonly config: Config;
  /** Undefined: the existing file stays unchanged. */
  readonly text: string | undefined;
  /** What the text adds to an existing file; undefined for a new one. */
  readonly adds?: string;
}

/**
 * The existing config, with GitHub's ids added if the flag gives them. @throws CrcError for a flag that contradicts the
 * config, since it would be ignored.
 */
export async function existingConfig(cwd: string, name: string, options: InitOptions): Promise<InitConfig> {
  if (options.fromAccount) {
    throw new CrcError(`${name} already exists, and --from-account writes a new one.`, {
      hint: 'Pass --force to replace it. `crc verify` compares the account with the existing one.',
    });
  }
  const { config, file } = await loadConfig({ cwd, file: name });
  checkAgainst(config, name, options);
  const ids = options.githubIds === undefined ? undefined : parsedIds(options.githubIds);
  if (ids === undefined) return { config, text: undefined };
  const text = withIds(await readFile(file, 'utf8'), config, repositoryOf(config, options), ids);
  return { config: parseConfig(text, name), text, adds: "adds GitHub's IDs" };
}

function checkAgainst(config: Config, name: string, options: InitOptions): void {
  const { region, account, bucket, function: kind, repository } = options;
  const repositories = repositoriesTrusted(config.roles);
  const flags: readonly (readonly [flag: string, given: string | undefined, there: readonly string[]])[] = [
    ['repository', repository, repositories],
    ['region', region, [config.region]],
    ['account', account, config.accountId === undefined ? [] : [config.accountId]],
    ['bucket', bucket, [config.stateBucket.name]],
    ['function', kind, kindsOf(config)],
  ];
  const refused = flags.filter(([, given, there]) => given !== undefined && !there.includes(given));
  if (refused.length === 0) return;
  const differences = refused.map(
    ([flag, given, there]) => `--${flag} ${given} (it has ${there.join(', ') || `no ${flag}`})`,
  );
  throw new CrcError(`${name} already exists with different values: ${differences.join(', ')}.`, {
    hint: `Nothing was written. Edit ${name}, or pass --force to replace it with a new one.`,
  });
}

function kindsOf({ functions }: Config): readonly FunctionKind[] {
  const kinds = functions
    .filter(mayBeCounter)
    .map((functionConfig) => (isPython(functionConfig.runtime) ? 'python' : 'typescript'));
  return functions.length === 0 ? ['none'] : kinds;
}

/** The repository that the ids belong to. Throws a CrcError if the config has several and no flag names one. */
function repositoryOf({ roles }: Config, { repository }: InitOptions): string {
  const all = repositoriesTrusted(roles);
  const [only] = repository === undefined ? all : [repository];
  if (only !== undefined && (repository !== undefined || all.length === 1)) return only;
  throw new CrcError(`--github-ids: the config has roles for ${all.length} repositories.`, {
    hint: `Pass the one that the IDs belong to with --repository: ${all.join(', ')}.`,
  });
}

function withIds(text: string, { roles }: Config, repository: string, ids: GitHubIds): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: text.includes('\r\n') ? '\r\n' : '\n' };
  // Before the subjects, as in a new config.
  const options = { formattingOptions, getInsertionIndex: () => 1 };
  let extended = text;
  roles.forEach(({ trust }, index) => {
    const block = repositoriesOf(trust).findIndex((listed) => listed.repository === repository);
    if (block === -1) return;
    const place = ['roles', index, 'trust', ...(Array.isArray(trust) ? [block] : [])];
    for (const [key, id] of Object.entries({ repositoryId: ids.repositoryId, ownerId: ids.ownerId })) {
      extended = applyEdits(extended, modify(extended, [...place, key], id, options));
    }
  });
  return extended;
}
