import { ListRolesCommand } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { errorDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';
import { runInTerminal } from '../helpers/terminal.ts';

const cwd = writeConfig(backendConfig());

describeWith(['moto', 'script'], 'consent in a real terminal', () => {
  const moto = useMoto();
  const isEmpty = async () => (await moto().clients.iam.send(new ListRolesCommand({}))).Roles?.length === 0;
  const terminal = async (line: string, typed: readonly (readonly [RegExp, string])[] = [], env = {}) =>
    await runInTerminal(line, { cwd, env: { ...moto().env, ...env }, typed });

  it('prompts, even at an endpoint on this machine, and writes nothing after a no: exit 1, and no error', async () => {
    const { code, shown } = await terminal('crc bootstrap', [[/\[y\/N\]/, 'n\r']]);
    expect([code, await isEmpty()]).toEqual([1, true]);
    expect(shown).toMatch(
      /4 to create\.[\s\S]*Apply these changes in account 123456789012\? \[y\/N\][\s\S]*Cancelled\. No changes were made\.\n$/,
    );
    expect(shown).not.toContain('error:');
  });

  it('repeats the prompt after anything but yes or no, and writes after a yes', async () => {
    const { code, shown } = await terminal('crc bootstrap', [
      [/\[y\/N\]/, 'maybe\r'],
      [/Please answer yes or no\. .*\[y\/N\]/, 'y\r'],
    ]);
    expect([code, await isEmpty()]).toEqual([0, false]);
    expect(shown).toContain('Done. 4 created, 0 changed.');
  });

  it.each([
    ['a line feed', 'maybe\n', 'y\n'],
    ['both', 'maybe\r\n', 'y\r\n'],
  ])('takes a line that ends in %s', async (_, unclear, yes) => {
    const { code, shown } = await terminal('crc bootstrap', [
      [/\[y\/N\]/, unclear],
      [/Please answer yes or no\. .*\[y\/N\]/, yes],
    ]);
    expect([code, await isEmpty()]).toEqual([0, false]);
    expect(shown.match(/Please answer/g)).toHaveLength(2);
  });

  it('shows the plan with the prompt if stdout is a file', async () => {
    const { code, shown } = await terminal('crc bootstrap > /dev/null', [[/\[y\/N\]/, 'n\r']]);
    expect([code, await isEmpty()]).toEqual([1, true]);
    expect(shown).toMatch(/4 to create\.[\s\S]*\[y\/N\]/);
  });

  it.each([
    ['Ctrl-D', '\u0004', 1],
    ['Ctrl-C', '\u0003', 130],
  ])('%s does not count as a yes', async (_, key, expected) => {
    const { code, shown } = await terminal('crc bootstrap', [[/\[y\/N\]/, key]]);
    expect([code, await isEmpty()]).toEqual([expected, true]);
    expect(shown.match(/Cancelled\. No changes were made\./g)).toHaveLength(1);
    // No requests are in progress during a prompt.
    expect(shown).not.toContain('Stopping');
  });

  it('cannot be given through a pipe: nothing is written to an endpoint that is not obviously this machine', async () => {
    const otherEndpoint = { AWS_ENDPOINT_URL: moto().endpoint.replace('127.0.0.1', '127.1') };
    const { shown } = await terminal('crc bootstrap 2>&1 | tail -2', [], otherEndpoint);
    expect(shown).toContain('Pass --yes to apply these changes without a prompt.');
    expect(await isEmpty()).toBe(true);
  });

  it('is not needed through a pipe at an endpoint on this machine', async () => {
    const { shown } = await terminal('crc bootstrap 2>&1 | tail -8');
    expect(shown).toContain('Done. 4 created, 0 changed.');
    expect(await isEmpty()).toBe(false);
  });

  it('--json in a terminal does not ask, and needs --yes', async () => {
    const { code, shown } = await terminal('crc bootstrap --json');
    expect([code, await isEmpty()]).toEqual([1, true]);
    expect(shown).toContain('Pass --yes');
    expect((await terminal('crc bootstrap --json --yes')).code).toBe(0);
  });

  it('init prompts before it writes, except with --yes', async () => {
    const flags = '--repository o/r --region eu-west-2 --account 123456789012 --bucket o-r-states --function none';
    const folder = writeConfig('').replace(/$/, '/new');
    const line = `mkdir -p ${folder} && cd ${folder} && crc init ${flags}`;
    const declined = await terminal(line, [[/Write these \d+ files/, 'n\r']]);
    expect([declined.code, declined.shown]).toEqual([1, expect.stringContaining('Cancelled. No changes were made.')]);
    const cancelled = await terminal(line, [[/Write these \d+ files/, '\u0003']]);
    expect(cancelled.code).toBe(130);
    expect((await terminal(`${line} --yes && ls`)).shown).toContain('crc.config.json');
  });
});

describeWith('moto', 'consent without a terminal', () => {
  const moto = useMoto();
  const crc = async (...args: string[]) =>
    await runCli(args, {
      cwd,
      env: { ...moto().env, AWS_ENDPOINT_URL: moto().endpoint.replace('127.0.0.1', '127.1') },
    });

  it('requires --yes, and nothing is written without it', async () => {
    const refused = await crc('bootstrap', '--json');
    expect(refused.code).toBe(1);
    expect(errorDocumentSchema.parse(JSON.parse(refused.stdout)).error.hint).toContain('--yes');
    expect((await moto().clients.iam.send(new ListRolesCommand({}))).Roles).toEqual([]);
    const { code, stdout } = await crc('bootstrap', '--json', '--yes');
    expect([code, planDocumentSchema.parse(JSON.parse(stdout)).status]).toEqual([0, 'converged']);
    // No prompt without changes.
    expect((await crc('bootstrap')).code).toBe(0);
  });
});
