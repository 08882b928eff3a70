import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AskMfaCode, cannotAsk, credentialsOf } from '../../src/aws/credentials.ts';
import { Handler } from '../../src/aws/handler.ts';
import { Cancelled, CrcError } from '../../src/errors.ts';
import { askMfaCode } from '../../src/ui/mfa.ts';
import { folderWith } from '../helpers/folder.ts';
import { startServer } from '../helpers/server.ts';

const SECRET = 'hunter2-of-the-process';

let home: string;

/** Sets HOME to a new folder, because the SDK caches files by path. */
function atHome(config: string, files: Readonly<Record<string, string>> = {}): void {
  home = folderWith({ '.aws/config': config, ...files });
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, '.aws/config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, '.aws/credentials'));
}

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((name) => /^AWS_(?!SDK_)/.test(name))) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_REGION', 'eu-west-2');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function provider(profile?: string, ask: AskMfaCode = cannotAsk, make = credentialsOf) {
  return make({
    profile,
    askMfaCode: ask,
    signal: undefined,
    requestHandler: new Handler(),
    onCredentials: () => undefined,
  });
}

async function crcErrorOf(profile?: string): Promise<CrcError> {
  const error: unknown = await provider(profile)({}).catch((thrown: unknown) => thrown);
  if (!(error instanceof CrcError)) throw new Error(`no CrcError: ${String(error)}`);
  return error;
}

const ssoCache = (session: string, token: object) => ({
  [`.aws/sso/cache/${createHash('sha1').update(session).digest('hex')}.json`]: JSON.stringify(token),
});
const SSO = `[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-2
[profile work]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
`;

describe('profile files', () => {
  it('are reported as unreadable, not as a missing profile', async () => {
    atHome('[default]\n', { '.aws/folder/x': '' });
    vi.stubEnv('AWS_CONFIG_FILE', join(home, '.aws/folder'));
    const { message, hint } = await crcErrorOf('work');
    expect([message, hint]).toEqual([
      `${join(home, '.aws/folder')} cannot be read: it is a folder.`,
      'It is the file that AWS_CONFIG_FILE names: correct it, or unset AWS_CONFIG_FILE.',
    ]);
    vi.stubEnv('AWS_CONFIG_FILE', undefined);
    home = folderWith({ '.aws/config/x': '' });
    vi.stubEnv('HOME', home);
    expect((await crcErrorOf('work')).message).toBe('~/.aws/config cannot be read: it is a folder.');
    expect((await crcErrorOf()).message).toBe('~/.aws/config cannot be read: it is a folder.');
  });
});

