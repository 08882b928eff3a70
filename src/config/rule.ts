import type { Issue } from '../errors.ts';
import type { Config, listed, ParsedConfig, parts } from './schema.ts';

/** The parts of a config that are right by themselves; those that are not are left out, with their places kept. */
export type ConfigParts = { readonly [K in keyof typeof parts]?: ParsedConfig[K] } & {
  readonly [K in keyof typeof listed]: readonly Placed<Config[K][number]>[];
};

export interface Placed<T> {
  readonly index: number;
  readonly value: T;
}

/** A rule across the config: it looks at the parts that it needs, and passes when one of them is missing. */
export type Rule = (parts: ConfigParts) => readonly Issue[];

/** A danger of what the config asks for: true, and not refused. */
export interface ConfigWarning {
  /** Id of the resource that it concerns: `role/GitHubActionsTerraformRole`. */
  readonly id: string;
  /** Where in the config, what is dangerous, why it matters, and what to write instead. */
  readonly message: string;
  /** It says what is open to the public. */
  readonly isExposure?: true;
}

export const issue = (path: string, message: string): Issue => ({ path, message });
