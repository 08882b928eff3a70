import { decoded } from '../decoded.ts';
import type { PackageFile } from './package-file.ts';

/**
 * Patterns as in a .gitignore for files that are never packaged, anywhere in the folder, whatever .crcignore or the
 * config say: credentials, keys, states, and the repository itself.
 */
export const SECRETS = [
  '.env*',
  '*.env',
  '.aws/',
  '.azure/',
  '.docker/',
  '.dockercfg',
  '.gcloud/',
  '.git',
  '.git-credentials',
  '.gitattributes',
  '.github/',
  '.gitignore',
  '.gitmodules',
  '.gnupg/',
  '.hg/',
  '.htpasswd',
  '.kube/',
  'kubeconfig',
  '.my.cnf',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pgpass',
  'pip.conf',
  'pip.ini',
  '.pypirc',
  '.ssh/',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  'id_rsa*',
  '.svn/',
  '.terraform/',
  '.terraformrc',
  'terraform.rc',
  '.vault-token',
  '.yarnrc',
  '.yarnrc.yml',
  '*.jks',
  '*.kdbx',
  '*.key',
  '*.keystore',
  '*.p12',
  '*.pem',
  '*.pfx',
  '*.ppk',
  '*.tfplan',
  '*.tfstate',
  '*.tfstate.*',
  '*.tfvars',
  '*.tfvars.json',
  'application_default_credentials.json',
  'credentials.json',
  'credentials.csv',
  'crc.config*.json',
  '.crcignore',
] as const;

/** Files that tools generate. A line such as `!.idea/` in .crcignore, or "include" in the config, adds them back. */
export const LEFTOVERS = [
  'node_modules/',
  'coverage/',
  '__pycache__/',
  '*.pyc',
  '.venv/',
  'venv/',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.tox/',
  '.nox/',
  '.aws-sam/',
  '.serverless/',
  'cdk.out/',
  '.idea/',
  '.vscode/',
  '.DS_Store',
  'Thumbs.db',
] as const;

/** Tests of the function itself. Those of libraries may be needed (numpy.testing imports numpy's). */
export const TESTS = [
  '*.test.*',
  '*.spec.*',
  'test/',
  'tests/',
  '__tests__/',
  'test_*.py',
  '*_test.py',
  'conftest.py',
] as const;

type Matcher = (path: string) => boolean;

/** Whether a file or folder (with a trailing `/`) is never packaged because of its name. */
export const isSecret: Matcher = matcherOf(SECRETS);

/**
 * Matches like a .gitignore with these patterns: names without folders, whose only wildcard is `*`. Compiling them as
 * regular expressions would take longer than reading a function's folder.
 */
export function matcherOf(patterns: readonly string[]): Matcher {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  const names = new Set(lower.filter((pattern) => !pattern.includes('*') && !pattern.endsWith('/')));
  const folders = new Set(lower.filter((pattern) => pattern.endsWith('/')).map((pattern) => pattern.slice(0, -1)));
  const wildcards = lower.filter((pattern) => pattern.includes('*')).map((pattern) => pattern.split('*'));
  return (path) =>
    path
      .toLowerCase()
      .split('/')
      .some(
        (name, index, { length }) =>
          names.has(name) || (folders.has(name) && index < length - 1) || wildcards.some((parts) => fits(name, parts)),
      );
}

/** Whether a name consists of these parts, with anything between them. */
function fits(name: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const index = name.indexOf(part, at);
    if (index < 0) return false;
    at = index + part.length;
  }
  return at <= name.length - last.length;
}

/** Certificates are public, and functions need them for databases. Keys can be in files with the same name. */
export function isCertificate(path: string, bytes: Uint8Array): boolean {
  if (!/\.pem$/i.test(path)) return false;
  const text = new TextDecoder('latin1').decode(bytes);
  return text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY');
}

/** The rules for excluding files in a folder, unless they belong to a library. */
export interface Rules {
  readonly leftovers: Matcher;
  /** With those for tests. */
  readonly all: Matcher;
}

const DEFAULT_RULES: Rules = { leftovers: matcherOf(LEFTOVERS), all: matcherOf([...LEFTOVERS, ...TESTS]) };

/** `own`: the text of the folder's .crcignore, or an empty string. */
export async function rulesOf(own: string): Promise<Rules> {
  if (own === '') return DEFAULT_RULES;
  const { default: ignore } = await import('ignore');
  const withOwn = (patterns: readonly string[]): Matcher => {
    const rules = ignore().add(patterns).add(own);
    return (path) => rules.ignores(path);
  };
  return { leftovers: withOwn(LEFTOVERS), all: withOwn([...LEFTOVERS, ...TESTS]) };
}

/** Files that list libraries, and where to get them: those of pip, Pipenv, Poetry, uv and PDM. */
const LIBRARY_LIST =
  /(^|\/)([^/]*requirements[^/]*\.(txt|in)|requirements\/[^/]+\.(txt|in)|constraints[^/]*\.txt|pipfile(\.lock)?|pyproject\.toml|poetry\.toml|setup\.cfg|(poetry|uv|pdm)\.lock)$/i;

/** Whether a list of libraries contains the password of a package index. The function does not need it at run time. */
export function hasPassword({ path, bytes }: PackageFile): boolean {
  return LIBRARY_LIST.test(path) && /:\/\/[^\s/@]+@/.test(decoded(bytes));
}
