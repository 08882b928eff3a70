/**
 * The addresses of the project. package.json is the one place that holds them, and everything that prints or links one reads
 * them there.
 */

/** As GitHub allows them: https://docs.github.com/en/rest/repos/repos#create-a-repository-for-the-authenticated-user */
const OWNER_AND_NAME =
  /^(?<owner>[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)\/(?<name>(?!\.{1,2}$)[A-Za-z0-9._-]{1,100})$/;

/**
 * The fields of package.json for a repository on GitHub, given as OWNER/NAME. Throws for anything else.
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
 * OWNER/NAME of a package.json, or undefined when it has no address of a repository on GitHub.
 *
 * @param {{ repository?: { url?: string } }} packageJson
 */
export function repositoryOf({ repository }) {
  return /^git\+https:\/\/github\.com\/(.+)\.git$/.exec(repository?.url ?? '')?.[1];
}
