import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import { cannotAsk } from '../../src/aws/credentials.ts';
import { allOnThisMachine, isLoopback } from '../../src/aws/endpoints.ts';
import { folderWith } from '../helpers/folder.ts';

afterEach(() => vi.unstubAllEnvs());

describe('an endpoint on this machine', () => {
  it.each([
    'http://localhost',
    'http://localhost:4566',
    'https://LOCALHOST:4566/',
    'http://127.0.0.1:5000',
    'http://127.255.3.4/path',
    'http://[::1]:5000',
  ])('is %s', (url) => {
    expect(isLoopback(url)).toBe(true);
  });

  it.each([
    'http://localhost.evil.com',
    'http://127.0.0.1.nip.io',
    'http://127.0.0.1.evil.com:5000',
    'http://localhost@evil.com',
    'http://localhost:80@evil.com',
    'http://user:localhost@10.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f.0.0.1',
    'http://0.0.0.0:5000',
    'http://[::ffff:127.0.0.1]',
    'http://[::]',
    'http://10.0.0.1',
    'http://host.docker.internal:4566',
    'http://moto:5000',
    'http://evil.com/localhost',
    'http://evil.com#localhost',
    'http://localhost\\.evil.com',
    'http://localhost\n.evil.com',
    'localhost:5000',
    '',
  ])('is not %j', (url) => {
    expect(isLoopback(url)).toBe(false);
  });
});

/** Sets only these AWS variables, and a shared config file. */
function environment(settings: Record<string, string>, configFile = ''): void {
  for (const name of Object.keys(process.env).filter((variable) => variable.startsWith('AWS_')))
    vi.stubEnv(name, undefined);
  const folder = folderWith({ config: '', credentials: '' });
  writeFileSync(join(folder, 'config'), configFile);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
}

