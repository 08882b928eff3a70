import { CrcError } from '../errors.ts';
import { DEFAULT_WORKSPACE } from '../terraform/state/place.ts';

/**
 * The name of a workspace as given. @throws CrcError for a name that Terraform rejects: a workspace is a part of the
 * key (https://developer.hashicorp.com/terraform/cli/workspaces).
 */
export function workspaceOf(given: string | undefined): string {
  if (given === undefined) return DEFAULT_WORKSPACE;
  if (/^[\w$&+=:@.~!'()*,;-]+$/.test(given) && !/^\.+$/.test(given)) return given;
  throw new CrcError(`--workspace: ${JSON.stringify(given)} cannot be the name of a workspace.`, {
    hint: 'Write it as `terraform workspace list` shows it.',
  });
}
