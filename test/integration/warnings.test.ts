import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, type LooseConfig, project, writeConfig } from '../helpers/configs.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

const BUCKET = 'abcdef-terraform-state';

function folderOf(change: (config: LooseConfig) => void): string {
  const config = backendConfig();
  change(config);
  return writeConfig(config);
}

/** A config whose role is limited to the main branch, so that it causes no warning. */
const withoutWarnings = folderOf((config) => {
  config.roles[0].trust.subjects = ['ref:refs/heads/main'];
});

describeWith('moto', 'warnings', () => {
  const moto = useMotoForAll();
  const crc = async (cwd: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runCli(args, { cwd, env: moto().env });
    return { code, stdout, stderr };
  };
  const documentOf = (text: string) => planDocumentSchema.parse(JSON.parse(text));

  it('verify --strict ends with 0 without any, as verify does', async () => {
    expect((await crc(withoutWarnings, 'bootstrap', '--yes')).code).toBe(0);
    expect((await crc(withoutWarnings, 'verify', '--strict')).code).toBe(0);
  });

  it('of the account: shown in text, JSON and Markdown, no drift, and exit code 2 only with --strict', async () => {
    const Policy = policyWithOpenStatement();
    await moto().clients.s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
    const text = await crc(withoutWarnings, 'verify');
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(
      /Warnings\n {2}• state-bucket: the bucket policy grants access to everyone \(Sid Open: s3:GetObject\)/,
    );
    const json = await crc(withoutWarnings, 'verify', '--strict', '--json');
    const document = documentOf(json.stdout);
    expect([json.code, document.status]).toEqual([2, 'in-sync']);
    expect(document.findings.map(({ id, warnings }) => [id, warnings.length])).toEqual([
      ['state-bucket', 1],
      ['lock-table', 0],
      ['oidc-provider', 0],
      ['role/GitHubActionsTerraformRole', 0],
    ]);
    const markdown = await crc(withoutWarnings, 'verify', '--markdown');
    expect(markdown.stdout).toMatch(
      /\*\*Warnings\*\*\n\n- `state-bucket`: the bucket policy grants access to everyone/,
    );
    const dryRun = await crc(withoutWarnings, 'bootstrap', '--dry-run', '--json');
    expect([dryRun.code, documentOf(dryRun.stdout).findings[0]?.warnings.length]).toEqual([0, 1]);
  });

  it('are shown with the config of a parent folder, next to the account', async () => {
    const folder = mkdtempSync(join(withoutWarnings, 'inner-'));
    expect((await crc(folder, 'verify')).stdout).toMatch(
      /^Account 123456789012, eu-west-2\nConfig \.\.\/crc\.config\.json\n\n/,
    );
    expect((await crc(withoutWarnings, 'verify')).stdout).toMatch(/^Account 123456789012, eu-west-2\n\n/);
  });

  it('of a deployed function: only the public URL, and that nothing limits it', async () => {
    const cwd = project((config) => {
      config.roles[0].trust.subjects = ['ref:refs/heads/main'];
    });
    expect((await crc(cwd, 'bootstrap', '--yes')).code).toBe(0);
    const { findings } = documentOf((await crc(cwd, 'verify', '--json')).stdout);
    expect(
      findings.flatMap(({ id, status, warnings }) => (id.includes('function') ? [[id, status, warnings.length]] : [])),
    ).toEqual([
      ['function/IncrementVisits', 'in-sync', 0],
      ['function-code/IncrementVisits', 'in-sync', 0],
      ['function-url/IncrementVisits', 'in-sync', 2],
    ]);
  });

  it('of the config: shown before anything is created, and by bootstrap', async () => {
    const open = folderOf(() => undefined);
    const warning =
      /Warnings\n[\s\S]* {2}• role\/GitHubActionsTerraformRole \(roles\[0\]\.trust\.subjects\[0\]\): "\*" lets/;
    expect((await crc(open, 'bootstrap', '--dry-run')).stdout).toMatch(warning);
    const bootstrap = await crc(open, 'bootstrap', '--yes');
    expect([bootstrap.code, bootstrap.stdout]).toEqual([0, expect.stringMatching(warning)]);
    expect((await crc(open, 'verify')).code).toBe(0);
    expect((await crc(open, 'verify', '--strict', '--only', 'role/GitHubActionsTerraformRole')).code).toBe(2);
    expect((await crc(open, 'verify', '--strict', '--only', 'lock-table')).code).toBe(0);
  });
});

/** A bucket policy with crc's statement and one of another owner. */
function policyWithOpenStatement(): string {
  const arn = `arn:aws:s3:::${BUCKET}`;
  const Statement = [
    {
      Sid: 'CrcTlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/*` },
  ];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
