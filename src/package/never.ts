import ignore, { type Ignore } from 'ignore';
import type { PackageFile } from './package-file.ts';

/**
 * Patterns as in a .gitignore for files that are never packaged, anywhere in the folder, whatever .crcignore or the
 * config say: credentials, keys, states, and the repository itself. Names without folders; their only wildcard is `*`.
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

/** One expression for all patterns: fifty of them would be compiled on first use, one by one. */
const secret = new RegExp(`(^|/)(${SECRETS.map(asExpression).join('|')})`, 'i');

function asExpression(pattern: string): string {
  const name = pattern.replaceAll('.', String.raw`\.`).replaceAll('*', '[^/]*');
  return pattern.endsWith('/') ? name : `${name}(/|$)`;
}

/** Whether a file or folder (with a trailing `/`) is never packaged because of its name. */
export function isSecret(path: string): boolean {
  return secret.test(path);
}

/** Certificates are public, and functions need them for databases. Keys can be in files with the same name. */
export function isCertificate(path: string, bytes: Uint8Array): boolean {
  if (!/\.pem$/i.test(path)) return false;
  const text = new TextDecoder('latin1').decode(bytes);
  return text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY');
}

/** The rules for excluding files in a folder, unless they belong to a library. `own`: the text of its .crcignore. */
export interface Rules {
  readonly leftovers: Ignore;
  /** With those for tests. */
  readonly all: Ignore;
}

export function rulesOf(own: string): Rules {
  return { leftovers: ignore().add(LEFTOVERS).add(own), all: ignore().add(LEFTOVERS).add(TESTS).add(own) };
}

/** Files that list libraries, and where to get them: those of pip, Pipenv, Poetry, uv and PDM. */
const LIBRARY_LIST =
  /(^|\/)([^/]*requirements[^/]*\.(txt|in)|requirements\/[^/]+\.(txt|in)|constraints[^/]*\.txt|pipfile(\.lock)?|pyproject\.toml|poetry\.toml|setup\.cfg|(poetry|uv|pdm)\.lock)$/i;

/** Whether a list of libraries contains the password of a package index. The function does not need it at run time. */
export function hasPassword({ path, bytes }: PackageFile): boolean {
  return LIBRARY_LIST.test(path) && /:\/\/[^\s/@]+@/.test(new TextDecoder().decode(bytes));
}
