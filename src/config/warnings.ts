import type { Config } from './schema.ts';

/** A danger of what the config asks for: true, and not refused. */
export interface ConfigWarning {
  /** Id of the resource that it concerns: `role/GitHubActionsTerraformRole`. */
  readonly id: string;
  /** Where in the config, what is dangerous, why it matters, and what to write instead. */
  readonly message: string;
}

type WarningRule = (config: Config) => readonly ConfigWarning[];

const rules: readonly WarningRule[] = [];

/** The dangers of a config by the id of the resource that they concern. */
export function configWarnings(config: Config): ReadonlyMap<string, readonly string[]> {
  const byId = new Map<string, string[]>();
  for (const { id, message } of rules.flatMap((rule) => rule(config))) {
    byId.set(id, [...(byId.get(id) ?? []), message]);
  }
  return byId;
}
