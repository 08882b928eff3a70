import { OWN_PACKAGE, type Package } from './own-package.ts';

/**
 * The address of docs/, or of a page in it (`commands.md`, `config.md#roles`), as of the release of this version.
 * Without a repository in package.json, the address of the package on npm.
 */
export function documentationUrl(page?: string, { name, version, repository }: Package = OWN_PACKAGE): string {
  if (repository === undefined) return `https://www.npmjs.com/package/${name}`;
  const address = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  // GitHub shows README.md below the list of files in the folder.
  return page === undefined ? `${address}/tree/v${version}/docs` : `${address}/blob/v${version}/docs/${page}`;
}
