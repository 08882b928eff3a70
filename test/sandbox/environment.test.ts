import { execFileSync } from 'node:child_process';
import { devNull } from 'node:os';
import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../src/aws/services.ts';
import { sandboxEnvironment } from '../../src/sandbox/environment.ts';
import { SHELLS, shellLines } from '../../src/sandbox/shells.ts';

const place = { endpoint: 'http://127.0.0.1:5000', region: 'eu-west-2' };
const REAL = {
  HOME: '/home/me',
  AWS_PROFILE: 'work',
  AWS_SESSION_TOKEN: 'token',
  AWS_ACCESS_KEY_ID: 'AKIAREAL',
  AWS_ENDPOINT_URL_S3: 'https://s3.real',
  AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.real',
  AWS_ENDPOINT_URL_CLOUDFRONT: 'https://cloudfront.real',
  AWS_S3_ENDPOINT: 'https://terraform.real',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_ROLE_ARN: 'arn:role',
  AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  AWS_CONFIG_FILE: '/home/me/aws-config',
  AWS_REGION: 'us-east-1',
  NO_PROXY: 'intranet',
};

describe('environment of the sandbox', () => {
  it('refers only to the sandbox: no profile, no token, no other endpoint, dummy credentials', () => {
    expect(sandboxEnvironment(REAL, place)).toEqual({
      HOME: '/home/me',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:5000',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'eu-west-2',
      AWS_DEFAULT_REGION: 'eu-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      NO_PROXY: 'intranet,127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    });
  });

  it('does not mention proxies if there are none', () => {
    expect(Object.keys(sandboxEnvironment({}, place))).not.toContain('NO_PROXY');
    expect(sandboxEnvironment({ https_proxy: 'http://proxy' }, place)).toMatchObject({
      NO_PROXY: '127.0.0.1,localhost',
    });
  });

  it.each([
    ['the terminal of the sandbox', REAL],
    ['a different one, which the sandbox does not know', {}],
  ])('is the same after the commands were run in %s', (_, known) => {
    // The sandbox's variables take precedence.
    const {
      AWS_S3_ENDPOINT: _a,
      AWS_ROLE_ARN: _b,
      AWS_WEB_IDENTITY_TOKEN_FILE: _c,
      AWS_CREDENTIAL_EXPIRATION: _f,
      ...beating
    } = REAL;
    const { AWS_ENDPOINT_URL_CLOUDFRONT: _d, NO_PROXY: _e, ...inherited } = known === REAL ? REAL : beating;
    const script = `${shellLines('bash', known, place)}\nenv`;
    const printed = execFileSync('sh', ['-c', script], {
      env: { PATH: process.env.PATH, ...inherited },
      encoding: 'utf8',
    });
    const expected = Object.entries(sandboxEnvironment(inherited, place)).map(([name, value]) => `${name}=${value}`);
    const ofAws = (lines: readonly string[]) => lines.filter((line) => line.startsWith('AWS_')).sort();
    expect(ofAws(printed.split('\n'))).toEqual(ofAws(expected));
  });

  it('unset the own endpoint of every service that crc calls', () => {
    const names = Object.values(SERVICES).map(
      ({ sdkName }) => `AWS_ENDPOINT_URL_${sdkName.replaceAll(' ', '_').toUpperCase()}`,
    );
    expect(shellLines('powershell', {}, place).split('\n')).toEqual(
      expect.arrayContaining(names.map((name) => `$Env:${name} = $null`)),
    );
  });

  it('quotes what a shell would interpret', () => {
    const withSpecialCharacters = { NO_PROXY: "it's $HOME `x`" };
    const script = `${shellLines('sh', withSpecialCharacters, place)}\nprintf %s "$NO_PROXY"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe("it's $HOME `x`,127.0.0.1,localhost");
  });

  it.each(SHELLS)('as commands for %s', async (shell) => {
    const lines = shellLines(shell, { NO_PROXY: String.raw`it's\x` }, place);
    expect(lines.split('\n').filter((line) => line.length > 79)).toEqual([]);
    await expect(`${lines}\n`).toMatchFileSnapshot(`lines.${shell}.txt`);
  });
});
