import { isDeepStrictEqual } from 'node:util';
import { addressesOf, repositoryOf } from './repository.mjs';

/**
 * Reasons why a version cannot be published yet, each with a fix. Empty if it is ready.
 *
 * @param {object} release
 * @param {{ version: string, repository?: { url?: string }, homepage?: string, bugs?: { url?: string } }} release.packageJson
 * @param {string} release.changelog The text of CHANGELOG.md.
 * @param {string | undefined} release.tag The git tag, when the workflow runs for one.
 * @param {string | undefined} release.repository OWNER/NAME of the repository in which the workflow runs.
 * @returns {readonly string[]}
 */
export function releaseProblems({ packageJson, changelog, tag, repository }) {
  const { version } = packageJson;
  const set = repositoryOf(packageJson);
  const problems = [];
  if (set === undefined) {
    problems.push('package.json has no repository. Run: npm run set-repository OWNER/NAME');
  } else {
    const { homepage, bugs } = addressesOf(set);
    if (packageJson.homepage !== homepage || !isDeepStrictEqual(packageJson.bugs, bugs)) {
      problems.push(
        `homepage or bugs in package.json belongs to another repository. Run: npm run set-repository ${set}`,
      );
    }
    if (repository !== undefined && repository !== set) {
      problems.push(`package.json names ${set}, and this is ${repository}. Run: npm run set-repository ${repository}`);
    }
  }
  if (!hasSection(changelog, version)) {
    problems.push(`CHANGELOG.md has no section "## ${version}". Rename "## Unreleased", and start a new one above it.`);
  }
  if (tag !== undefined && tag !== `v${version}`) {
    problems.push(`The tag is ${tag}, and package.json has the version ${version}. Tag v${version} instead.`);
  }
  return problems;
}

/**
 * Whether the changelog has a non-empty section for a version: `## 1.2.3` or `## 1.2.3 - 2026-12-01`.
 *
 * @param {string} changelog
 * @param {string} version
 */
function hasSection(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  return sections.some((section) => {
    const [title = '', ...lines] = section.split('\n');
    return title.split(/\s/)[0] === version && lines.some((line) => line.trim() !== '');
  });
}
