import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEMO_STEPS } from '../../src/sandbox/demo.ts';
import { spawnCli } from '../helpers/cli.ts';
import { demoDocumentSchema, errorDocumentSchema } from '../helpers/documents.ts';
import { describeWith } from '../helpers/require.ts';
import { runInTerminal } from '../helpers/terminal.ts';

/** An empty working directory and an empty folder for temporary files, to see what remains in them. */
function folders(): { readonly cwd: string; readonly temporary: string } {
  return { cwd: mkdtempSync(join(tmpdir(), 'crc-empty-')), temporary: mkdtempSync(join(tmpdir(), 'crc-tmp-')) };
}

describeWith('moto', 'crc demo', () => {
  it('shows all steps in an empty folder without prompts, and leaves nothing behind', async () => {
    const { cwd, temporary } = folders();
    // The demo must use neither the user's account nor the job summary.
    const env = { TMPDIR: temporary, AWS_PROFILE: 'real', GITHUB_STEP_SUMMARY: join(cwd, 'summary') };
    const { code, stdout, stderr } = await spawnCli(['demo'], { cwd, env });
    expect([code, stderr]).toEqual([0, '']);
    expect([readdirSync(cwd), readdirSync(temporary)]).toEqual([[], []]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(lines.filter((line) => /^\d\. /.test(line))).toEqual(
      DEMO_STEPS.map(({ title }, index) => `${index + 1}. ${title}`),
    );
    expect(lines.at(-1)).toContain('npx crc-bootstrap init');
  });

  it('as JSON is one document, in which each step shows its result', async () => {
    const { code, stdout, stderr } = await spawnCli(['demo', '--json'], folders());
    const { steps } = demoDocumentSchema.parse(JSON.parse(stdout));
    expect([code, stderr]).toEqual([0, '']);
    expect(steps.map(({ command, exitCode }) => [command, exitCode])).toEqual([
      ['crc bootstrap --yes', 0],
      ['crc verify', 0],
      [null, 0],
      ['crc verify', 2],
      ['crc bootstrap --yes', 0],
      ['crc explain', 0],
    ]);
    const [create, check, change, detect, fix, explain] = steps.map(({ lines }) => lines.join('\n'));
    expect(create).toMatch(/state-bucket[\s\S]*role\/GitHubActionsTerraformRole/);
    expect(check).toContain('No drift');
    expect(change).toMatch(/abcdef-terraform-state[\s\S]*GitHubActionsTerraformRole/);
    expect(detect).toMatch(/publicAccess\.blockPublicPolicy[\s\S]*repo:another-owner\/\*/);
    expect(fix).toContain('2 changed');
    expect(explain).toMatch(/GitHub can assume GitHubActionsTerraformRole[\s\S]*✓ allowed +repo:/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('cleans up after %s', async (signal) => {
    const { cwd, temporary } = folders();
    const { code, stdout, stderr } = await spawnCli(['demo'], {
      cwd,
      env: { TMPDIR: temporary },
      started: (child) =>
        child.stdout?.on('data', (chunk) => {
          if (String(chunk).includes('1. ')) child.kill(signal);
        }),
    });
    expect([code, stderr]).toEqual([signal === 'SIGINT' ? 130 : 143, '\nDemo stopped. Nothing was left behind.\n']);
    expect(stdout).not.toContain('2. ');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('says what to install if Moto is missing, one action per line', async () => {
    const path = mkdtempSync(join(tmpdir(), 'crc-path-'));
    symlinkSync(process.execPath, join(path, 'node'));
    const { code, stderr } = await spawnCli(['demo'], { ...folders(), env: { PATH: path } });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/needs Moto 5[\s\S]*\n {2}pip install 'moto[^\n]*\n {2}Install uv/),
    ]);
    const { stdout } = await spawnCli(['demo', '--json'], { ...folders(), env: { PATH: path } });
    expect(errorDocumentSchema.parse(JSON.parse(stdout)).error.message).toContain('needs Moto 5');
  });
});

describeWith(['moto', 'script'], 'crc demo on a terminal', () => {
  it('has no prompts either, fits 80 columns, and ends with Ctrl-C', async () => {
    const { cwd, temporary } = folders();
    const { code, screen } = await runInTerminal('crc demo', {
      cwd,
      env: { TMPDIR: temporary },
      size: { columns: 80, rows: 24 },
      typed: [[/\n5\. /, '\u0003']],
    });
    expect([code, screen.rows.at(-1)]).toEqual([130, 'Demo stopped. Nothing was left behind.']);
    expect(screen.broken).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
