/** URLs of the project. They are stored only in package.json; whatever prints or links a URL reads it from there. */

/** Limits of GitHub: https://docs.github.com/en/rest/repos/repos#create-a-repository-for-the-authenticated-user */
const OWNER_AND_NAME =
  /^(?<owner>[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)\/(?<name>(?!\.{1,2}$)[A-Za-z0-9._-]{1,100})$/;

/**
 * The fields of package.json for a GitHub repository, given as OWNER/NAME. Throws if it is not valid.
 *
 * @param {string} repository
 */
export function addressesOf(repository) {
  if (!OWNER_AND_NAME.test(repository) || repository.endsWith('.git')) {
    throw new Error(`"${repository}" is not a repository on GitHub. Write OWNER/NAME.`);
  }
  const address = `https://github.com/${repository}`;
  return {
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
    repository: { type: 'git', url: `git+${address}.git` },
  };
}

/**
 * OWNER/NAME from a package.json, or undefined if its repository is not on GitHub.
 *
 * @param {{ repository?: { url?: string } }} packageJson
 */
export function repositoryOf({ repository }) {
  return /^git\+https:\/\/github\.com\/(.+)\.git$/.exec(repository?.url ?? '')?.[1];
}
