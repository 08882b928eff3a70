import { BlockList, isIP } from 'node:net';
import type { Environment } from '../environment.ts';
import { CrcError } from '../errors.ts';
import { NoCompleteAnswer } from './attempt.ts';

const NAMES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/** Whether any proxy is set. If not, no proxy code has to be loaded. */
export function hasProxy(env: Environment): boolean {
  return NAMES.some((name) => Boolean(env[name]));
}

/**
 * The proxy for a request, from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, with lowercase names first, as in curl and the
 * AWS CLI (https://everything.curl.dev/usingcurl/proxies/env.html,
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html). A name in NO_PROXY includes its
 * subdomains, which npm packages for these variables do not support. Undefined: none. @throws CrcError that does not
 * show the value.
 */
export function proxyFor(target: URL, env: Environment): URL | undefined {
  const scheme = target.protocol.slice(0, -1);
  const name = [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase()].find((variable) => Boolean(env[variable]));
  if (name === undefined || isExempt(target, env.no_proxy || env.NO_PROXY || '')) return undefined;
  const value = env[name] ?? '';
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !['http:', 'https:'].includes(proxy.protocol) || proxy.hostname === '') {
    throw new CrcError(`${name} is not an HTTP proxy address.`, {
      hint: `Set it to http://HOST:PORT, or unset ${name}. SOCKS proxies are not supported.`,
    });
  }
  return proxy;
}

/** Host and port, without the user name and password that an address may contain. */
export function addressOf(proxy: URL): string {
  return `${proxy.hostname}:${proxy.port || (proxy.protocol === 'https:' ? '443' : '80')}`;
}

function isExempt(target: URL, noProxy: string): boolean {
  const host = bare(target.hostname);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    if (entry.includes('/')) return isInSubnet(host, entry);
    const [, name = entry, itsPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    if (itsPort !== undefined && itsPort !== port) return false;
    const domain = bare(name).replace(/^\*?\./, '');
    return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
  });
}

/** In lowercase, without the brackets of IPv6 and without the trailing dot of a full name. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function isInSubnet(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(bare(network));
  const prefix = Number(bits);
  if (family === 0 || family !== isIP(host) || !/^\d+$/.test(bits) || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const subnet = new BlockList();
  subnet.addSubnet(bare(network), prefix, type);
  return subnet.check(host, type);
}

/** The proxy itself refused the request, or cannot be reached: AWS is not the cause. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** `proxy.example.com:3128` */
  readonly proxy: string;
  /** Its answer, if any. */
  readonly status: number | undefined;
  /** The SDK retries errors that have it. */
  readonly $retryable: object | undefined;

  constructor(proxy: URL, { status, cause }: { readonly status?: number; readonly cause?: unknown }) {
    super(`${status ?? reasonOf(cause)}`, { cause });
    this.proxy = addressOf(proxy);
    this.status = status;
    this.$retryable = status === undefined || status >= 500 ? {} : undefined;
  }
}

/** Node's code of a network error, or how long crc waited. */
function reasonOf(cause: unknown): string {
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? (cause instanceof NoCompleteAnswer ? message : 'it did not answer');
}
