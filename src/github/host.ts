/** GitHub's own host. A repository of the same name on any other host belongs to another owner. */
export const GITHUB = 'github.com';

/** Other names of it: the port 443 of ssh, and the one that redirects to it. */
const NAMES_OF_GITHUB = ['ssh.github.com', 'www.github.com'];

const ISSUER = 'https://token.actions.githubusercontent.com';

/** A repository on some server, as a remote of git names it. */
export interface RemoteRepository {
  /** In lowercase, without a port: `github.com` */
  readonly host: string;
  /** `owner/name`; undefined where the path is none. */
  readonly repository: string | undefined;
}

/**
 * The server and the repository of a URL that git takes (https://git-scm.com/docs/git-clone#_git_urls): the user, the password,
 * the port and any query are dropped. Undefined for a folder and for what no server is known to have.
 */
export function remoteRepository(remote: string): RemoteRepository | undefined {
  const url = urlOf(remote.trim());
  if (url === undefined || url.hostname === '') return undefined;
  const host = url.hostname.toLowerCase();
  const [owner, name, ...rest] = url.pathname
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .split('/');
  const isRepository = owner !== undefined && owner !== '' && name !== undefined && name !== '' && rest.length === 0;
  return {
    host: NAMES_OF_GITHUB.includes(host) ? GITHUB : host,
    repository: isRepository ? `${owner}/${name}` : undefined,
  };
}

const PROTOCOLS = ['https:', 'http:', 'ssh:', 'git:', 'git+ssh:', 'git+https:'];

function urlOf(remote: string): URL | undefined {
  // Other programs read these otherwise than URL does, which could mean another host.
  if (/[\\\s\p{Cc}]/u.test(remote)) return undefined;
  const text = remote.includes('://') ? remote : scpForm(remote);
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && PROTOCOLS.includes(url.protocol) ? url : undefined;
}

/** `git@github.com:owner/name.git` as a URL; a colon behind a slash is part of a folder's name. */
function scpForm(remote: string): string | undefined {
  const colon = remote.indexOf(':');
  const slash = remote.indexOf('/');
  if (colon < 1 || (slash >= 0 && slash < colon)) return undefined;
  return `ssh://${remote.slice(0, colon)}/${remote.slice(colon + 1)}`;
}

/**
 * Who signs the tokens of a server's jobs. By https://docs.github.com/en/actions/reference/security/oidc, and for GitHub
 * Enterprise Server https://docs.github.com/en/enterprise-server@latest/actions/reference/security/oidc.
 */
export function issuerOfHost(host: string): string {
  if (host === GITHUB) return ISSUER;
  return host.endsWith('.ghe.com') ? `https://token.actions.${host}` : `https://${host}/_services/token`;
}

/** The server whose jobs an issuer signs for; undefined for an issuer that is not GitHub's. */
export function hostOfIssuer(issuer: string): string | undefined {
  if (!URL.canParse(issuer)) return undefined;
  const { hostname, pathname } = new URL(issuer);
  // An enterprise may have its own name behind it.
  if (hostname === new URL(ISSUER).hostname) return GITHUB;
  if (hostname.startsWith('token.actions.') && hostname.endsWith('.ghe.com')) {
    return hostname.slice('token.actions.'.length);
  }
  return pathname === '/_services/token' ? hostname : undefined;
}
