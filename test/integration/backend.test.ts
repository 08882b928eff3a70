import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { EXAMPLE, runCli } from '../helpers/cli.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, withoutRetries } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

const IDS = [
  'state-bucket',
  'lock-table',
  'oidc-provider',
  'role/GitHubActionsTerraformRole',
  'table/IncrementVisits',
  'execution-role/IncrementVisits',
  'log-group/IncrementVisits',
  'function/IncrementVisits',
  'function-code/IncrementVisits',
  'function-url/IncrementVisits',
];

describeWith('moto', 'bootstrap and verify of the example', () => {
  const moto = useMoto();
  const crc = async (command: string, ...flags: string[]) => {
    const result = await runCli([command, '--config', EXAMPLE, '--json', ...flags], { env: moto().env });
    return { ...result, document: planDocumentSchema.parse(JSON.parse(result.stdout)) };
  };

  it('creates everything, and a second run makes no writes, counted on the wire', async () => {
    const proxy = await startProxy(moto().endpoint);
    const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
    const run = async (command: string) => {
      proxy.calls.length = 0;
      const { code, stdout } = await runCli([command, '--config', EXAMPLE, '--json'], { env });
      const calls = withoutRetries(proxy.calls);
      const writes = calls.filter(({ write, name }) => write && name !== 'GetCallerIdentity').length;
      return {
        code,
        document: planDocumentSchema.parse(JSON.parse(stdout)),
        reads: calls.length - writes,
        writes,
      };
    };

    const first = await run('bootstrap');
    expect([first.code, first.document.status]).toEqual([0, 'converged']);
    expect(first.document.findings.map(({ id, status }) => [id, status])).toEqual(IDS.map((id) => [id, 'absent']));
    expect(first.document.outcomes).toEqual(Object.fromEntries(IDS.map((id) => [id, 'created'])));
    expect(first.document.apiCalls).toEqual({ read: first.reads, write: first.writes });

    const second = await run('bootstrap');
    expect([second.code, second.document.status, second.writes]).toEqual([0, 'in-sync', 0]);
    expect(second.document.outcomes).toEqual(Object.fromEntries(IDS.map((id) => [id, 'unchanged'])));
    expect(second.document.apiCalls).toEqual({ read: 31, write: 0 });

    const verified = await run('verify');
    expect([verified.code, verified.document.status, verified.writes]).toEqual([0, 'in-sync', 0]);
    expect(verified.document.findings.map(({ id, status }) => [id, status])).toEqual(IDS.map((id) => [id, 'in-sync']));
    expect(verified.document.outcomes).toBeUndefined();
    expect(verified.document.apiCalls).toEqual({ read: verified.reads, write: 0 });
    await proxy.stop();
  });

  it('--dry-run shows everything and writes nothing', async () => {
    const before = await crc('bootstrap', '--dry-run');
    expect([before.code, before.document.status, before.document.apiCalls.write]).toEqual([2, 'changes', 0]);
    expect(before.document.outcomes).toBeUndefined();
    expect((await crc('verify')).document.findings.every(({ status }) => status === 'absent')).toBe(true);
    expect((await crc('verify')).code).toBe(2);
    await crc('bootstrap');
    const after = await crc('bootstrap', '--dry-run');
    expect([after.code, after.document.status]).toEqual([0, 'in-sync']);
  });

  it('two concurrent runs on a fresh account both succeed', async () => {
    const results = await Promise.all([crc('bootstrap'), crc('bootstrap')]);
    expect(results.map(({ code, stderr }) => (code === 0 ? '' : stderr))).toEqual(['', '']);
    expect((await crc('verify')).code).toBe(0);
  });

  it('--only reads and writes only the given resources, and is blocked by what they need', async () => {
    const blocked = await crc('bootstrap', '--only', 'role/GitHubActionsTerraformRole');
    expect([blocked.code, blocked.document.outcomes, blocked.document.apiCalls.write]).toEqual([
      1,
      { 'role/GitHubActionsTerraformRole': 'blocked' },
      0,
    ]);
    expect(blocked.document.findings[0]?.error?.message).toContain('oidc-provider');

    const table = await crc('bootstrap', '--only', 'lock-table', '--only', 'oidc-provider');
    expect([table.code, Object.keys(table.document.outcomes ?? {})]).toEqual([0, ['lock-table', 'oidc-provider']]);
    expect((await crc('bootstrap', '--only', 'role/GitHubActionsTerraformRole')).code).toBe(0);
    const verified = await crc('verify', '--only', 'lock-table');
    expect([verified.code, verified.document.apiCalls.read]).toEqual([0, 3]);
    expect((await crc('verify')).document.findings.map(({ status }) => status)).toEqual([
      'absent',
      'in-sync',
      'in-sync',
      'in-sync',
      ...Array(6).fill('absent'),
    ]);
  });

  it('without --json prints the plan and the outcome on stdout, and the rest on stderr', async () => {
    const { code, stdout, stderr } = await runCli(['bootstrap', '--config', EXAMPLE], { env: moto().env });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Account 123456789012, eu-west-2\n\nPlan: 10 to create\.\n\nWill be created\n\+ state-bucket/,
    );
    expect(stdout).toMatch(/Cannot be undone\n {2}• state-bucket: .*COMPLIANCE.*nobody, not even root/);
    expect(stdout).toMatch(
      /created {4}lock-table\n[\s\S]*Done\. 10 created, 0 changed\.\n\n {2}GitHubActionsTerraformRole {2}arn:aws:iam:[\s\S]*lambda-url.*\n\nNot tested: IncrementVisits\. `crc invoke .*IncrementVisits --local` calls it\.\n$/,
    );
    expect(stderr).toContain('function/IncrementVisits: package of 2 files');
    expect(stderr).not.toMatch(/Warning|deprecat/i);
  });

  it('fixes one resource and leaves the others unchanged', async () => {
    await crc('bootstrap');
    await moto().clients.dynamodb.send(
      new UpdateTableCommand({ TableName: 'abcdef-terraform-locking', DeletionProtectionEnabled: false }),
    );
    const verified = await runCli(['verify', '--config', EXAMPLE], { env: moto().env });
    expect(verified.code).toBe(2);
    expect(verified.stdout).toContain('~ deletionProtection  false (expected true)');
    const fixed = await crc('bootstrap');
    expect([fixed.code, fixed.document.apiCalls.write]).toEqual([0, 1]);
    expect(fixed.document.outcomes).toMatchObject({ 'lock-table': 'updated', 'state-bucket': 'unchanged' });
  });

  it('--verbose shows each call with its time and request id, and no credentials', async () => {
    const env = {
      ...moto().env,
      AWS_ACCESS_KEY_ID: 'AKIAMARKED',
      AWS_SECRET_ACCESS_KEY: 'secretmarked',
      AWS_SESSION_TOKEN: 'tokenmarked',
    };
    const { stdout, stderr } = await runCli(['verify', '--config', EXAMPLE, '--verbose'], { env });
    expect(stderr).toMatch(/iam:GetRole \d+ ms, NoSuchEntityException \([\w-]+\)/);
    expect(stderr).toMatch(/sts:GetCallerIdentity \d+ ms \([\w-]+\)/);
    expect(stdout + stderr).not.toMatch(/marked/i);
  });
});
