import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { sandboxEnvironment, shellLines } from '../../src/sandbox/environment.ts';

const place = { endpoint: 'http://127.0.0.1:5000', region: 'eu-west-2' };
const REAL = {
  HOME: '/home/me',
  AWS_PROFILE: 'work',
  AWS_SESSION_TOKEN: 'token',
  AWS_ACCESS_KEY_ID: 'AKIAREAL',
  AWS_ENDPOINT_URL_S3: 'https://s3.real',
  AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.real',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_ROLE_ARN: 'arn:role',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  AWS_REGION: 'us-east-1',
  NO_PROXY: 'intranet',
};

describe('environment of the sandbox', () => {
  it('leads nowhere else: no profile, no token, no other endpoint, dummy credentials', () => {
    expect(sandboxEnvironment(REAL, place)).toEqual({
      HOME: '/home/me',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:5000',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'eu-west-2',
      AWS_DEFAULT_REGION: 'eu-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      NO_PROXY: 'intranet,127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    });
  });

  it('is the same when a shell reads the lines, whatever the values hold', () => {
    const odd = { ...REAL, NO_PROXY: "it's $HOME `x`" };
    const script = `${shellLines(odd, place)}\nenv`;
    const printed = execFileSync('sh', ['-c', script], { env: { PATH: process.env.PATH, ...odd }, encoding: 'utf8' });
    const lines = printed.split('\n').filter((line) => /^(AWS_|NO_PROXY|no_proxy)/.test(line));
    const expected = Object.entries(sandboxEnvironment(odd, place)).filter(([name]) =>
      /^(AWS_|NO_PROXY|no_proxy)/.test(name),
    );
    expect(lines.sort()).toEqual(expected.map(([name, value]) => `${name}=${value}`).sort());
  });
});
