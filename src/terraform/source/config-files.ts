import { join, relative, sep } from 'node:path';
import { type Listed, slashes } from './walk.ts';

/** What people call files for `terraform init -backend-config=FILE`; the first is Terraform's own recommendation. */
const BACKEND_CONFIG = /\.tfbackend$|(^|[._-])backend([._-].*)?\.(hcl|tfvars|conf|config)$/;

/**
 * Files for `-backend-config` in a folder, or, where it has none, in the folders below it that are no Terraform folders. From the folder,
 * with slashes.
 */
export function configFilesOf(
  { path, names }: Listed,
  listed: readonly Listed[],
  isTerraform: (folder: Listed) => boolean,
): readonly string[] {
  const isConfig = (name: string) => BACKEND_CONFIG.test(name);
  const own = names.filter(isConfig);
  if (own.length > 0) return own;
  const isBelow = (folder: Listed, other: string) => folder.path.startsWith(join(other, sep));
  const below = listed.filter((folder) => isBelow(folder, path));
  const nested = below.filter(isTerraform).map((folder) => folder.path);
  return below
    .filter((folder) => !nested.some((other) => folder.path === other || isBelow(folder, other)))
    .flatMap((folder) => folder.names.filter(isConfig).map((name) => slashes(relative(path, join(folder.path, name)))));
}
