import ignore from 'ignore';

/** A pattern, and paths that it is for. */
interface Wanted {
  readonly pattern: string;
  readonly paths: readonly string[];
}

/** What no commit should have: installed packages, Terraform's copies, states and plans (they hold secrets), and settings. */
const WANTED: readonly Wanted[] = [
  { pattern: 'node_modules/', paths: ['node_modules/x'] },
  { pattern: '.terraform/', paths: ['.terraform/x'] },
  { pattern: '*.tfstate', paths: ['terraform.tfstate'] },
  { pattern: '*.tfstate.*', paths: ['terraform.tfstate.backup'] },
  { pattern: 'tfplan', paths: ['tfplan'] },
  { pattern: '.env*', paths: ['.env', '.env.local'] },
];

/** What Python leaves behind. */
const OF_PYTHON: readonly Wanted[] = [{ pattern: '__pycache__/', paths: ['__pycache__/x'] }];

/** A .gitignore of a folder above, and the path from that folder to the project: `infra`, or empty for the folder itself. */
export interface GitIgnore {
  readonly text: string;
  readonly below: string;
}

export interface GitIgnoreInput {
  /** The project's own file; undefined where there is none. */
  readonly own: string | undefined;
  readonly above: readonly GitIgnore[];
  readonly python: boolean;
}

/**
 * The project's .gitignore with what it lacks, and the patterns that were added. What it ignores already, in whatever way, is not
 * added again. The lock file of Terraform's providers is never ignored: it belongs into the repository.
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
  // What people commit to show which settings there are.
  const added = patterns.flatMap((pattern) => (pattern === '.env*' ? [pattern, '!.env.example'] : [pattern]));
  const end = own.includes('\r\n') ? '\r\n' : '\n';
  const before = own === '' ? '' : `${own.replace(/(\r?\n)*$/, '')}${end}${end}`;
  return { text: `${before}${added.map((pattern) => `${pattern}${end}`).join('')}`, added };
}
