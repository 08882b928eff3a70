import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, it, vi } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { REGION } from '../helpers/context.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';
import { type TerraformResult, terraform } from '../helpers/terraform.ts';

const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';

/** The backend blocks of the migration from the table to the lock file, as printed by `crc backend`. */
const KINDS = ['table', 'both', 'file'] as const;
type Kind = (typeof KINDS)[number];

/** An apply that signals when it holds the lock, and keeps the lock until a file appears. */
const MAIN = `
variable "held" { default = "" }
variable "release" { default = "" }
variable "round" { default = "" }
resource "terraform_data" "hold" {
  triggers_replace = var.round
  provisioner "local-exec" {
    command = "touch '\${var.held}'; while [ ! -e '\${var.release}' ]; do sleep 0.05; done"
  }
}
`;

describeWith(
  ['moto', 'terraform'],
  'two real Terraforms on one state, on the way from the lock table to the lock file',
  () => {
    const moto = useMotoForAll();
    const folders = new Map<Kind, string>();
    const env = () => ({ ...moto().env, AWS_REGION: REGION });
    const tf = async (kind: Kind, ...args: readonly string[]): Promise<TerraformResult> =>
      await terraform([...args, '-input=false', '-no-color'], folders.get(kind) ?? '', env());

    beforeAll(async () => {
      const { s3, dynamodb } = moto().clients;
      await Promise.all([
        s3.send(
          new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: 'eu-west-2' } }),
        ),
        dynamodb.send(
          new CreateTableCommand({
            TableName: TABLE,
            AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
            BillingMode: 'PAY_PER_REQUEST',
          }),
        ),
      ]);
      for (const kind of KINDS) {
        const config = backendConfig();
        config.lockTable.lockFile = kind === 'both';
        if (kind === 'file') delete config.lockTable;
        const { stdout } = await runCli(['backend'], { cwd: writeConfig(config), env: env() });
        const folder = mkdtempSync(join(tmpdir(), 'crc-tf-'));
        writeFileSync(join(folder, 'backend.tf'), stdout);
        writeFileSync(join(folder, 'main.tf'), MAIN);
        folders.set(kind, folder);
      }
      const inits = await Promise.all(KINDS.map((kind) => tf(kind, 'init')));
      expect(inits.map(({ code, output }) => (code === 0 ? '' : output))).toEqual(['', '', '']);
    }, 240_000);

    /** Runs the other backend blocks during an apply: the lock keeps them out, or they are not affected. */
    async function whileApplying(holder: Kind): Promise<Readonly<Record<string, 'out' | 'in'>>> {
      const folder = mkdtempSync(join(tmpdir(), 'crc-lock-'));
      const [heldFile, release] = [join(folder, 'held'), join(folder, 'release')];
      const vars = Object.entries({ held: heldFile, release, round: holder }).map(
        ([name, value]) => `-var=${name}=${value}`,
      );
      const applying = tf(holder, 'apply', '-auto-approve', ...vars);
      const ended = applying.then(({ output }) => output);
      try {
        // If the apply fails, it never takes the lock, and its output explains why.
        await Promise.race([
          vi.waitFor(() => expect(existsSync(heldFile)).toBe(true), { timeout: 120_000 }),
          ended.then((output) => Promise.reject(new Error(output))),
        ]);
        const otherKinds = KINDS.filter((kind) => kind !== holder);
        const verdicts: Record<string, 'out' | 'in'> = {};
        // Sequentially, because a block with both locks briefly takes the lock file before it fails on the table.
        for (const kind of otherKinds) verdicts[kind] = verdictOn(await tf(kind, 'plan'));
        return verdicts;
      } finally {
        writeFileSync(release, '');
        expect((await applying).code, (await applying).output).toBe(0);
      }
    }

    it('no two clients hold the lock at once in a step that the page allows, and they do if a step is skipped', async () => {
      // Step 1: table only and both. Step 2: both and lock file only. Switching directly from table to file is not a
      // valid step.
      expect(await whileApplying('table')).toEqual({ both: 'out', file: 'in' });
      expect(await whileApplying('both')).toEqual({ table: 'out', file: 'out' });
      expect(await whileApplying('file')).toEqual({ table: 'in', both: 'out' });
    }, 300_000);

    it('a client that still uses the table refuses to read what was written with only the lock file', async () => {
      const { code, output } = await tf('both', 'plan');
      expect([code, output]).toEqual([1, expect.stringMatching(/does not have the expected content|digest/i)]);
      expect((await tf('file', 'plan')).code).toBe(0);
    }, 120_000);
  },
);

function verdictOn({ code, output }: TerraformResult): 'out' | 'in' {
  if (code === 0) return 'in';
  expect(output).toContain('Error acquiring the state lock');
  return 'out';
}
