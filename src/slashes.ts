import { sep } from 'node:path';

/** A path with slashes, as GitHub, Terraform and packages have it, whatever this platform's separator. */
export function slashes(path: string): string {
  return path.replaceAll(sep, '/');
}
