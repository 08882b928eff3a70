/** GitHub's own host. A repository with the same name on another host belongs to someone else. */
export const GITHUB = 'github.com';

/** Other names for it: ssh over port 443, and a redirect. */
const NAMES_OF_GITHUB = ['ssh.github.com', 'www.github.com'];

const ISSUER = 'https://token.actions.githubusercontent.com';

/** A repository on a server, as in a git remote. */
export interface RemoteRepository {
  /** In lowercase, without a port: `github.com` */
  readonly host: string;
  /** Whether the host is probably a name that ~/.ssh/config gives to one: `github-work`, `github.com-work`. */
  readonly isAlias: boolean;
  /** `owner/name`; undefined if the path has a different form. */
  readonly repository: string | undefined;
}

/**
 * The server and repository in a URL that git accepts (https://git-scm.com/docs/git-clone#_git_urls); user, password,
 * port and query are dropped. Undefined for a folder, and for anything that is not on a server.
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
    isAlias: /ssh:$/.test(url.protocol) && !DOMAIN_OR_ADDRESS.test(host),
    repository: isRepository ? `${owner}/${name}` : undefined,
  };
}

const DOMAIN_OR_ADDRESS = /\.([a-z]{2,}|xn--[a-z\d-]+|\d+)$|\]$/;

const PROTOCOLS = ['https:', 'http:', 'ssh:', 'git:', 'git+ssh:', 'git+https:'];

function urlOf(remote: string): URL | undefined {
  // Other programs parse these differently from URL, so the host could differ.
  if (/[\\\s\p{Cc}]/u.test(remote)) return undefined;
  const text = remote.includes('://') ? remote : scpForm(remote);
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && PROTOCOLS.includes(url.protocol) ? url : undefined;
}

/** `git@github.com:owner/name.git` as a URL; a colon after a slash is part of a folder name. */
function scpForm(remote: string): string | undefined {
  const colon = remote.indexOf(':');
  const slash = remote.indexOf('/');
  if (colon < 1 || (slash >= 0 && slash < colon)) return undefined;
  return `ssh://${remote.slice(0, colon)}/${remote.slice(colon + 1)}`;
}

/**
 * The issuer of the tokens for a server's jobs. See https://docs.github.com/en/actions/reference/security/oidc, and for
 * GitHub Enterprise Server https://docs.github.com/en/enterprise-server@latest/actions/reference/security/oidc.
 */
export function issuerOfHost(host: string): string {
  if (host === GITHUB) return ISSUER;
  return host.endsWith('.ghe.com') ? `https://token.actions.${host}` : `https://${host}${SERVER_PATH}`;
}

/** Whether an issuer is a GitHub Enterprise Server, on a host of its owner. */
export function isEnterpriseServer(issuer: string): boolean {
  return URL.canParse(issuer) && new URL(issuer).pathname === SERVER_PATH;
}

const SERVER_PATH = '/_services/token';

/** The server whose jobs get tokens from an issuer; undefined if the issuer is not GitHub's. */
export function hostOfIssuer(issuer: string): string | undefined {
  if (!URL.canParse(issuer)) return undefined;
  const { hostname, pathname } = new URL(issuer);
  // An enterprise's name may follow.
  if (hostname === new URL(ISSUER).hostname) return GITHUB;
  if (hostname.startsWith('token.actions.') && hostname.endsWith('.ghe.com')) {
    return hostname.slice('token.actions.'.length);
  }
  return pathname === SERVER_PATH ? hostname : undefined;
}