describe('the names of buckets', () => {
  const LOCAL = 'http://localhost:5000';

  /** Where a request to a bucket would go. */
  async function addressOf(endpointUrl?: string, profile?: string): Promise<string> {
    const clients = createClients({
      region: 'eu-west-2',
      endpointUrl,
      profile,
      askMfaCode: cannotAsk,
      count: { read: 0, write: 0 },
      report: () => undefined,
    });
    await clients.load('s3');
    const sent: string[] = [];
    clients.s3.middlewareStack.add(
      () => async (args) => {
        const { hostname, path } = args.request as { readonly hostname: string; readonly path: string };
        sent.push(`${hostname}${path}`);
        throw new Error('not sent');
      },
      { step: 'build' },
    );
    await clients.s3.send(new HeadBucketCommand({ Bucket: 'states' })).catch(() => undefined);
    return sent.join();
  }

  it.each<[string, Record<string, string>, string, string]>([
    ['AWS', {}, '', 'states.s3.eu-west-2.amazonaws.com/'],
    ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: LOCAL }, '', 'localhost/states/'],
    ['AWS_ENDPOINT_URL_S3', { AWS_ENDPOINT_URL_S3: LOCAL }, '', 'localhost/states/'],
    [
      'AWS_ENDPOINT_URL beside an empty AWS_ENDPOINT_URL_S3',
      { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_S3: '' },
      '',
      'localhost/states/',
    ],
    ['the endpoint of a profile', {}, `[default]\nendpoint_url = ${LOCAL}\n`, 'localhost/states/'],
    [
      'AWS, with settings that are switched off',
      { AWS_ENDPOINT_URL: LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      '',
      'states.s3.eu-west-2.amazonaws.com/',
    ],
  ])('at %s', async (_, settings, configFile, address) => {
    environment({ AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', ...settings }, configFile);
    expect(await addressOf()).toBe(address);
  });

  const KEYS = 'aws_access_key_id = testing\naws_secret_access_key = testing\n';
  const PROFILES = `[profile local]\nendpoint_url = ${LOCAL}\n${KEYS}[profile prod]\n${KEYS}[default]\nendpoint_url = ${LOCAL}\n`;

  it.each<[string, string | undefined, string, string]>([
    ['the endpoint of the profile in --profile', undefined, 'local', 'localhost/states/'],
    [
      'AWS with a profile without an endpoint, unlike the default one',
      undefined,
      'prod',
      'states.s3.eu-west-2.amazonaws.com/',
    ],
    ['AWS with such a profile, unlike the one in AWS_PROFILE', 'local', 'prod', 'states.s3.eu-west-2.amazonaws.com/'],
    ['that endpoint, unlike the profile in AWS_PROFILE', 'prod', 'local', 'localhost/states/'],
  ])('at %s', async (_, variable, flag, address) => {
    environment(variable === undefined ? {} : { AWS_PROFILE: variable }, PROFILES);
    expect(await addressOf(undefined, flag)).toBe(address);
  });

  it('at --endpoint-url', async () => {
    environment({ AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
    expect(await addressOf(LOCAL)).toBe('localhost/states/');
  });
});

describe('all services on this machine', () => {
  const SERVICES = ['s3', 'iam', 'sts', 'dynamodb', 'lambda', 'logs'] as const;
  const LOCAL = 'http://127.0.0.1:5000';

  it.each<[string, Record<string, string>, string, boolean]>([
    ['AWS itself', {}, '', false],
    ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: LOCAL }, '', true],
    ['a different host in AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'http://moto:5000' }, '', false],
    [
      'a different endpoint for one service',
      { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_IAM: 'https://iam.amazonaws.com' },
      '',
      false,
    ],
    [
      'a different endpoint for logs, whose name has two words',
      { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'http://10.0.0.1' },
      '',
      false,
    ],
    [
      'a different endpoint for an unused service',
      { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_SQS: 'http://x' },
      '',
      true,
    ],
    ['only one service', { AWS_ENDPOINT_URL_S3: LOCAL }, '', false],
    [
      'each service by itself',
      {
        AWS_ENDPOINT_URL_S3: LOCAL,
        AWS_ENDPOINT_URL_IAM: LOCAL,
        AWS_ENDPOINT_URL_STS: LOCAL,
        AWS_ENDPOINT_URL_DYNAMODB: LOCAL,
        AWS_ENDPOINT_URL_LAMBDA: LOCAL,
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: LOCAL,
      },
      '',
      true,
    ],
    ['a profile', {}, `[default]\nendpoint_url = ${LOCAL}\n`, true],
    ['a named profile', { AWS_PROFILE: 'dev' }, `[profile dev]\nendpoint_url = ${LOCAL}\n`, true],
    ['a profile with a different host', {}, '[default]\nendpoint_url = http://moto:5000\n', false],
    [
      'a services section with a different endpoint for one service',
      {},
      `[default]\nendpoint_url = ${LOCAL}\nservices = some\n[services some]\ns3 =\n  endpoint_url = http://10.0.0.1\n`,
      false,
    ],
    ['a missing services section', {}, `[default]\nendpoint_url = ${LOCAL}\nservices = none\n`, false],
    [
      'settings that are switched off',
      { AWS_ENDPOINT_URL: LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      '',
      false,
    ],
  ])('%s', async (_, settings, configFile, expected) => {
    environment(settings, configFile);
    expect(await allOnThisMachine(SERVICES, {})).toBe(expected);
    // The same with that profile in --profile, whatever AWS_PROFILE names.
    const { AWS_PROFILE: profile = 'default', ...variables } = settings;
    environment({ ...variables, AWS_PROFILE: 'another' }, configFile);
    expect(await allOnThisMachine(SERVICES, { profile })).toBe(expected);
  });

  it('--endpoint-url overrides all others', async () => {
    environment({ AWS_ENDPOINT_URL: LOCAL });
    expect(await allOnThisMachine(SERVICES, { endpointUrl: 'http://10.0.0.1' })).toBe(false);
    environment({ AWS_ENDPOINT_URL_S3: 'http://10.0.0.1' });
    expect(await allOnThisMachine(SERVICES, { endpointUrl: LOCAL })).toBe(true);
  });
});
