import ignore from 'ignore';

/** A pattern, and example paths that it should ignore. */
interface Wanted {
  readonly pattern: string;
  readonly paths: readonly string[];
}

/**
 * What should never be committed: installed packages, Terraform's caches, states and plans (which contain secrets), and
 * settings.
 */
const WANTED: readonly Wanted[] = [
  { pattern: 'node_modules/', paths: ['node_modules/x'] },
  { pattern: '.terraform/', paths: ['.terraform/x'] },
  { pattern: '*.tfstate', paths: ['terraform.tfstate'] },
  { pattern: '*.tfstate.*', paths: ['terraform.tfstate.backup'] },
  { pattern: 'tfplan', paths: ['tfplan'] },
  { pattern: '.env*', paths: ['.env', '.env.local'] },
];

/** Files that Python generates. */
const OF_PYTHON: readonly Wanted[] = [{ pattern: '__pycache__/', paths: ['__pycache__/x'] }];

/** A .gitignore in a parent folder, and the path from there to the project: `infra`, or empty for the folder itself. */
export interface GitIgnore {
  readonly text: string;
  readonly below: string;
}

export interface GitIgnoreInput {
  /** The project's own file; undefined if it does not exist. */
  readonly own: string | undefined;
  readonly above: readonly GitIgnore[];
  readonly python: boolean;
}

/**
 * The project's .gitignore with missing patterns added, and those patterns. Whatever is already ignored in any way is
 * not added again. Terraform's provider lock file is never ignored, since it should be committed.
 */
export function extendedGitIgnore(input: GitIgnoreInput): { readonly text: string; readonly added: readonly string[] } {
  const { own = '', above, python } = input;
  const levels = [...above, { text: own, below: '' }].map(({ text, below }) => ({
    rules: ignore().add(text),
    prefix: below === '' ? '' : `${below}/`,
  }));
  const isIgnored = (path: string) => levels.some(({ rules, prefix }) => rules.ignores(`${prefix}${path}`));
  const missing = [...WANTED, ...(python ? OF_PYTHON : [])].filter(({ paths }) => !paths.every(isIgnored));
  if (missing.length === 0) return { text: own, added: [] };
  const patterns = missing.map(({ pattern }) => pattern);
  // Examples of settings, which are commonly committed.
  const added = patterns.flatMap((pattern) => (pattern === '.env*' ? [pattern, '!.env.example'] : [pattern]));
  const end = own.includes('\r\n') ? '\r\n' : '\n';
  const before = own === '' ? '' : `${own.replace(/(\r?\n)*$/, '')}${end}${end}`;
  return { text: `${before}${added.map((pattern) => `${pattern}${end}`).join('')}`, added };
}
