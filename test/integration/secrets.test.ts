import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { project } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireCall, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

/** All secrets start with this marker. */
const SECRET_MARKER = 'MARKED';
const KEYS = {
  AWS_ACCESS_KEY_ID: `AKIA${SECRET_MARKER}KEYID0001`,
  AWS_SECRET_ACCESS_KEY: `${SECRET_MARKER}/secret+key`,
  AWS_SESSION_TOKEN: `${SECRET_MARKER}-session-token`,
};
const COMMANDS: readonly (readonly string[])[] = [
  ['bootstrap', '--yes'],
  ['bootstrap', '--dry-run'],
  ['verify'],
  ['verify', '--markdown'],
  ['deploy-function'],
  ['deploy-function', '--dry-run'],
  ['invoke', 'IncrementVisits'],
  ['invoke', 'IncrementVisits', '--local'],
  ['outputs', '--github-output'],
  ['backend'],
  ['workflow'],
  ['permissions', 'bootstrap'],
  ['export'],
  ['explain'],
  ['destroy', '--dry-run'],
  ['destroy', '--confirm', 'wrong'],
];

describeWith('moto', 'secrets', () => {
  const moto = useMotoForAll();
  let proxy: WireProxy;
  let cwd: string;
  let temporary: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(() => proxy.stop());
  beforeEach(async () => {
    await moto().reset();
    proxy.intercept = async () => 'pass';
    temporary = mkdtempSync(join(tmpdir(), 'crc-secrets-'));
    cwd = project(({ functions: [functionConfig] }) => {
      functionConfig.environment = {
        ...functionConfig.environment,
        API_KEY: `${SECRET_MARKER}-value`,
        NAME_OF_KEY: `${SECRET_MARKER} other`,
      };
    });
  });

  async function crc(args: readonly string[], env: Readonly<Record<string, string>> = KEYS): Promise<CliResult> {
    return await runCli(args, {
      cwd,
      env: {
        AWS_ENDPOINT_URL: proxy.endpoint,
        TMPDIR: temporary,
        HOME: temporary,
        GITHUB_ACTIONS: 'true',
        GITHUB_STEP_SUMMARY: join(temporary, 'summary.md'),
        GITHUB_OUTPUT: join(temporary, 'output'),
        ...env,
      },
    });
  }

  /** Everything that was printed, and all files that were written except the config, which contains the values. */
  function outputOf(results: readonly CliResult[]): string {
    const files = [temporary, cwd].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter(
          (path) => statSync(path).isFile() && !path.endsWith('crc.config.json') && !path.endsWith('web-identity'),
        ),
    );
    return [
      ...results.flatMap(({ stdout, stderr }) => [stdout, stderr]),
      ...files.map((path) => readFileSync(path, 'latin1')),
    ].join('\n');
  }

  it('are in no output, log, report or file of any command, even with --verbose, as text and as JSON', async () => {
    const results: CliResult[] = [];
    for (const args of COMMANDS) {
      results.push(await crc([...args, '--verbose']), await crc([...args, '--verbose', '--json']));
    }
    // The run was complete: a changed value is reported without revealing anything about it.
    expect(results[0]?.code).toBe(0);
    expect(results[0]?.stderr).toContain('lambda:CreateFunction');
    await moto().clients.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'IncrementVisits',
        Environment: { Variables: { API_KEY: `${SECRET_MARKER}-live` } },
      }),
    );
    const drifted = await crc(['verify', '--verbose']);
    expect([drifted.code, drifted.stdout]).toEqual([
      2,
      expect.stringMatching(/environment\.API_KEY {2,}\(another value\) \(expected as in the config\)/),
    ]);
    results.push(
      drifted,
      await crc(['verify', '--json']),
      await crc(['verify', '--markdown']),
      await crc(['bootstrap', '--yes']),
    );
    const text = outputOf(results);
    expect(text.length).toBeGreaterThan(50_000);
    expect(lineWith(text)).toBe('');
  });

  it('are in no error, even if AWS or something in between quotes the request', async () => {
    const quoting =
      (status: number, code: string) =>
      ({ name }: WireCall, response: ServerResponse, request: string): void => {
        const message = `The request signature we calculated does not match. The Canonical String for this request should have been '${request}'`;
        const body = name.startsWith('s3:')
          ? `<Error><Code>${code}</Code><Message>${message}</Message><AWSAccessKeyId>${KEYS.AWS_ACCESS_KEY_ID}</AWSAccessKeyId></Error>`
          : /Role|Provider|CallerIdentity/.test(name) && !name.startsWith('lambda:')
            ? `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
            : JSON.stringify({ __type: code, message });
        response.writeHead(status, { 'x-amzn-errortype': code }).end(body);
      };
    const results: CliResult[] = [];
    for (const [status, code] of [
      [403, 'SignatureDoesNotMatch'],
      [400, 'IncompleteSignature'],
      [403, 'InvalidClientTokenId'],
      [400, 'ExpiredToken'],
      [400, 'ExpiredTokenException'],
    ] as const) {
      proxy.intercept = async (call, request, response) => {
        const { authorization = '', 'x-amz-security-token': token = '' } = request.headers;
        quoting(status, code)(call, response, `${authorization} ${String(token)} ${KEYS.AWS_SECRET_ACCESS_KEY}`);
        return 'handled';
      };
      for (const command of ['verify', 'bootstrap', 'explain', 'outputs']) {
        const result = await crc([command, '--verbose', ...(command === 'bootstrap' ? ['--yes'] : [])]);
        expect([command, code, result.code]).toEqual([command, code, 1]);
        results.push(result, await crc([command, '--json', '--verbose']));
      }
    }
    expect(lineWith(outputOf(results))).toBe('');
  });

  it('of a web identity are not shown: its token, and the keys exchanged for it', async () => {
    const token = ['{}', JSON.stringify({ sub: 'repo:o/r:pull_request', aud: 'sts.amazonaws.com' }), `${SECRET_MARKER}`]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    mkdirSync(temporary, { recursive: true });
    writeFileSync(join(temporary, 'web-identity'), `${SECRET_MARKER}.${token}`);
    let credentials = '';
    proxy.answered = ({ body }, answer) => {
      if (body.includes('Action=AssumeRoleWithWebIdentity')) credentials = answer.body.toString('utf8');
    };
    const env = {
      AWS_WEB_IDENTITY_TOKEN_FILE: join(temporary, 'web-identity'),
      AWS_ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/Someone`,
      AWS_ROLE_SESSION_NAME: 'session',
    };
    const results = [
      await crc(['verify', '--verbose'], env),
      await crc(['bootstrap', '--yes', '--verbose', '--json'], env),
    ];
    expect(results.map(({ code }) => code)).toEqual([2, 0]);
    const keys = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
      (name) => new RegExp(`<${name}>([^<]+)<`).exec(credentials)?.[1] ?? '',
    );
    expect(keys.every((key) => key.length > 10)).toBe(true);
    const text = outputOf(results);
    for (const secret of [SECRET_MARKER, token, ...keys]) expect(text).not.toContain(secret);

    proxy.intercept = async ({ body }, _, response) => {
      if (!body.includes('Action=AssumeRoleWithWebIdentity')) return 'pass';
      response
        .writeHead(400)
        .end(
          `<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>Token ${SECRET_MARKER}.${token} is not valid</Message></Error></ErrorResponse>`,
        );
      return 'handled';
    };
    const refused = [await crc(['verify', '--verbose'], env), await crc(['verify', '--json'], env)];
    proxy.answered = () => undefined;
    expect(refused.map(({ code }) => code)).toEqual([1, 1]);
    expect(lineWith(outputOf(refused))).toBe('');
  });
});

/** The line that contains a secret, for the failure message. */
function lineWith(text: string): string {
  return text.split('\n').find((line) => line.includes(SECRET_MARKER)) ?? '';
}
