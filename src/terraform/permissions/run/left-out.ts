/** Folders that are of no use to a run, or hold what must not be copied: histories, caches, keys. */
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

/** Folders of packages, which are large and most often not what is deployed; copied when the configuration names them. */
const PACKAGES: readonly string[] = ['node_modules', '.venv', 'venv', '__pycache__', '.tox', '.pytest_cache'];

/** States and plans of Terraform, which hold secrets and are not what is run from. */
const STATES = /\.tfstate(\..*)?$|^\.terraform\.tfstate\.lock\.info$|\.tfplan$|^crash(\..*)?\.log$|^terraform\.log$/;

/** Files that hold keys and passwords, by the names that tools give them. */
const SECRETS =
  /^\.env(\..+)?$|\.(pem|key|p12|pfx|jks|keystore|kdbx|ovpn)$|^id_(rsa|dsa|ecdsa|ed25519)(_.*)?$|^\.(netrc|npmrc|pypirc|git-credentials|terraformrc)$|^(_netrc|credentials(\.json|\.tfrc\.json)?|terraform\.rc)$/;

/** Why a file or folder is not copied: `secret` is worth a word when Terraform looks for it. */
export function leftOut(
  name: string,
  isFolder: boolean,
  isNamed: (name: string) => boolean,
): 'useless' | 'secret' | undefined {
  if (isFolder) return FOLDERS.includes(name) || (PACKAGES.includes(name) && !isNamed(name)) ? 'useless' : undefined;
  if (STATES.test(name)) return 'useless';
  return SECRETS.test(name) ? 'secret' : undefined;
}