describe('without credentials, the cause is named:', () => {
  it.each<[string, string, string | undefined, string, string]>([
    [
      'a profile that is misspelt',
      '[profile work]\naws_access_key_id=a\naws_secret_access_key=b\n[profile far]\nregion=eu-west-2\n',
      'wrok',
      'The AWS profile "wrok" was not found in ~/.aws/config or ~/.aws/credentials.',
      'Did you mean --profile work? The profiles are work, far.',
    ],
    [
      'a profile without a similar name',
      '[profile work]\naws_access_key_id=a\naws_secret_access_key=b\n',
      'production',
      'The AWS profile "production" was not found in ~/.aws/config or ~/.aws/credentials.',
      'Choose work with --profile or AWS_PROFILE.',
    ],
    [
      'a profile next to sections that are not profiles',
      `${SSO}[services local]\ns3 =\n  endpoint_url = http://127.0.0.1\n`,
      'production',
      'The AWS profile "production" was not found in ~/.aws/config or ~/.aws/credentials.',
      'Choose work with --profile or AWS_PROFILE.',
    ],
    [
      'a missing web identity token',
      '[profile work]\nrole_arn=arn:aws:iam::123456789012:role/r\nweb_identity_token_file=/nowhere/token\n',
      'work',
      'The web identity token in /nowhere/token cannot be read: no such file or folder.',
      'Correct web_identity_token_file, or choose a profile with --profile.',
    ],
    [
      'a profile when there are none',
      '',
      'work',
      'The AWS profile "work" was not found in ~/.aws/config or ~/.aws/credentials.',
      'Create it with `aws configure sso --profile work`, or choose another with --profile.',
    ],
    [
      'an empty profile',
      '[profile work]\nregion=eu-west-2\n',
      'work',
      'The AWS profile "work" has no credentials.',
      'Log in with it: `aws login --profile work`, or `aws configure sso --profile work` if you use IAM Identity Center.',
    ],
    [
      'half a key pair',
      '[profile work]\naws_access_key_id=a\n',
      'work',
      'The AWS profile "work" has aws_access_key_id but no aws_secret_access_key.',
      'Log in with it: `aws login --profile work`, or `aws configure sso --profile work` if you use IAM Identity Center.',
    ],
    [
      'a source_profile that is missing',
      '[profile work]\nrole_arn=arn:aws:iam::123456789012:role/r\nsource_profile=base\n',
      'work',
      'The AWS profile "work" takes its credentials from the profile "base" (source_profile), which was not found.',
      'Correct source_profile in ~/.aws/config, or create the profile: `aws configure sso --profile base`.',
    ],
    [
      'profiles in a circle',
      '[profile a]\nrole_arn=arn:aws:iam::123456789012:role/r\nsource_profile=b\n[profile b]\nrole_arn=arn:aws:iam::123456789012:role/r\nsource_profile=a\n',
      'a',
      'The AWS profiles a, b name each other as their source_profile.',
      'Edit ~/.aws/config: remove source_profile from the one that has credentials.',
    ],
    [
      'a process that fails',
      `[profile work]\ncredential_process = node -e "console.log('${SECRET}'); console.error('${SECRET}'); process.exit(3)"\n`,
      'work',
      'The credential_process of the AWS profile "work" ended with exit code 3.',
      'Run that command yourself (`aws configure get credential_process --profile work` shows it). It must print credentials as JSON with "Version": 1.',
    ],
    [
      'a process that prints something else',
      `[profile work]\ncredential_process = node -e "console.log('${SECRET}')"\n`,
      'work',
      'The credential_process of the AWS profile "work" returned invalid JSON.',
      'Run that command yourself (`aws configure get credential_process --profile work` shows it). It must print credentials as JSON with "Version": 1.',
    ],
    [
      'a process behind a role',
      `[profile work]\nrole_arn=arn:aws:iam::123456789012:role/r\nsource_profile=base\n[profile base]\ncredential_process = node -e "process.exit(7)"\n`,
      'work',
      'The credential_process of the AWS profile "base" ended with exit code 7.',
      'Run that command yourself (`aws configure get credential_process --profile base` shows it). It must print credentials as JSON with "Version": 1.',
    ],
    [
      'a login that never took place',
      SSO,
      'work',
      'The SSO login of the AWS profile "work" has expired or is missing.',
      'Log in: `aws sso login --profile work`.',
    ],
    [
      'a login without its session',
      '[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n',
      'work',
      'The AWS profile "work" names the sso-session "corp", which was not found in ~/.aws/config.',
      'Set it up again: `aws configure sso --profile work`.',
    ],
    [
      'an incomplete login in the legacy format',
      '[profile work]\nsso_start_url = https://corp.awsapps.com/start\n',
      'work',
      'The AWS profile "work" is missing one or more of sso_account_id, sso_region, sso_role_name and sso_start_url.',
      'Set it up again: `aws configure sso --profile work`.',
    ],
    [
      '`aws login` without a login',
      '[profile work]\nlogin_session = arn:aws:sts::123456789012:assumed-role/r/s\n',
      'work',
      'The login of the AWS profile "work" has expired or is missing.',
      'Log in: `aws login --profile work`.',
    ],
    [
      'an invalid credential_source',
      '[profile work]\nrole_arn=arn:aws:iam::123456789012:role/r\ncredential_source = Odd\n',
      'work',
      'The AWS profile "work" takes its credentials from Odd (credential_source), which returned none.',
      'Set credential_source in ~/.aws/config to Environment, EcsContainer or Ec2InstanceMetadata.',
    ],
    [
      'an environment without keys',
      '[profile work]\nrole_arn=arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n',
      'work',
      'The AWS profile "work" takes its credentials from Environment (credential_source), which returned none.',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    ],
    [
      'nothing at all',
      '',
      undefined,
      'No AWS credentials were found.',
      'Log in: `aws login` (AWS CLI 2.32 or later), or `aws configure sso` if you use IAM Identity Center. No AWS account yet? Try `crc demo`.',
    ],
    [
      'profiles, but none selected',
      '[profile work]\nregion=eu-west-2\n',
      undefined,
      'No AWS credentials were found.',
      'Choose a profile with --profile or AWS_PROFILE: work.',
    ],
  ])('%s', async (_, config, profile, message, hint) => {
    atHome(config);
    const problem = await crcErrorOf(profile);
    expect([problem.message, problem.hint]).toEqual([message, hint]);
    expect(`${problem.message}${problem.hint}`).not.toContain(SECRET);
  });

  it('an expired login, with an SSO session and in the legacy format', async () => {
    const expired = { accessToken: SECRET, expiresAt: '2020-01-01T00:00:00Z', startUrl: 'x', region: 'eu-west-2' };
    const message = 'The SSO login of the AWS profile "work" has expired or is missing.';
    atHome(SSO, ssoCache('corp', expired));
    expect(await crcErrorOf('work')).toMatchObject({ message, hint: 'Log in: `aws sso login --profile work`.' });
    const url = 'https://corp.awsapps.com/start';
    const legacyProfile = `[profile work]\nsso_start_url=${url}\nsso_region=eu-west-2\nsso_account_id=1\nsso_role_name=r\n`;
    atHome(legacyProfile, ssoCache(url, expired));
    expect(await crcErrorOf('work')).toMatchObject({ message, hint: 'Log in: `aws sso login --profile work`.' });
  });

  it('a profile from AWS_PROFILE, and half a key pair in the environment', async () => {
    atHome('[profile work]\nregion=eu-west-2\n');
    vi.stubEnv('AWS_PROFILE', 'wrk');
    expect((await crcErrorOf()).message).toContain('"wrk" was not found');
    vi.stubEnv('AWS_PROFILE', undefined);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
    const { message } = await crcErrorOf();
    expect(message).toBe('No AWS credentials were found: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not.');
  });

  it('an empty AWS_PROFILE names no profile', async () => {
    atHome('[profile work]\nregion=eu-west-2\n');
    vi.stubEnv('AWS_PROFILE', '');
    const { message, hint } = await crcErrorOf();
    expect([message, hint]).toEqual([
      'No AWS credentials were found.',
      'Choose a profile with --profile or AWS_PROFILE: work.',
    ]);
  });

  it('an invalid endpoint for containers', async () => {
    atHome('');
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://example.com/credentials');
    vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', SECRET);
    const { message, hint } = await crcErrorOf();
    expect(message).toBe(
      "No AWS credentials were found: the container's credentials endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI) returned none.",
    );
    expect(hint).not.toContain(SECRET);
  });

  it('runs a failing command once, even if several calls need credentials', async () => {
    atHome('');
    const log = join(home, 'log');
    writeFileSync(join(home, '.aws/config'), `[profile work]\ncredential_process = sh -c "echo x >> ${log}; exit 1"\n`);
    const credentials = provider('work');
    await expect(credentials({})).rejects.toBeInstanceOf(CrcError);
    await expect(credentials({})).rejects.toBeInstanceOf(CrcError);
    expect(readFileSync(log, 'utf8').split('\n').length).toBeLessThanOrEqual(3);
  });

  it('returns the credentials that a process prints', async () => {
    const printed = JSON.stringify({ Version: 1, AccessKeyId: 'AKIA', SecretAccessKey: 's' }).replaceAll('"', '\\"');
    atHome(`[profile work]\ncredential_process = echo "${printed}"\n`);
    expect(await provider('work')({})).toMatchObject({ accessKeyId: 'AKIA', secretAccessKey: 's' });
  });
});

