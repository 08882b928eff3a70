import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { EXAMPLE, runCli, spawnCli } from '../helpers/cli.ts';
import { backendConfig, exampleConfig, writeConfig } from '../helpers/configs.ts';
import { errorDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { benchAt, useMoto } from '../helpers/moto.ts';
import { startProxy, type WireCall, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

const READS: readonly (readonly [string, string])[] = [
  ['s3:HEAD ?', 'state-bucket'],
  ['s3:GET ?versioning', 'state-bucket'],
  ['s3:GET ?object-lock', 'state-bucket'],
  ['s3:GET ?encryption', 'state-bucket'],
  ['s3:GET ?publicAccessBlock', 'state-bucket'],
  ['s3:GET ?ownershipControls', 'state-bucket'],
  ['s3:GET ?policy', 'state-bucket'],
  ['s3:GET ?tagging', 'state-bucket'],
  ['s3:GET ?lifecycle', 'state-bucket'],
  ['DescribeTable', 'lock-table'],
  ['ListTagsOfResource', 'lock-table'],
  ['GetOpenIDConnectProvider', 'oidc-provider'],
  ['GetRole', 'role/GitHubActionsTerraformRole'],
  ['GetRolePolicy', 'role/GitHubActionsTerraformRole'],
  ['ListRolePolicies', 'role/GitHubActionsTerraformRole'],
  ['ListAttachedRolePolicies', 'role/GitHubActionsTerraformRole'],
];

describeWith('moto', 'when AWS returns errors', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  beforeEach(() => {
    proxy.calls.length = 0;
    proxy.intercept = async () => 'pass';
  });
  afterAll(async () => {
    await proxy.stop();
  });
  const env = () => ({ ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint });
  const cwd = writeConfig(backendConfig());
  const crc = async (command: string, ...flags: string[]) => {
    const { code, stdout } = await runCli([command, '--json', ...flags], { cwd, env: env() });
    return { code, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };

  /** AccessDenied in the protocol of the call. */
  function deny({ name }: WireCall, response: ServerResponse): void {
    if (name.startsWith('s3:'))
      response
        .writeHead(403)
        .end(
          name.startsWith('s3:HEAD')
            ? undefined
            : '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
        );
    else if (/Table|OfResource/.test(name)) {
      const body = {
        __type: 'com.amazon.coral.service#AccessDeniedException',
        Message: `not authorized to perform: dynamodb:${name}`,
      };
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    } else {
      response
        .writeHead(403, { 'content-type': 'text/xml' })
        .end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:${name} on resource: role x because no identity-based policy allows the iam:${name} action</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
        );
    }
  }

  it.each(READS)('a denied %s makes %s unread, and the rest is still reported', async (name, id) => {
    await crc('bootstrap');
    proxy.intercept = async (call, _, response) => {
      if (call.name !== name) return 'pass';
      deny(call, response);
      return 'handled';
    };
    proxy.calls.length = 0;
    const { code, document } = await crc('verify');
    expect([code, document.status]).toEqual([1, 'failed']);
    const unread = document.findings.filter(({ status }) => status !== 'in-sync');
    expect(unread.map((finding) => [finding.id, finding.status, finding.changes])).toEqual([[id, 'unread', []]]);
    expect(unread[0]?.error?.message).toMatch(
      name === 's3:HEAD ?' ? /different account.*s3:ListBucket/ : /^Access denied: (s3|dynamodb|iam):\w+ on /,
    );
    expect(proxy.calls.filter((call) => call.name === name)).toHaveLength(1);
  });

  it('an unreadable resource is not written, and nothing is written if the bucket may belong to another account', async () => {
    proxy.intercept = async (call, _, response) => {
      if (call.name !== 's3:HEAD ?') return 'pass';
      deny(call, response);
      return 'handled';
    };
    const bucket = await crc('bootstrap');
    expect([bucket.code, bucket.document.status, bucket.document.apiCalls.write]).toEqual([1, 'failed', 0]);
    expect(bucket.document.outcomes).toEqual({
      'state-bucket': 'failed',
      'lock-table': 'not-started',
      'oidc-provider': 'not-started',
      'role/GitHubActionsTerraformRole': 'not-started',
    });

    proxy.intercept = async (call, _, response) => {
      if (call.name !== 'GetOpenIDConnectProvider') return 'pass';
      deny(call, response);
      return 'handled';
    };
    const provider = await crc('bootstrap');
    expect(provider.code).toBe(1);
    expect(provider.document.outcomes).toEqual({
      'state-bucket': 'created',
      'lock-table': 'created',
      'oidc-provider': 'failed',
      'role/GitHubActionsTerraformRole': 'blocked',
    });
  });

  it('a temporary error of AWS is waited out', async () => {
    const failed = new Set<string>();
    proxy.intercept = async ({ name }, _, response) => {
      if (failed.has(name)) return 'pass';
      failed.add(name);
      response.writeHead(503).end('<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>');
      return 'handled';
    };
    const { code, document } = await crc('bootstrap');
    expect([code, document.status]).toEqual([0, 'converged']);
    proxy.intercept = async () => 'pass';
    expect((await crc('verify')).code).toBe(0);
  });

  it('another region: names it, and writes nothing', async () => {
    await benchAt(moto().endpoint, 'us-west-1').clients.s3.send(
      new CreateBucketCommand({
        Bucket: 'abcdef-terraform-state',
        CreateBucketConfiguration: { LocationConstraint: 'us-west-1' },
      }),
    );
    const { code, document } = await crc('bootstrap');
    expect([code, document.apiCalls.write]).toEqual([1, 0]);
    expect(document.findings[0]?.error?.message).toBe(
      'The bucket abcdef-terraform-state is in us-west-1, not in eu-west-2.',
    );
  });

  it('another account: one error, and no write', async () => {
    const folder = writeConfig({ ...exampleConfig(), accountId: '999999999999' });
    const { code, stdout } = await runCli(['bootstrap', '--json'], { cwd: folder, env: env() });
    expect(code).toBe(1);
    const { error } = errorDocumentSchema.parse(JSON.parse(stdout));
    expect(error.message).toContain('account 123456789012, but the config is for account 999999999999');
    expect(proxy.calls.filter(({ write, name }) => write && name !== 'GetCallerIdentity')).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s starts nothing more, lets calls finish, reports what was done, and continues next time',
    async (signal, exitCode) => {
      const result = await spawnCli(['bootstrap', '--config', EXAMPLE, '--json'], {
        env: env(),
        started: (child) => {
          proxy.intercept = async ({ name }) => {
            if (name === 's3:PUT ?object-lock') child.kill(signal);
            return 'pass';
          };
        },
      });
      expect(result.code).toBe(exitCode);
      const document = planDocumentSchema.parse(JSON.parse(result.stdout));
      expect(document.status).toBe('failed');
      expect(document.outcomes?.['state-bucket']).toBe('failed');
      expect(document.findings[0]?.error?.message).toContain('Stopped before it was done');
      // Resources that do not depend on it are not blocked.
      expect(document.outcomes?.['role/GitHubActionsTerraformRole']).not.toBe('blocked');
      expect(result.stderr).toContain('Stopping… waiting for requests in progress.');
      expect(proxy.calls.map(({ name }) => name)).not.toContain('s3:PUT ?policy');
      proxy.intercept = async () => 'pass';
      expect((await crc('bootstrap')).code).toBe(0);
      expect((await crc('verify')).code).toBe(0);
    },
  );

  it('a second signal ends it immediately', async () => {
    const holding = new AbortController();
    const requestHeld = once(holding.signal, 'abort');
    const result = await spawnCli(['bootstrap', '--config', EXAMPLE, '--json'], {
      env: env(),
      started: (child) => {
        child.stderr?.on('data', (chunk) => {
          if (String(chunk).includes('waiting for requests in progress')) child.kill('SIGINT');
        });
        proxy.intercept = async ({ write, name }) => {
          if (!write || name === 'GetCallerIdentity') return 'pass';
          child.kill('SIGINT');
          await requestHeld;
          return 'pass';
        };
      },
    });
    holding.abort();
    expect([result.code, result.signal, result.stdout]).toEqual([null, 'SIGINT', '']);
  });

  it('an endpoint with no listener is one clear error', async () => {
    const { env: unreachable } = benchAt('http://127.0.0.1:9');
    const { code, stdout, stderr } = await runCli(['verify', '--config', EXAMPLE, '--json'], { env: unreachable });
    expect(code).toBe(1);
    const { error } = errorDocumentSchema.parse(JSON.parse(stdout));
    expect(error.message).toContain('AWS cannot be reached at 127.0.0.1:9 (ECONNREFUSED)');
    expect(stdout + stderr).not.toContain('    at ');
  });
});
