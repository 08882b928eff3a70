import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { EXAMPLE } from '../helpers/cli.ts';
import { exampleConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { captureIo } from '../helpers/io.ts';

async function backend(change: (config: LooseConfig) => void, args: readonly string[] = [], env = {}) {
  const config = exampleConfig();
  change(config);
  const { io, out, err } = captureIo({ cwd: writeConfig(config), env });
  const code = await run(['node', 'crc', 'backend', ...args], io);
  return { code, out: out(), err: err() };
}

const unchanged = () => undefined;
const KEY = 'github-oidc/terraform.tfstate';

describe('crc backend', () => {
  it('of the example uses the lock table', async () => {
    expect(await backend(unchanged)).toEqual({
      code: 0,
      err: '',
      out: `terraform {
  backend "s3" {
    bucket              = "abcdef-terraform-state"
    key                 = "github-oidc/terraform.tfstate"
    region              = "eu-west-2"
    encrypt             = true
    allowed_account_ids = ["123456789012"]
    dynamodb_table      = "abcdef-terraform-locking"
  }
}
`,
    });
  });

  it.each([
    ['no table: the lock file', (config: LooseConfig) => delete config.lockTable, ['use_lockfile'], ['dynamodb_table']],
    [
      'both locks',
      (config: LooseConfig) => {
        config.lockTable.lockFile = true;
      },
      ['use_lockfile', 'dynamodb_table'],
      [],
    ],
    ['no account', (config: LooseConfig) => delete config.accountId, [], ['allowed_account_ids']],
    [
      'a KMS key',
      (config: LooseConfig) => {
        config.stateBucket.encryption = { algorithm: 'aws:kms', keyArn: 'arn:aws:kms:eu-west-2:123456789012:key/1' };
      },
      ['kms_key_id          = "arn:aws:kms:eu-west-2:123456789012:key/1"'],
      [],
    ],
  ])('with %s', async (_, change, has, hasNot) => {
    const { out } = await backend(change);
    for (const text of has) expect(out).toContain(text);
    for (const text of hasNot) expect(out).not.toContain(text);
  });

  it('with an endpoint uses it, with path-style URLs', async () => {
    const { out } = await backend(unchanged, [], { AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' });
    expect(out).toContain('use_path_style      = true\n    endpoints = {\n      dynamodb = "http://127.0.0.1:5000"\n');
    expect((await backend(unchanged, ['--endpoint-url', 'http://127.0.0.1:5001'])).out).toContain('127.0.0.1:5001');
    expect((await backend(unchanged)).out).not.toContain('endpoints');
  });

  it('is printed as arguments, one per line without spaces', async () => {
    const { out } = await backend(unchanged, ['--format', 'args', '--endpoint-url', 'http://127.0.0.1:5000']);
    expect(out).toBe(`-backend-config=bucket=abcdef-terraform-state
-backend-config=key=${KEY}
-backend-config=region=eu-west-2
-backend-config=encrypt=true
-backend-config=allowed_account_ids=["123456789012"]
-backend-config=dynamodb_table=abcdef-terraform-locking
-backend-config=use_path_style=true
-backend-config=endpoints={dynamodb="http://127.0.0.1:5000",iam="http://127.0.0.1:5000",s3="http://127.0.0.1:5000",sts="http://127.0.0.1:5000"}
`);
  });

  it('is printed as a .tf.json file, and as a document', async () => {
    const block = {
      bucket: 'abcdef-terraform-state',
      key: KEY,
      region: 'eu-west-2',
      encrypt: true,
      allowed_account_ids: ['123456789012'],
      dynamodb_table: 'abcdef-terraform-locking',
    };
    expect(JSON.parse((await backend(unchanged, ['--format', 'json'])).out)).toEqual({
      terraform: { backend: { s3: block } },
    });
    expect(JSON.parse((await backend(unchanged, ['--json'])).out)).toEqual({
      version: 1,
      command: 'backend',
      key: KEY,
      backend: block,
    });
  });

  it('of several states is chosen by its key', async () => {
    const two = (config: LooseConfig) => {
      config.roles[0].state.push({ key: 'other/terraform.tfstate', access: 'read' });
    };
    expect((await backend(two)).err).toContain(
      `The config has 2 states.\nChoose from ${KEY}, other/terraform.tfstate.`,
    );
    expect((await backend(two, ['other/terraform.tfstate'])).out).toContain('key                 = "other/');
    expect((await backend(two, ['nope'])).err).toContain('The config has no state "nope".');
    const none = (config: LooseConfig) => {
      config.roles[0].state = [];
    };
    expect((await backend(none)).err).toContain('No role in the config has a state.');
  });

  it('rejects an unknown format', async () => {
    expect(await backend(unchanged, ['--format', 'yaml'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('"yaml".\nIt must be one of hcl, args, json.'),
    });
  });

  it('refuses --format together with --json and --check, which have formats of their own', async () => {
    for (const format of ['hcl', 'args', 'json']) {
      expect(await backend(unchanged, ['--json', '--format', format])).toMatchObject({
        code: 1,
        out: expect.stringContaining('"--json and --format cannot be used together."'),
      });
      expect(await backend(unchanged, ['--check', '--format', format])).toMatchObject({
        code: 1,
        err: expect.stringContaining('--format cannot be used with --check.'),
      });
    }
  });

  it('sends no request: no credentials are needed', async () => {
    const { io, out } = captureIo({ env: {} });
    expect(await run(['node', 'crc', 'backend', '--config', EXAMPLE], io)).toBe(0);
    expect(out()).toContain('backend "s3"');
  });
});
