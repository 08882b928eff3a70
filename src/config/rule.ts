import type { Issue } from '../errors.ts';
import type { Config, listed, ParsedConfig, parts } from './schema.ts';

/** The parts of a config that are valid by themselves. Invalid ones are omitted, but list positions are kept. */
export type ConfigParts = { readonly [K in keyof typeof parts]?: ParsedConfig[K] } & {
  readonly [K in keyof typeof listed]: readonly Placed<Config[K][number]>[];
};

export interface Placed<T> {
  readonly index: number;
  readonly value: T;
}

/** A rule across parts of the config. It passes if a part that it needs is missing. */
export type Rule = (parts: ConfigParts) => readonly Issue[];

/** A danger in a valid config, which is reported but not rejected. */
export interface ConfigWarning {
  /** Id of the resource that it is about: `role/GitHubActionsTerraformRole`. */
  readonly id: string;
  /** Where in the config, what is dangerous, why it matters, and what to write instead. */
  readonly message: string;
  /** Set if something is publicly accessible. */
  readonly isExposure?: true;
}

export const issue = (path: string, message: string): Issue => ({ path, message });