describe('a profile with an MFA device', () => {
  const DEVICE = 'arn:aws:iam::123456789012:mfa/me';
  const CONFIG = `[profile work]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = ${DEVICE}
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = base
`;

  it('is assumed with the code that the user enters', async () => {
    let sent = '';
    const sts = await startServer(async (request, response) => {
      for await (const chunk of request) sent += String(chunk);
      response.end(
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
      );
    });
    atHome(CONFIG);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint);
    const questions: string[] = [];
    const credentials = provider('work', async ({ profile, device }) => {
      questions.push(`${profile} ${device}`);
      return '123456';
    });
    try {
      expect(await credentials({})).toMatchObject({ accessKeyId: 'ASIA', sessionToken: 't' });
      await credentials({});
      expect(questions).toEqual([`work ${DEVICE}`]);
      expect(new URLSearchParams(sent).get('TokenCode')).toBe('123456');
      expect(new URLSearchParams(sent).get('SerialNumber')).toBe(DEVICE);
    } finally {
      await sts.stop();
    }
  });

  it('is an error with a fix if there is no terminal', async () => {
    atHome(CONFIG);
    const { message, hint } = await crcErrorOf('work');
    expect(message).toBe(
      `The AWS profile "work" needs a code from the MFA device ${DEVICE}, and crc cannot prompt for it here.`,
    );
    expect(hint).toContain('Run the command in a terminal');
    expect(hint).toContain('aws configure export-credentials --profile work --format env');
  });

  it('is not requested again when the user cancels', async () => {
    atHome(CONFIG);
    let prompts = 0;
    const credentials = provider('work', async () => {
      prompts += 1;
      throw new Cancelled();
    });
    await expect(credentials({})).rejects.toBeInstanceOf(Cancelled);
    await expect(credentials({})).rejects.toBeInstanceOf(Cancelled);
    expect(prompts).toBe(1);
  });

  it('closes the prompt when its credentials fail in the meantime', async () => {
    atHome(CONFIG.replace(/aws_.*\n/g, '').concat('credential_process = node -e "process.exit(9)"\n'));
    let isClosed = false;
    const credentials = provider('work', ({ signal }) => {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          isClosed = true;
          reject(new Error('left'));
        });
      });
    });
    await expect(credentials({})).rejects.toThrow(
      'The credential_process of the AWS profile "base" ended with exit code 9.',
    );
    expect(isClosed).toBe(true);
  });
});

