import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { folderWith } from '../helpers/folder.ts';
import { describeWith } from '../helpers/require.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { runInTerminal } from '../helpers/terminal.ts';

/** A registry in which every package has version 99.0.0. */
let registry: TestServer;
let requests: string[] = [];
beforeAll(async () => {
  registry = await startServer(({ url = '' }, response) => {
    requests.push(url);
    const name = url.slice(1);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: '99.0.0' }, versions: { '99.0.0': { name, version: '99.0.0' } } }),
    );
  });
});
afterAll(async () => {
  await registry.stop();
});
beforeEach(() => {
  requests = [];
});

/** A home folder in which crc was last used long ago. */
function homeFor(): { readonly cwd: string; readonly file: string; readonly env: Record<string, string> } {
  const cwd = folderWith({});
  const file = join(cwd, 'cache/crc-bootstrap/update.json');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify({ checkedAt: 0 }));
  return {
    cwd,
    file,
    env: { HOME: cwd, XDG_CACHE_HOME: join(cwd, 'cache'), npm_config_registry: `${registry.endpoint}/` },
  };
}

const NOTICE = /crc 99\.0\.0 is available \(this is \d+\.\d+\.\d+\): npm install -g crc-bootstrap@latest/;

describeWith('script', 'the notice of a newer version', () => {
  it('queries npm in the background, and shows the result once, in the next run', async () => {
    const { file, ...home } = homeFor();
    const first = await runInTerminal('crc help', home);
    expect([first.code, first.shown]).toEqual([0, expect.not.stringMatching(NOTICE)]);
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toContain('99.0.0'), { timeout: 60_000 });
    expect(requests).toEqual(['/crc-bootstrap']);

    expect((await runInTerminal('crc help', home)).shown).toMatch(NOTICE);
    expect((await runInTerminal('crc help', home)).shown).not.toMatch(NOTICE);
    expect(requests).toEqual(['/crc-bootstrap']);
  });

  it.each([
    ['NO_UPDATE_NOTIFIER', { NO_UPDATE_NOTIFIER: '1' }, 'crc help'],
    ['CI', { CI: 'true' }, 'crc help'],
    ['--json', {}, 'crc help --json'],
    ['stderr in a file', {}, 'crc help 2> stderr.txt'],
    ['completion', {}, 'crc completion bash'],
  ])('with %s there is no request, no record and no notice', async (_, env, line) => {
    const { file, ...home } = homeFor();
    const remembered = JSON.stringify({ checkedAt: 0, newer: '99.0.0', than: '0.1.0' });
    writeFileSync(file, remembered);
    const { code, shown } = await runInTerminal(line, { ...home, env: { ...home.env, ...env } });
    expect([code, shown]).toEqual([0, expect.not.stringMatching(NOTICE)]);
    expect(readFileSync(file, 'utf8')).toBe(remembered);
    expect(requests).toEqual([]);
  });

  it('does not fail without a network', async () => {
    const { file, ...home } = homeFor();
    const env = { ...home.env, npm_config_registry: 'http://127.0.0.1:1/' };
    const { code, shown } = await runInTerminal('crc version', { ...home, env });
    expect([code, shown]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
    const { code: failed, stderr } = await runCli(['check-for-update'], { env });
    expect([failed, stderr]).toEqual([
      1,
      expect.stringContaining('error: The latest version could not be read from npm'),
    ]);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(existsSync(file)).toBe(true);
  });
});
