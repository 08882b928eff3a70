import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findLauncher, LAUNCHERS } from '../../src/sandbox/launchers.ts';
import { startMoto } from '../../src/sandbox/moto.ts';

/** A folder with executable scripts. */
function folderWith(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'crc-path-'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe('finding Moto', () => {
  it.each([
    ['moto_server', ['docker', 'pipx', 'uvx', 'moto_server']],
    ['uvx', ['docker', 'pipx', 'uvx']],
    ['pipx', ['docker', 'pipx']],
  ])('prefers %s of %j', async (expected, programs) => {
    const path = folderWith(Object.fromEntries(programs.map((name) => [name, ''])));
    expect((await findLauncher(['', '/nonexistent', path].join(delimiter))).program).toBe(expected);
  });

  it('lists the ways to install it if it is missing', async () => {
    await expect(findLauncher(folderWith({ python: '' }))).rejects.toMatchObject({
      message: expect.stringContaining('Moto 5'),
      alternatives: ['pip install', 'uv', 'pipx', 'Docker'].map((way) => expect.stringContaining(way)),
    });
  });

  it('pins the version of every download, and binds only to loopback', () => {
    const input = { port: 1234, settings: { MOTO_ACCOUNT_ID: '1' } };
    expect(LAUNCHERS.map((launcher) => launcher.command(input).join(' '))).toEqual([
      'moto_server -H 127.0.0.1 -p 1234',
      'uvx --from moto[server]==5.2.1 moto_server -H 127.0.0.1 -p 1234',
      'pipx run --spec moto[server]==5.2.1 moto_server -H 127.0.0.1 -p 1234',
      'docker run --rm -p 127.0.0.1:1234:5000 -e MOTO_ACCOUNT_ID=1 motoserver/moto:5.2.1',
    ]);
  });

  it("shows the server's output if it exits before it answers", async () => {
    const path = `${folderWith({ moto_server: 'echo "No module named moto" >&2; exit 3' })}${delimiter}${process.env.PATH}`;
    await expect(startMoto({ accountId: '123456789012', path })).rejects.toMatchObject({
      message: 'Moto (moto_server) exited before it was ready.',
      details: ['No module named moto'],
    });
  });

  it('can be stopped while the server accepts connections but never answers', async () => {
    const connected = join(mkdtempSync(join(tmpdir(), 'crc-silent-')), 'connected');
    const server = `require("net").createServer(() => require("fs").writeFileSync("${connected}", "")).listen(process.argv[4], "127.0.0.1")`;
    const path = `${folderWith({ moto_server: `exec node -e '${server}' -- "$@"` })}${delimiter}${process.env.PATH}`;
    // Missing in Node 20.0 to 20.2.
    const any = vi.spyOn(AbortSignal, 'any');
    const controller = new AbortController();
    const starting = startMoto({ accountId: '123456789012', path, signal: controller.signal });
    starting.catch(() => undefined);
    await vi.waitUntil(() => existsSync(connected), { timeout: 20_000 });
    controller.abort(new Error('stopped'));
    await expect(starting).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'stopped' } });
    expect(any).not.toHaveBeenCalled();
    any.mockRestore();
  });
});
