import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { discoverPlace } from '../../src/aws/discover.ts';
import { folderWith } from '../helpers/folder.ts';
import { startServer } from '../helpers/server.ts';

const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  const folder = folderWith({
    config: '[default]\nregion = eu-north-1\n[profile work]\nregion = sa-east-1\n',
    keys: '',
  });
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'keys'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const stop of stops.splice(0)) await stop();
});

async function stsThat(answers: RequestListener): Promise<string> {
  const { endpoint, stop } = await startServer(answers);
  stops.push(stop);
  return endpoint;
}

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;

it.each([
  ['the flag', { region: 'us-west-2', env: { AWS_REGION: 'us-east-1' } }, 'us-west-2'],
  ['AWS_REGION', { env: { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-2' } }, 'us-east-1'],
  ['AWS_DEFAULT_REGION', { env: { AWS_DEFAULT_REGION: 'us-east-2' } }, 'us-east-2'],
  [
    'AWS_DEFAULT_REGION, past an empty AWS_REGION',
    { env: { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-2' } },
    'us-east-2',
  ],
  ['the default profile', { env: {} }, 'eu-north-1'],
])('the region comes from %s', async (_, options, region) => {
  const endpointUrl = await stsThat((__, response) => void response.end(IDENTITY));
  expect(await discoverPlace({ ...options, endpointUrl })).toEqual({ region, accountId: '123456789012' });
});

it('an unknown value of either is not an error', async () => {
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  expect(await discoverPlace({ env: {} })).toEqual({ region: undefined, accountId: undefined });
  const endpointUrl = await stsThat((_, response) => void response.writeHead(403).end());
  expect(await discoverPlace({ region: 'eu-west-2', endpointUrl, env: {} })).toEqual({
    region: 'eu-west-2',
    accountId: undefined,
  });
});

it('does not wait for an answer that never arrives', async () => {
  const late = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal);
  const endpointUrl = await stsThat(() => late.abort());
  expect(await discoverPlace({ region: 'eu-west-2', endpointUrl, env: {} })).toEqual({
    region: 'eu-west-2',
    accountId: undefined,
  });
});
