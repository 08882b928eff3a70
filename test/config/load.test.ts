import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { exampleConfig, writeConfig } from '../helpers/configs.ts';

const empty = () => mkdtempSync(join(tmpdir(), 'crc-test-'));

describe('loading', () => {
  it('searches parent folders, and uses the nearest config', async () => {
    const folder = writeConfig(exampleConfig());
    const inner = join(folder, 'a', 'b');
    mkdirSync(inner, { recursive: true });
    expect((await loadConfig({ cwd: inner })).file).toBe(join(folder, 'crc.config.json'));
    writeFileSync(join(folder, 'a', 'crc.config.json'), JSON.stringify({ ...exampleConfig(), region: 'us-east-1' }));
    expect((await loadConfig({ cwd: inner })).config.region).toBe('us-east-1');
  });

  it('uses the given file, and resolves paths relative to its folder', async () => {
    const folder = writeConfig(exampleConfig());
    expect((await loadConfig({ cwd: folder, file: 'crc.config.json' })).config.region).toBe('eu-west-2');
    expect((await loadConfig({ cwd: '/', file: join(folder, 'crc.config.json') })).config.region).toBe('eu-west-2');
  });

  it('says how to create a config when there is none', async () => {
    const folder = empty();
    await expect(loadConfig({ cwd: folder })).rejects.toMatchObject({
      message: `There is no crc.config.json in ${folder} or in any folder above it.`,
      hint: expect.stringMatching(/crc init.*--config FILE/),
    });
  });

  it("names the file in problems relative to the user's folder", async () => {
    const folder = writeConfig({});
    const inner = join(folder, 'a');
    mkdirSync(inner);
    const message = expect.stringMatching(/^\.\.\/crc\.config\.json has \d+ problems/);
    await expect(loadConfig({ cwd: inner })).rejects.toMatchObject({ message });
    await expect(loadConfig({ cwd: folder })).rejects.toMatchObject({ message: expect.stringMatching(/^crc\.config/) });
    writeFileSync(join(folder, 'crc.config.json'), JSON.stringify(exampleConfig()));
    expect((await loadConfig({ cwd: inner })).above).toBe('../crc.config.json');
    expect((await loadConfig({ cwd: folder })).above).toBeUndefined();
    expect((await loadConfig({ cwd: inner, file: '../crc.config.json' })).above).toBeUndefined();
  });

  it('stops at a dangling link, and does not use the config of a parent folder instead', async () => {
    const folder = writeConfig(exampleConfig());
    const inner = join(folder, 'a');
    mkdirSync(inner);
    symlinkSync('nothing.json', join(inner, 'crc.config.json'));
    await expect(loadConfig({ cwd: inner })).rejects.toMatchObject({
      message: `The config ${join(inner, 'crc.config.json')} cannot be read: it is a link to a file that does not exist.`,
    });
  });

  it('opens no pipes or devices, which may never end', async () => {
    const folder = empty();
    execFileSync('mkfifo', [join(folder, 'pipe.json')]);
    await expect(loadConfig({ cwd: folder, file: 'pipe.json' })).rejects.toMatchObject({
      message: expect.stringMatching(/pipe\.json is a pipe, not a file/),
    });
    await expect(loadConfig({ cwd: folder, file: '/dev/zero' })).rejects.toMatchObject({
      message: expect.stringMatching(/is a device, not a file/),
    });
  });

  it.each([
    ['does not exist', (folder: string) => join(folder, 'x.json'), /no such file/],
    ['is a folder', (folder: string) => folder, /it is a folder/],
    ['is under a file', (folder: string) => join(folder, 'crc.config.json', 'x'), /not a folder/],
  ])('a file that %s is a clear error', async (_, file, message) => {
    const folder = writeConfig(exampleConfig());
    await expect(loadConfig({ cwd: folder, file: file(folder) })).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
  });

  it('refuses binary files, and files too large for a config', async () => {
    const folder = empty();
    writeFileSync(join(folder, 'binary.json'), Buffer.from([0xc3, 0x28]));
    await expect(loadConfig({ cwd: folder, file: 'binary.json' })).rejects.toMatchObject({
      message: expect.stringContaining('not UTF-8'),
    });
    writeFileSync(join(folder, 'utf16.json'), Buffer.from('\uFEFF{}', 'utf16le'));
    await expect(loadConfig({ cwd: folder, file: 'utf16.json' })).rejects.toMatchObject({
      message: expect.stringMatching(/is not UTF-8 text, but UTF-16\.$/),
      hint: expect.stringMatching(/^Save it as UTF-8/),
    });
    writeFileSync(join(folder, 'large.json'), 'x'.repeat(1024 * 1024 + 1));
    await expect(loadConfig({ cwd: folder, file: 'large.json' })).rejects.toMatchObject({
      message: expect.stringContaining('1048577 bytes'),
    });
  });
});
