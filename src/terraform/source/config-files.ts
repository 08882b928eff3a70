import { join, relative, sep } from 'node:path';
import { slashes } from '../../slashes.ts';
import { READ_BY_ITSELF, VARIABLE_FILE } from './variables.ts';
import type { Listed } from './walk.ts';

/** Usual names of files for `terraform init -backend-config=FILE`; the first is Terraform's own recommendation. */
const BACKEND_CONFIG = /\.tfbackend$|(^|[._-])backend([._-].*)?\.(hcl|tfvars|conf|config)$/;

/** Whether a file is for `terraform init -backend-config`. */
export function isBackendConfig(name: string): boolean {
  return BACKEND_CONFIG.test(name);
}

/** Whether a file is for `terraform plan -var-file`. Files that Terraform loads automatically are not. */
export function isVariableFile(name: string): boolean {
  return VARIABLE_FILE.test(name) && !READ_BY_ITSELF.test(name) && !isBackendConfig(name);
}

/** Hidden files are ignored by Terraform: locks of Emacs (`.#main.tf`), metadata of macOS (`._main.tf`). */
const SOURCE = /^[^.].*\.(tf|tofu)(\.json)?$/;

/**
 * The files with code: for Terraform, `*.tf`; for OpenTofu also `*.tofu`, each instead of a `*.tf` with the same name.
 * https://opentofu.org/docs/language/files/
 */
export function codeFiles(names: readonly string[], program: 'terraform' | 'tofu' = 'tofu'): readonly string[] {
  const code = names.filter((name) => SOURCE.test(name));
  if (program === 'terraform') return code.filter((name) => !/\.tofu(\.json)?$/.test(name));
  return code.filter(
    (name) => !code.includes(name.replace(/\.tf(?=(\.json)?$)/, '.tofu')) || /\.tofu(\.json)?$/.test(name),
  );
}

/** https://developer.hashicorp.com/terraform/language/files/override */
const OVERRIDE = /(^|[/_])override\.(tf|tofu)(\.json)?$/;

/** A backend block in an override file replaces the others; of several, the last one in the order of file names. */
export function inEffect<T extends { readonly file: string }>(backendBlocks: readonly T[]): readonly T[] {
  const overriding = backendBlocks.filter(({ file }) => OVERRIDE.test(file));
  return overriding.length === 0 ? backendBlocks : overriding.slice(-1);
}

/**
 * Files of arguments in a folder, or else in subfolders that are not Terraform folders. Relative to the folder, with
 * slashes.
 */
export function argumentFilesOf(
  { path, names }: Listed,
  listed: readonly Listed[],
  isTerraform: (folder: Listed) => boolean,
  isWanted: (name: string) => boolean,
): readonly string[] {
  const own = names.filter(isWanted);
  if (own.length > 0) return own;
  const isBelow = (folder: Listed, other: string) => folder.path.startsWith(join(other, sep));
  const below = listed.filter((folder) => isBelow(folder, path));
  const nested = below.filter(isTerraform).map((folder) => folder.path);
  return below
    .filter((folder) => !nested.some((other) => folder.path === other || isBelow(folder, other)))
    .flatMap((folder) => folder.names.filter(isWanted).map((name) => slashes(relative(path, join(folder.path, name)))));
}
