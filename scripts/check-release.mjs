/**
 * Checks that crc is ready to be published. Run by `npm publish` (prepublishOnly) and by the release workflow, where
 * the tag and the repository are compared too, because npm's provenance names both
 * (https://docs.npmjs.com/generating-provenance-statements).
 */
import { readFileSync } from 'node:fs';
import { releaseProblems } from './release-problems.mjs';

const problems = releaseProblems({
  packageJson: JSON.parse(read('package.json')),
  changelog: read('CHANGELOG.md'),
  tag: process.env.GITHUB_REF_TYPE === 'tag' ? process.env.GITHUB_REF_NAME : undefined,
  repository: process.env.GITHUB_REPOSITORY,
});

if (problems.length > 0) {
  process.stderr.write(`Not ready to publish:\n${problems.map((problem) => `- ${problem}\n`).join('')}`);
  process.exitCode = 1;
}

/** @param {string} file */
function read(file) {
  return readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
}
