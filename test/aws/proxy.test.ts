import { describe, expect, it } from 'vitest';
import { NoCompleteAnswer } from '../../src/aws/attempt.ts';
import { addressOf, hasProxy, ProxyError, proxyFor } from '../../src/aws/proxy.ts';
import { CrcError } from '../../src/errors.ts';

const S3 = new URL('https://s3.eu-west-2.amazonaws.com/');
const PROXY = 'http://proxy.example.com:3128';

describe('the proxy of a request', () => {
  it.each<readonly [string, string, Readonly<Record<string, string>>, string | undefined]>([
    ['nothing is set', S3.href, {}, undefined],
    ['HTTPS_PROXY', S3.href, { HTTPS_PROXY: PROXY }, `${PROXY}/`],
    ['https_proxy before HTTPS_PROXY', S3.href, { HTTPS_PROXY: 'http://a', https_proxy: PROXY }, `${PROXY}/`],
    ['an empty one is ignored', S3.href, { HTTPS_PROXY: '', https_proxy: '' }, undefined],
    ['without a scheme', S3.href, { HTTPS_PROXY: 'proxy.example.com:3128' }, `${PROXY}/`],
    ['HTTP_PROXY is only for http', S3.href, { HTTP_PROXY: PROXY }, undefined],
    ['an endpoint over http', 'http://127.0.0.1:5000/', { HTTP_PROXY: PROXY, HTTPS_PROXY: 'http://a' }, `${PROXY}/`],
    ['ALL_PROXY is not for crc', S3.href, { ALL_PROXY: 'socks5://a' }, undefined],
  ])('%s', (_, target, env, expected) => {
    expect(proxyFor(new URL(target), env)?.href).toBe(expected);
    expect(hasProxy(env)).toBe(expected !== undefined || 'HTTP_PROXY' in env);
  });

  it.each<readonly [string, string, boolean]>([
    ['*', S3.href, true],
    ['s3.eu-west-2.amazonaws.com', S3.href, true],
    ['amazonaws.com', S3.href, true],
    ['.amazonaws.com', S3.href, true],
    ['*.amazonaws.com', S3.href, true],
    ['AmazonAWS.com.', S3.href, true],
    ['example.com, amazonaws.com', S3.href, true],
    ['example.com amazonaws.com', S3.href, true],
    ['amazonaws.com:443', S3.href, true],
    ['amazonaws.com:8443', S3.href, false],
    ['onaws.com', S3.href, false],
    ['s3.eu-west-1.amazonaws.com', S3.href, false],
    ['', S3.href, false],
    ['localhost,127.0.0.1', 'http://127.0.0.1:5000', true],
    ['localhost', 'http://127.0.0.1:5000', false],
    ['0.0.1', 'http://127.0.0.1:5000', false],
    ['127.0.0.0/8', 'http://127.0.0.1:5000', true],
    ['10.0.0.0/8', 'http://127.0.0.1:5000', false],
    ['10.0.0.0/99', 'http://10.0.0.1:5000', false],
    ['::1', 'http://[::1]:5000', true],
    ['[::1]:5000', 'http://[::1]:5000', true],
    ['fd00::/8', 'http://[fd00::1]:5000', true],
  ])('NO_PROXY=%s for %s: exempt %s', (noProxy, target, exempt) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const env = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, [name]: noProxy };
      expect(proxyFor(new URL(target), env) === undefined).toBe(exempt);
    }
  });

  it.each(['socks5://u:hunter2@proxy.example.com', 'http://', 'http://u:hunter2@proxy:port'])(
    'that is invalid (%s) is an error that does not reveal it',
    (value) => {
      const read = () => proxyFor(S3, { HTTPS_PROXY: value });
      expect(read).toThrow(CrcError);
      expect(read).toThrow('HTTPS_PROXY is not an HTTP proxy address.');
      expect(read).not.toThrow(/hunter2/);
    },
  );

  it('is named without its name and password', () => {
    expect(addressOf(new URL('http://u:hunter2@proxy.example.com'))).toBe('proxy.example.com:80');
    expect(addressOf(new URL('https://u:hunter2@[::1]'))).toBe('[::1]:443');
  });
});

describe('why a proxy failed', () => {
  it.each<readonly [string, ConstructorParameters<typeof ProxyError>[1]]>([
    ['502', { status: 502 }],
    ['ECONNREFUSED', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }],
    ['no complete answer within 5 seconds', { cause: new NoCompleteAnswer(5_000) }],
    ['it did not answer', {}],
  ])('%s', (message, how) => {
    expect(new ProxyError(new URL(PROXY), how).message).toBe(message);
  });
});
