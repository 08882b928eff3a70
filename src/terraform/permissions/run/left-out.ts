/** Folders that a run does not need, or that must not be copied: histories, caches, keys. */
const FOLDERS: readonly string[] = [
  '.terraform',
  '.terragrunt-cache',
  '.git',
  '.hg',
  '.svn',
  '.aws',
  '.ssh',
  '.gnupg',
  '.kube',
];

/** Package folders, which are large and usually not deployed; copied if the configuration refers to them. */
const PACKAGES: readonly string[] = ['node_modules', '.venv', 'venv', '__pycache__', '.tox', '.pytest_cache'];

/** Terraform's states and plans, which contain secrets and are not needed. */
const STATES = /\.tfstate(\..*)?$|^\.terraform\.tfstate\.lock\.info$|\.tfplan$|^crash(\..*)?\.log$|^terraform\.log$/;

/** Usual names of files with keys and passwords. */
const SECRETS =
  /^\.env(\..+)?$|\.(pem|key|p12|pfx|jks|keystore|kdbx|ovpn)$|^id_(rsa|dsa|ecdsa|ed25519)(_.*)?$|^\.(netrc|npmrc|pypirc|git-credentials|terraformrc)$|^(_netrc|credentials(\.json|\.tfrc\.json)?|terraform\.rc)$/;

/** Why a file or folder is not copied; `secret` is reported if Terraform looks for the file. */
export function leftOut(
  name: string,
  isFolder: boolean,
  isNamed: (name: string) => boolean,
): 'useless' | 'secret' | undefined {
  if (isFolder) return FOLDERS.includes(name) || (PACKAGES.includes(name) && !isNamed(name)) ? 'useless' : undefined;
  if (STATES.test(name)) return 'useless';
  return SECRETS.test(name) ? 'secret' : undefined;
}
