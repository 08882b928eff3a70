import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { ROOT } from '../helpers/cli.ts';
import { checkDocument } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const CONFIG = readFileSync(join(ROOT, 'config.example.json'), 'utf8');
const block = (key: string, more = '') =>
  `terraform {\n  backend "s3" {\n    bucket = "abcdef-terraform-state"\n    key = "${key}"\n    region = "eu-west-2"\n    dynamodb_table = "abcdef-terraform-locking"\n${more}  }\n}\n`;
const KEY = 'github-oidc/terraform.tfstate';

async function check(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const cwd = folderWith({ 'crc.config.json': CONFIG, ...files });
  const { io, out, err } = captureIo({ cwd });
  const code = await run(['node', 'crc', 'backend', '--check', ...args], io);
  return { code, out: out(), err: err() };
}

describe('crc backend --check', () => {
  it('exit code 0 without a problem', async () => {
    const { code, out } = await check({ 'infra/main.tf': block(KEY) });
    expect([code, out]).toEqual([
      0,
      `✓ infra: ${KEY} in abcdef-terraform-state  infra/main.tf:2\n\nNo problems in 1 backend.\n`,
    ]);
  });

  it('one key in two folders: exit code 2, text and document', async () => {
    const files = { 'a/main.tf': block(KEY), 'b/main.tf': block(KEY) };
    const { code, out } = await check(files);
    expect(code).toBe(2);
    expect(out).toContain('    It has the same bucket and key as b (b/main.tf:2)');
    expect(out).toContain('2 problems in 2 backends.');
    const json = await check(files, '--json');
    checkDocument(json.out);
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      2,
      {
        status: 'problems',
        backends: [
          { directory: 'a', key: KEY, bucket: 'abcdef-terraform-state', problems: [{ id: 'duplicate-key' }] },
          { directory: 'b', problems: [{ id: 'duplicate-key' }] },
        ],
      },
    ]);
  });

  it('compares the folders that are named, and those of a list', async () => {
    const files = { 'a/main.tf': block(KEY), 'b/main.tf': block(KEY), 'lists/all.txt': '# clones\n../b\n\n' };
    expect((await check(files, 'a')).code).toBe(0);
    expect((await check(files, 'a', 'a')).code).toBe(0);
    expect((await check(files, 'a', '--from', 'lists/all.txt')).code).toBe(2);
    const missing = await check(files, 'a', '--from', 'lists/none.txt');
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringContaining('--from: lists/none.txt could not be read.'),
    ]);
  });

  it('without Terraform: says so', async () => {
    expect(await check({})).toEqual({ code: 0, out: '', err: 'No Terraform folders were found.\n' });
    checkDocument((await check({}, '--json')).out);
  });

  it('nothing of a file can add a line or a colour', async () => {
    const { out } = await check({ 'infra/main.tf': block(String.raw`a\n::error::b\u001b[31m`) });
    expect(out).not.toMatch(/^::error/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about.
    expect(out).not.toMatch(/\u001b/);
  });

  it.each([
    [['a', 'b'], '2 keys were given'],
    [['--from', 'x'], '--from goes with --check'],
  ])('%j without --check is a usage error', async (args, message) => {
    const { io, err } = captureIo({ cwd: folderWith({ 'crc.config.json': CONFIG }) });
    expect(await run(['node', 'crc', 'backend', ...args], io)).toBe(1);
    expect(err()).toContain(message);
  });
});
