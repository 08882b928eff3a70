import type { Config } from '../../../config/schema.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../../policies/terraform.ts';
import type { SourceBackend, TerraformFolder } from '../folders.ts';

/** What is wrong with the backend of a Terraform folder. */
export interface BackendProblem {
  /** `duplicate-key`: a section of docs/backend.md. */
  readonly id: string;
  readonly message: string;
  readonly fix: string;
}

/** The parts of the config that a backend is compared with. */
export type BackendsConfig = Pick<Config, 'stateBucket' | 'lockTable' | 'roles'>;

/** A backend in S3 with what is known of it. */
export interface S3Backend extends Pick<SourceBackend, 'arguments' | 'unknown'> {
  readonly directory: string;
  readonly place: string;
  readonly terraformVersion: TerraformFolder['terraformVersion'];
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** Of the workspaces' keys. */
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
    // Terraform refuses a key with a slash at its start.
    key: textArgument(backend, 'key'),
    prefix: textArgument(backend, 'workspace_key_prefix') ?? DEFAULT_WORKSPACE_PREFIX,
  };
}

/** `main.tf:3`, `main.tf:3 with dev.tfbackend` */
export function placeOf({ file, line, configFile }: SourceBackend): string {
  return configFile === undefined ? `${file}:${line}` : `${file}:${line} with ${configFile}`;
}

/** Undefined where there is none, and for one that only Terraform can tell. */
export function textArgument({ arguments: given }: Pick<SourceBackend, 'arguments'>, name: string): string | undefined {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
}
