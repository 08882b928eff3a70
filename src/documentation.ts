import packageJson from '../package.json' with { type: 'json' };

/** The fields of package.json that addresses follow from. There is no repository before `npm run set-repository`. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly repository?: { readonly url: string };
}

/**
 * The address of docs/, or of a page in it, for example `commands.md` or `config.md#roles`, as it was when this version was
 * released. package.json is the one place that knows the repository; before it does, this is the package's page on npm, which
 * follows from the name.
 */
export function documentationUrl(page?: string, { name, version, repository }: Package = packageJson): string {
  if (repository === undefined) return `https://www.npmjs.com/package/${name}`;
  const address = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  // GitHub shows the index below the list of the folder's files.
  return page === undefined ? `${address}/tree/v${version}/docs` : `${address}/blob/v${version}/docs/${page}`;
}
