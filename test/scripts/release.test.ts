import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { releaseProblems } from '../../scripts/release-problems.mjs';
import { addressesOf, repositoryOf } from '../../scripts/repository.mjs';
import { folderWith } from '../helpers/folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const RELEASE = {
  packageJson: { version: '1.2.3', ...addressesOf('someone/crc') },
  changelog: '# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-12-01\n\n### Added\n\n- All of it.\n\n## 1.2.2\n',
  tag: 'v1.2.3',
  repository: 'someone/crc',
};

describe('what prevents a version from being published', () => {
  it('is nothing if URLs, version, tag and changelog agree', () => {
    expect(releaseProblems(RELEASE)).toEqual([]);
  });

  it('leaves out the tag and the repository outside the workflow', () => {
    expect(releaseProblems({ ...RELEASE, tag: undefined, repository: undefined })).toEqual([]);
  });

  it.each([
    ['no repository', { packageJson: { version: '1.2.3' } }, 'npm run set-repository OWNER/NAME'],
    [
      'the homepage of another repository',
      { packageJson: { ...RELEASE.packageJson, homepage: 'https://a.example' } },
      'homepage',
    ],
    ['no bugs URL', { packageJson: { version: '1.2.3', repository: addressesOf('someone/crc').repository } }, 'bugs'],
    ['a fork', { repository: 'other/crc' }, 'npm run set-repository other/crc'],
    ['a different tag', { tag: 'v1.2.4' }, 'Tag v1.2.3 instead'],
    ['a version without changes', { changelog: '# Changelog\n\n## Unreleased\n\n- All.\n' }, '"## 1.2.3"'],
    ['an empty section', { changelog: '## 1.2.3\n\n## 1.2.2\n\n- All.\n' }, '"## 1.2.3"'],
    ['a longer version', { changelog: '## 1.2.34\n\n- All.\n' }, '"## 1.2.3"'],
  ])('reports %s, with a fix', (_, change, message) => {
    expect(releaseProblems({ ...RELEASE, ...change })).toEqual([expect.stringContaining(message)]);
  });
});

describe('the repository', () => {
  it.each(['someone/crc', 'a/b', 'some-one/c.r_c-1'])('%s is converted to URLs and back', (repository) => {
    const addresses = addressesOf(repository);
    expect(repositoryOf(addresses)).toBe(repository);
    expect(addresses.bugs.url).toBe(`https://github.com/${repository}/issues`);
  });

  it.each(['crc', 'https://github.com/a/b', 'a/b/c', 'a/..', '-a/b', 'a/b.git', 'OWNER /NAME', ''])(
    '%j is rejected',
    (word) => {
      expect(() => addressesOf(word)).toThrow('OWNER/NAME');
    },
  );

  it('is named only in package.json, which is checked before publishing', () => {
    expect(packageJson.scripts.prepublishOnly).toContain('scripts/check-release.mjs');
    expect(packageJson.scripts['set-repository']).toBe('node scripts/set-repository.mjs');
    const release = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');
    expect(release).toContain('node scripts/check-release.mjs');
  });

  it('is written to package.json by set-repository, which changes nothing else', () => {
    const files = ['package.json', 'scripts/repository.mjs', 'scripts/set-repository.mjs'];
    const folder = folderWith(Object.fromEntries(files.map((file) => [file, readFileSync(join(ROOT, file))])));
    const { status } = spawnSync(process.execPath, [join(folder, 'scripts/set-repository.mjs'), 'someone/crc']);
    expect(status).toBe(0);
    const written: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(written).toEqual({ ...packageJson, ...addressesOf('someone/crc') });
  });
});
