import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { pages, projectFiles, ROOT } from '../helpers/pages.ts';

const FILES = new Set(projectFiles());
const PAGES = pages();
const isRelative = (link: string) => !/^[a-z]+:/.test(link);

const exists = (path: string) =>
  FILES.has(path) || [...FILES].some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));
/** A path of a file or folder in the project, as mentioned in text. */
const PROJECT_PATH = /^(src|test|scripts|docs|functions|bench|bin|\.ci|\.github)\/[\w./-]+$/;

describe.each(PAGES.map((page) => [page.path, page] as const))('%s', (path, { links, code }) => {
  it('links only to existing targets', () => {
    const broken = links.filter(isRelative).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.join(posix.dirname(path), file);
      const page = PAGES.find((candidate) => candidate.path === target);
      return !exists(target) || (anchor !== undefined && !page?.anchors.has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names only existing files', () => {
    expect(code.filter((text) => PROJECT_PATH.test(text) && !exists(text))).toEqual([]);
  });

  it('contains no address of the project, which only package.json has: links to its own files are relative', () => {
    const [, name = ''] = /github\.com\/([^/]+\/[^/.]+)/.exec(JSON.stringify(packageJson)) ?? [];
    expect(links.filter((link) => name !== '' && link.includes(`github.com/${name}`))).toEqual([]);
  });
});

it('crc itself links only to existing pages and headings', () => {
  const sources = [...FILES]
    .filter((file) => /^src\/.*\.ts$/.test(file))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'));
  const links = sources.flatMap((text) =>
    [...text.matchAll(/documentationUrl\('([^']+)'/g)].map(([, link = '']) => link),
  );
  const broken = links.filter((link) => {
    const [file, anchor] = link.split('#');
    const page = PAGES.find(({ path }) => path === `docs/${file}`);
    return page === undefined || (anchor !== undefined && !page.anchors.has(anchor));
  });
  expect(broken).toEqual([]);
});

describe('the index of the documentation', () => {
  it('lists every page', () => {
    const index = PAGES.find(({ path }) => path === 'docs/README.md');
    const listed = index?.links.map((link) => `docs/${link}`) ?? [];
    expect(PAGES.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !listed.includes(path))).toEqual([
      'docs/README.md',
    ]);
  });

  it('is in the package, like all of docs', () => {
    expect(packageJson.files).toContain('docs');
  });
});