describe('the prompt for an MFA code', () => {
  const question = { profile: 'work', device: 'arn:aws:iam::1:mfa/me', signal: new AbortController().signal };
  const answering = (...answers: readonly string[]) => {
    const prompts: string[] = [];
    const remaining = [...answers];
    return {
      prompts,
      ask: async (text: string) => {
        prompts.push(text);
        return remaining.shift() ?? '';
      },
    };
  };

  it('accepts six digits, and repeats the prompt for anything else', async () => {
    const { prompts, ask } = answering('12345', 'abcdef', '012345');
    expect(await askMfaCode(question, ask)).toBe('012345');
    expect(prompts).toEqual([
      'MFA code of arn:aws:iam::1:mfa/me (AWS profile work):',
      'A code has six digits. MFA code of arn:aws:iam::1:mfa/me (AWS profile work):',
      'A code has six digits. MFA code of arn:aws:iam::1:mfa/me (AWS profile work):',
    ]);
  });

  it('is cancelled with an empty answer', async () => {
    await expect(askMfaCode(question, answering('').ask)).rejects.toBeInstanceOf(Cancelled);
  });
});

// Must be last, because it reloads modules.
describe('a problem of credentials', () => {
  it('is the same for clients that request credentials during the lookup', async () => {
    atHome('[profile work]\ncredential_process = node -e "process.exit(3)"\n');
    // The module with the messages is loaded on demand, while other calls fail too.
    vi.resetModules();
    const { credentialsOf: fresh } = await import('../../src/aws/credentials.ts');
    const credentials = provider('work', cannotAsk, fresh);
    const messages = new Set<string>();
    const ask = () => credentials({}).catch((error: unknown) => messages.add((error as Error).message));
    const attempts: Promise<unknown>[] = [ask()];
    while (messages.size === 0) {
      await new Promise(setImmediate);
      attempts.push(ask());
    }
    await Promise.all(attempts);
    expect([...messages]).toEqual(['The credential_process of the AWS profile "work" ended with exit code 3.']);
  });
});
