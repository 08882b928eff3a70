/**
 * The screens that users see, command by command, each in a separate file next to this test, so that they can be
 * reviewed. A line marks where the visible part begins.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LooseConfig, project } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';
import { type Screen, screenText } from '../helpers/screen.ts';
import { runInTerminal, type Typed } from '../helpers/terminal.ts';

const BUCKET = 'abcdef-terraform-state';
const ROLE = 'GitHubActionsTerraformRole';
const SOURCE = 'functions/increment-visits/index.ts';

const YES: Typed = [[/\[y\/N\]/, 'y\r']];
const NO: Typed = [[/\[y\/N\]/, 'n\r']];
const CTRL_C: Typed = [[/\[y\/N\]/, '\u0003']];

/** Replaces what differs between runs or versions of Moto. */
function normalised(screen: Screen): string {
  return screenText(screen)
    .replace(/Node\.js \d+ here, Lambda has \d+/g, 'Node.js N here, Lambda has N')
    .replace(/nodejs22\.x/g, 'nodejs24.x')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\d+ reads?, \d+ writes?, [\d.]+ m?s/g, 'N reads, N writes, N s')
    .replace(/https:\/\/\w+\.lambda-url\./g, 'https://ID.lambda-url.')
    .replace(/[\w+/]{43}=/g, `${'X'.repeat(43)}=`)
    .replace(/[\d.]+ kB/g, 'N kB')
    .replace(/crc-(test|folder)-\w{6}/g, 'crc-$1-XXXXXX');
}

/**
 * Chooses a runtime that differs from the Node version of the tests, so that the note about it appears on every
 * machine.
 */
function useOtherNode(config: LooseConfig): void {
  if (process.versions.node.startsWith('24.')) config.functions[0].runtime = 'nodejs22.x';
}

/**
 * Lines that the terminal had to wrap, except for commands, URLs and ARNs, which crc keeps on one line so that they can
 * be copied.
 */
function wrappedLines({ broken: lines }: Screen): readonly string[] {
  return lines.filter((line) => !/https?:\/\/|arn:aws|^ *(gh|npx|npm|crc|aws|export|unset) /.test(line));
}

describeWith(['moto', 'script'], 'the screens of', () => {
  describe.each([
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
  ])('a terminal of $columns columns and $rows rows', (size) => {
    const moto = useMotoForAll();
    const cwd = project(useOtherNode);
    const see = async (name: string, line: string, code: number, typed: Typed = [], folder = cwd) => {
      // GitHub is unreachable, so that the screen is the same everywhere.
      const network = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' };
      const env = { ...moto().env, AWS_REGION: 'eu-west-2', ...network };
      const result = await runInTerminal(line, { cwd: folder, env, typed, size });
      expect(result.code, result.shown).toBe(code);
      expect(wrappedLines(result.screen)).toEqual([]);
      await expect(normalised(result.screen)).toMatchFileSnapshot(`screens/${size.columns}x${size.rows}/${name}.txt`);
    };

    it('crc init, with default answers', async () => {
      const folder = folderWith({});
      execFileSync('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: folder });
      execFileSync('git', ['remote', 'add', 'origin', 'https://github.com/me/resume.git'], { cwd: folder });
      await see('01-init', 'crc init', 0, Array(7).fill([/◆/, '\r']), folder);
    });

    it('crc bootstrap, answered with no', async () => {
      await see('02-bootstrap-no', 'crc bootstrap', 1, NO);
    });

    it('crc bootstrap, cancelled with Ctrl-C', async () => {
      await see('03-bootstrap-ctrl-c', 'crc bootstrap', 130, CTRL_C);
    });

    it('crc bootstrap, answered with yes', async () => {
      await see('04-bootstrap-yes', 'crc bootstrap', 0, YES);
    });

    it('crc bootstrap, with nothing to change', async () => {
      await see('05-bootstrap-unchanged', 'crc bootstrap', 0);
    });

    it('crc verify in sync', async () => {
      await see('06-verify-in-sync', 'crc verify', 0);
    });

    it('crc deploy-function, with new code', async () => {
      const file = join(cwd, SOURCE);
      writeFileSync(file, `${readFileSync(file, 'utf8')}\nexport const changed = true;\n`);
      await see('07-deploy-function', 'crc deploy-function', 0);
    });

    it('crc verify after a change outside crc', async () => {
      const { iam, s3 } = moto().clients;
      const open = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: false };
      await s3.send(new PutPublicAccessBlockCommand({ Bucket: BUCKET, PublicAccessBlockConfiguration: open }));
      const Principal = { AWS: 'arn:aws:iam::123456789012:root' };
      const statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument }));
      await see('08-verify-drift', 'crc verify', 2);
    });

    it('crc bootstrap, which fixes it', async () => {
      await see('09-bootstrap-fix', 'crc bootstrap', 0, YES);
    });

    it("crc destroy, with a different name from the bucket's", async () => {
      await see('10-destroy-wrong', 'crc destroy', 1, [[/Type .*:?/, 'wrong\r']]);
    });

    it('crc destroy, cancelled with Return', async () => {
      await see('11-destroy-no', 'crc destroy', 1, [[/Type .*:?/, '\r']]);
    });

    it('crc destroy, with the bucket’s name', async () => {
      await see('12-destroy-yes', 'crc destroy', 0, [[/Type .*:?/, `${BUCKET}\r`]]);
    });

    it('crc verify with no resources left', async () => {
      await see('13-verify-absent', 'crc verify', 2);
    });

    it('crc sandbox, stopped with Ctrl-C', async () => {
      await see('14-sandbox', 'crc sandbox --shell bash', 0, [[/Press Ctrl-C/, '\u0003']]);
    });

    it('crc verify, in a folder without a config', async () => {
      // The path appears on the screen, so its length must not depend on the location of temporary files.
      const folder = mkdtempSync('/tmp/crc-folder-');
      onTestFinished(() => rmSync(folder, { recursive: true }));
      await see('15-no-config', 'crc verify', 1, [], folder);
    });
  });
});
