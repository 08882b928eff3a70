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

async function check(files: Readonly<Record<string, string | Uint8Array>>, ...args: readonly string[]) {
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

  it('compares the given folders, and those in a list', async () => {
    const files = { 'a/main.tf': block(KEY), 'b/main.tf': block(KEY), 'lists/all.txt': '# clones\n../b\n\n' };
    expect((await check(files, 'a')).code).toBe(0);
    expect((await check(files, 'a', 'a')).code).toBe(0);
    expect((await check(files, 'a', '--from', 'lists/all.txt')).code).toBe(2);
    const fromPowerShell = Buffer.from('\uFEFF../b\r\n', 'utf16le');
    expect((await check({ ...files, 'lists/all.txt': fromPowerShell }, 'a', '--from', 'lists/all.txt')).code).toBe(2);
    const missing = await check(files, 'a', '--from', 'lists/none.txt');
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringContaining('--from: lists/none.txt could not be read: no such file or folder.'),
    ]);
  });

  /** The block that the config implies, with changed arguments. An undefined value removes an argument. */
  function blockWith(changes: Readonly<Record<string, string | boolean | undefined>>, settings = ''): string {
    const all = {
      bucket: 'abcdef-terraform-state',
      key: KEY,
      region: 'eu-west-2',
      dynamodb_table: 'abcdef-terraform-locking',
      encrypt: true,
      ...changes,
    };
    const lines = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [`    ${name} = ${JSON.stringify(value)}\n`],
    );
    return `terraform {\n${settings}  backend "s3" {\n${lines.join('')}  }\n}\n`;
  }

  const withoutTable = JSON.stringify({ ...JSON.parse(CONFIG), lockTable: undefined });
  const unlocked = { dynamodb_table: undefined };

  it.each([
    ['duplicate-key', 'of two folders', { 'a/main.tf': blockWith({}), 'b/main.tf': blockWith({}) }],
    [
      'workspace-key',
      'of a workspace with a custom prefix',
      {
        'a/main.tf': blockWith({ workspace_key_prefix: 'stages' }),
        'b/main.tf': blockWith({ key: `stages/dev/${KEY}` }),
      },
    ],
    ['workspace-prefix', 'of another prefix than the roles', { 'a/main.tf': blockWith({ workspace_key_prefix: 'x' }) }],
    ['other-bucket', 'of another bucket', { 'a/main.tf': blockWith({ bucket: 'another-bucket' }) }],
    ['no-lock', 'without a lock', { 'a/main.tf': blockWith(unlocked) }],
    ['no-role', 'with a key that no role may write', { 'a/main.tf': blockWith({ key: 'x.tfstate' }) }],
    [
      'other-region',
      'in a region that is not the one of the bucket',
      { 'a/main.tf': blockWith({ region: 'eu-west-1' }) },
    ],
    [
      'lock-table',
      'with a table that the config does not have',
      { 'a/main.tf': blockWith({}), 'crc.config.json': withoutTable },
    ],
    ['lock-kind', 'without the table of the config', { 'a/main.tf': blockWith({ ...unlocked, use_lockfile: true }) }],
    ['not-encrypted', 'with encryption off', { 'a/main.tf': blockWith({ encrypt: false }) }],
    [
      'terraform-version',
      'of a Terraform version that is too old for the lock file',
      {
        'a/main.tf': blockWith({ ...unlocked, use_lockfile: true }, '  required_version = "~> 1.9.0"\n'),
        'crc.config.json': withoutTable,
      },
    ],
    [
      'terraform-version',
      'of a Terraform version that is too old for object lock',
      { 'a/main.tf': blockWith({}), 'a/.terraform-version': '1.5.7\n' },
    ],
  ] as const)('finds %s, %s: exit code 2, and the document', async (id, _, files) => {
    const { code, out } = await check(files, '--json');
    checkDocument(out);
    const { status, backends } = JSON.parse(out) as {
      status: string;
      backends: { problems: { id: string; message: string; fix: string }[] }[];
    };
    expect([code, status]).toEqual([2, 'problems']);
    const problems = backends.flatMap((backend) => backend.problems);
    expect(problems.map((problem) => problem.id)).toContain(id);
    for (const { message, fix } of problems) expect([message, fix]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('finds one key in the clones of two repositories, with --from', async () => {
    const files = {
      'clones/one/infra/main.tf': blockWith({}),
      'clones/other/main.tf': blockWith({}),
      'clones.txt': 'clones/one\nclones/other\n',
    };
    const { code, out } = await check(files, '--from', 'clones.txt');
    expect([code, out]).toEqual([2, expect.stringContaining('the same bucket and key as clones/other')]);
  });

  it('shows the next step from the lock table to the lock file, on stderr', async () => {
    const config = JSON.parse(CONFIG);
    config.lockTable.lockFile = true;
    const files = { 'crc.config.json': JSON.stringify(config), 'main.tf': block(KEY, '    use_lockfile = true\n') };
    const { code, err } = await check(files);
    expect([code, err]).toEqual([0, expect.stringMatching(/^\nNext: step 2 of 3, the lock file alone: remove/)]);
    expect((await check(files, '--json')).err).toBe('');
  });

  it('without Terraform: reports that there is none', async () => {
    expect(await check({})).toEqual({ code: 0, out: '', err: 'No Terraform folders were found.\n' });
    checkDocument((await check({}, '--json')).out);
  });

  it('nothing in a file can add a line or a colour', async () => {
    const { out } = await check({ 'infra/main.tf': block(String.raw`a\n::error::b\u001b[31m`) });
    expect(out).not.toMatch(/^::error/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: matches escape sequences.
    expect(out).not.toMatch(/\u001b/);
  });

  it.each([
    [['a', 'b'], '2 keys were given'],
    [['--from', 'x'], '--from can only be used with --check'],
  ])('%j without --check is a usage error', async (args, message) => {
    const { io, err } = captureIo({ cwd: folderWith({ 'crc.config.json': CONFIG }) });
    expect(await run(['node', 'crc', 'backend', ...args], io)).toBe(1);
    expect(err()).toContain(message);
  });
});
