import type { Config } from '../../../config/schema.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../../policies/terraform.ts';
import type { SourceBackend, TerraformFolder } from '../folders.ts';

/** A problem with the backend of a Terraform folder. */
export interface BackendProblem {
  /** `duplicate-key`: a section of docs/backend.md. */
  readonly id: string;
  readonly message: string;
  readonly fix: string;
}

/** The parts of the config that a backend is compared with. */
export type BackendsConfig = Pick<Config, 'stateBucket' | 'lockTable' | 'roles'>;

/** A backend in S3, and its known settings. */
export interface S3Backend extends Pick<SourceBackend, 'arguments' | 'unknown'> {
  readonly directory: string;
  readonly place: string;
  readonly terraformVersion: TerraformFolder['terraformVersion'];
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The prefix of workspace keys. */
  readonly prefix: string;
}

export function s3BackendOf({ directory, terraformVersion }: TerraformFolder, backend: SourceBackend): S3Backend {
  const { arguments: given, unknown } = backend;
  return {
    directory,
    place: placeOf(backend),
    terraformVersion,
    arguments: given,
    unknown,
    bucket: textArgument(backend, 'bucket'),
    // Terraform rejects a key that starts with a slash.
    key: textArgument(backend, 'key'),
    prefix: textArgument(backend, 'workspace_key_prefix') ?? DEFAULT_WORKSPACE_PREFIX,
  };
}

/** `main.tf:3`, `main.tf:3 with dev.tfbackend` */
export function placeOf({ file, line, configFile }: SourceBackend): string {
  return configFile === undefined ? `${file}:${line}` : `${file}:${line} with ${configFile}`;
}

/** Undefined if it is missing, or only Terraform can determine it. */
export function textArgument({ arguments: given }: Pick<SourceBackend, 'arguments'>, name: string): string | undefined {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
}
