import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SCRIPT, spawnCli } from '../helpers/cli.ts';
import { exampleConfig, writeConfig } from '../helpers/configs.ts';
import { errorDocumentSchema, sandboxDocumentSchema } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { describeWith } from '../helpers/require.ts';

const PRINT = 'printf "%s %s" "$AWS_ENDPOINT_URL" "$(command -v crc)"';

async function isGone(endpoint: string): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`${endpoint}/moto-api/config`).catch(() => undefined);
    if (answer === undefined) return true;
    await sleep(50);
  }
  return false;
}

describeWith('moto', 'crc sandbox', () => {
  it('runs the command with crc on the PATH, and leaves nothing behind', async () => {
    const { code, stdout } = await spawnCli([
      'sandbox',
      '--',
      'sh',
      '-c',
      `${PRINT}; crc --version >/dev/null && exit 7`,
    ]);
    const [endpoint = '', crc = ''] = stdout.split(' ');
    expect(code).toBe(7);
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(crc).toMatch(/crc-sandbox-\w+\/crc$/);
    expect(existsSync(crc)).toBe(false);
    expect(await isGone(endpoint)).toBe(true);
  });

  it('has the account and the region of the config, and AWS’s managed policies', async () => {
    const folder = writeConfig({ ...exampleConfig(), accountId: '210987654321', region: 'us-west-2' });
    const script = `
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const { IAMClient, GetPolicyCommand } = await import('@aws-sdk/client-iam');
      const { Account } = await new STSClient().send(new GetCallerIdentityCommand());
      const { Policy } = await new IAMClient().send(new GetPolicyCommand({ PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
      process.stdout.write([Account, process.env.AWS_REGION, Policy.PolicyName].join());`;
    const args = [
      'sandbox',
      '--config',
      `${folder}/crc.config.json`,
      '--',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ];
    const { code, stdout, stderr } = await spawnCli(args);
    expect([code, stdout], stderr).toEqual([0, '210987654321,us-west-2,ReadOnlyAccess']);
  });

  it('works with any AWS settings of the user', async () => {
    const env = { AWS_PROFILE: 'missing', AWS_SESSION_TOKEN: 'real', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' };
    const { code, stdout, stderr } = await spawnCli(['sandbox', '--', 'crc', 'bootstrap', '--only', 'state-bucket'], {
      env,
      cwd: writeConfig(exampleConfig()),
    });
    expect(code, `${stdout}${stderr}`).toBe(0);
  });

  it('leaves the flags after the name of the command to the command, also without --, which Yarn 1 removes', async () => {
    const { code } = await spawnCli(['--region', 'eu-west-2', 'sandbox', '--terraform', 'sh', '-c', 'exit 7']);
    expect(code).toBe(7);
  });

  it('returns the exit code of a signal, and reports an unknown command', async () => {
    expect((await spawnCli(['sandbox', '--', 'sh', '-c', 'kill -9 $$'])).code).toBe(137);
    const { code, stderr } = await spawnCli(['sandbox', '--', 'no-such-command']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/"no-such-command" cannot be run: not found/)]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('forwards %s to the command, and stops Moto', async (signal, exitCode) => {
    let endpoint = '';
    const { code } = await spawnCli(['sandbox', '--', 'sh', '-c', `${PRINT}; exec sleep 60`], {
      started: (child) => {
        child.stdout?.once('data', (chunk) => {
          endpoint = String(chunk).split(' ')[0] ?? '';
          child.kill(signal);
        });
      },
    });
    expect(code).toBe(exitCode);
    expect(await isGone(endpoint)).toBe(true);
  });

  it.each([
    ['SIGINT', 0],
    ['SIGTERM', 143],
  ] as const)('without a command prints what to export, and stays until %s', async (signal, exitCode) => {
    const { code, stdout } = await spawnCli(['sandbox'], {
      started: (child) => child.stdout?.once('data', () => child.kill(signal)),
    });
    const endpoint = /^export AWS_ENDPOINT_URL='(.+)'$/m.exec(stdout)?.[1] ?? '';
    expect([code, endpoint]).toEqual([exitCode, expect.stringMatching(/^http:\/\/127/)]);
    expect(await isGone(endpoint)).toBe(true);
  });

  it('with --json prints one document instead of shell lines', async () => {
    const { stdout } = await spawnCli(['sandbox', '--json'], {
      started: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
    });
    const { endpoint, set, unset } = sandboxDocumentSchema.parse(JSON.parse(stdout));
    expect([set.AWS_ENDPOINT_URL, unset.includes('AWS_PROFILE')]).toEqual([endpoint, true]);
    expect(await isGone(endpoint)).toBe(true);
  });

  it('reports progress before Moto is up, and stops immediately when it takes too long', async () => {
    // A Moto that never responds.
    const path = folderWith({ moto_server: '#!/bin/sh\nexec sleep 600\n' });
    chmodSync(join(path, 'moto_server'), 0o755);
    const stopped = async (...args: readonly string[]) =>
      await spawnCli(['sandbox', ...args], {
        env: { PATH: `${path}${delimiter}${process.env.PATH}` },
        started: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
      });
    const { code, stdout, stderr } = await stopped();
    expect([code, stdout, stderr]).toEqual([
      130,
      '',
      'Starting a sandbox: a local AWS emulator (Moto). Nothing in it reaches AWS.\nSandbox stopped.\n',
    ]);
    const json = await stopped('--json');
    expect([json.code, errorDocumentSchema.parse(JSON.parse(json.stdout))]).toMatchObject([
      130,
      { command: 'sandbox', error: { message: 'Sandbox stopped.' } },
    ]);
  });

  it.each([
    ['a shell to work in', ['sandbox', '--', 'sh'], true],
    ['one that was started for Terraform', ['sandbox', '--terraform', '--', 'sh'], false],
    ['a command line', ['sandbox', '--', 'sh', '-c', 'true'], false],
  ])('explains that Terraform needs --terraform if that helps: %s', async (_, args, isExplained) => {
    const { code, stderr } = await spawnCli(args);
    expect([code, /Terraform gets 403 here: .*`.*sandbox --terraform`/.test(stderr)]).toEqual([0, isExplained]);
  });

  it('keeps stdout for the command, and reports on stderr when everything is deleted', async () => {
    const { stdout, stderr } = await spawnCli(['sandbox', '--', 'echo', 'mine']);
    expect([stdout, stderr]).toEqual([
      'mine\n',
      'Starting a sandbox: a local AWS emulator (Moto). Nothing in it reaches AWS.\nSandbox stopped. Everything in it was deleted.\n',
    ]);
  });

  it('gives the command its standard input', async () => {
    const { code, stdout } = await spawnCli(['sandbox', '--', 'sh', '-c', 'printf in | crc sandbox -- cat']);
    expect([code, stdout]).toEqual([0, 'in']);
  });

  it('prints the environment for the requested shell', async () => {
    const sandbox = async (...args: readonly string[]) =>
      await spawnCli(['sandbox', ...args], {
        started: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
      });
    expect((await sandbox('--shell', 'fish')).stdout).toMatch(/^set --global --export AWS_ENDPOINT_URL '/m);
    expect((await sandbox('--shell', 'powershell')).stdout).toMatch(/^\$Env:AWS_ENDPOINT_URL = '/m);
  });

  it('rejects an unknown shell, and a shell together with a command', async () => {
    const unknown = await spawnCli(['sandbox', '--shell', 'nushell']);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringMatching(/unknown shell "nushell"[\s\S]*bash, zsh, sh, fish/),
    ]);
    const result = await spawnCli(['sandbox', '--shell', 'fish', '--', 'crc', 'verify']);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('cannot be used with a command')]);
  });

  it('stops Moto even when crc is killed', async () => {
    const child = spawn(process.execPath, [SCRIPT, 'sandbox'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [chunk] = await once(child.stdout, 'data');
    const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0] ?? '';
    expect((await fetch(`${endpoint}/moto-api/config`)).ok).toBe(true);
    child.kill('SIGKILL');
    expect(await isGone(endpoint)).toBe(true);
  });
});
