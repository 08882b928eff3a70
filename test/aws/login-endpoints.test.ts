import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cannotAsk, credentialsOf } from '../../src/aws/credentials.ts';
import { Handler } from '../../src/aws/handler.ts';
import { folderWith } from '../helpers/folder.ts';
import { startServer } from '../helpers/server.ts';

/** Answers as STS and as SSO, and keeps what is requested. */
async function loginServer() {
  const requests: string[] = [];
  const server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const action = new URLSearchParams(body).get('Action');
    requests.push(action ?? `${request.url}`.split('?')[0] ?? '');
    const { region } =
      /Credential=[^/]+\/\d+\/(?<region>[^/]+)/.exec(request.headers.authorization ?? '')?.groups ?? {};
    if (action === null) {
      const roleCredentials = { accessKeyId: 'ASIASSO', secretAccessKey: 's', sessionToken: 't', expiration: 4e12 };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ roleCredentials }));
    } else {
      response.end(
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials><AccessKeyId>ASIA${region ?? ''}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></${action}Result></${action}Response>`,
      );
    }
  });
  return { ...server, requests };
}

const START = 'https://corp.awsapps.com/start';
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/Admin';
const SSO = `sso_start_url = ${START}\nsso_region = eu-west-2\nsso_account_id = 123456789012\nsso_role_name = Admin`;

type LoginServer = Awaited<ReturnType<typeof loginServer>>;
let right: LoginServer;
let wrong: LoginServer;

beforeEach(async () => {
  for (const name of Object.keys(process.env).filter((variable) => /^AWS_(?!SDK_)/.test(variable)))
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  [right, wrong] = [await loginServer(), await loginServer()];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await right.stop();
  await wrong.stop();
});

/** Credentials of --profile work, while AWS_PROFILE names a profile with other endpoints. */
async function login(work: string, services = '') {
  const token = { startUrl: START, accessToken: 'x', expiresAt: '2099-01-01T00:00:00Z' };
  const cache = `.aws/sso/cache/${createHash('sha1').update(START).digest('hex')}.json`;
  const home = folderWith({
    'web-token': 'token',
    [cache]: JSON.stringify(token),
    '.aws/config': `[profile other]
endpoint_url = ${wrong.endpoint}
region = us-east-1
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = base
[profile work]
region = eu-west-1
${work}
${services}
`,
  });
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, '.aws/config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, '.aws/credentials'));
  vi.stubEnv('AWS_PROFILE', 'other');
  return await credentialsOf({
    profile: 'work',
    askMfaCode: cannotAsk,
    signal: undefined,
    requestHandler: new Handler(),
    onCredentials: () => undefined,
  })({});
}

describe('a login with --profile', () => {
  it('calls STS where the profile says, in its region', async () => {
    const own = await login(
      `${ROLE}\nsource_profile = base\nservices = local`,
      `[services local]\nsts =\n  endpoint_url = ${right.endpoint}\n`,
    );
    expect([own.accessKeyId, right.requests, wrong.requests]).toEqual(['ASIAeu-west-1', ['AssumeRole'], []]);
  });

  it('calls STS where the profile says with the token of a file', async () => {
    const folder = folderWith({ token: 'x' });
    await login(`${ROLE}\nweb_identity_token_file = ${join(folder, 'token')}\nendpoint_url = ${right.endpoint}`);
    expect([right.requests, wrong.requests]).toEqual([['AssumeRoleWithWebIdentity'], []]);
  });

  it('calls SSO where the profile says', async () => {
    const own = await login(`${SSO}\nendpoint_url = ${right.endpoint}`);
    expect([own.accessKeyId, right.requests, wrong.requests]).toEqual(['ASIASSO', ['/federation/credentials'], []]);
  });

  it('calls what the environment says first', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', right.endpoint);
    await login(`${SSO}\nendpoint_url = ${wrong.endpoint}`);
    await login(`${ROLE}\nsource_profile = base`);
    expect([right.requests, wrong.requests]).toEqual([['/federation/credentials', 'AssumeRole'], []]);
  });

  it('reports endpoints that it cannot use together, and only if it calls them', async () => {
    const services = `[services local]\nsso =\n  endpoint_url = ${right.endpoint}\n[sso-session corp]\nsso_start_url = ${START}\nsso_region = eu-west-2\n`;
    const session = SSO.replace(/^.*\n.*/, 'sso_session = corp');
    await expect(login(`${session}\nservices = local`, services)).rejects.toThrow(
      'has different endpoints for SSO and SSO OIDC',
    );
    expect((await login(`${SSO}\nservices = local`, services)).accessKeyId).toBe('ASIASSO');
  });
});
