import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';
import { fromMarkdown } from 'mdast-util-from-markdown';

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number];

/** The project's root folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A Markdown page. */
export interface Page {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  /** Anchors that GitHub generates for the headings. */
  readonly anchors: ReadonlySet<string>;
  /** Targets of links and images, as written. */
  readonly links: readonly string[];
  /** Contents of code spans. */
  readonly code: readonly string[];
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
}

/** Tracked and untracked files that git does not ignore, relative to the project's root. */
export function projectFiles(): readonly string[] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((path) => path !== '');
}

/** README, the pages in docs/, and other Markdown pages that GitHub shows for a project. */
export function pages(): readonly Page[] {
  return projectFiles()
    .filter((path) => /^([^/]+|docs\/.+|\.github\/.+)\.md$/.test(path))
    .map(pageOf);
}

function pageOf(path: string): Page {
  const slugger = new GithubSlugger();
  const nodes = within(fromMarkdown(readFileSync(join(ROOT, path), 'utf8')));
  return {
    path,
    anchors: new Set(nodes.flatMap((node) => (node.type === 'heading' ? slugger.slug(textOf(node)) : []))),
    links: nodes.flatMap((node) =>
      node.type === 'link' || node.type === 'image' || node.type === 'definition' ? node.url : [],
    ),
    code: nodes.flatMap((node) => (node.type === 'inlineCode' ? node.value : [])),
    blocks: nodes.flatMap((node) => (node.type === 'code' ? { language: node.lang ?? '', text: node.value } : [])),
  };
}

function within(node: Node): readonly Node[] {
  return 'children' in node ? [node, ...node.children.flatMap(within)] : [node];
}

function textOf(node: Node): string {
  return within(node)
    .map((part) => ('value' in part ? part.value : ''))
    .join('');
}
