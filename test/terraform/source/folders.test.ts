import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backendsIn, terraformFolders } from '../../../src/terraform/source/folders.ts';
import { folderWith } from '../../helpers/folder.ts';

const foldersOf = async (files: Readonly<Record<string, string>>) => await terraformFolders(folderWith(files));
const BLOCK = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "a.tfstate"\n  }\n}\n';

describe('Terraform folders', () => {
  it('reads literal values, and lists values that only Terraform can resolve', async () => {
    const [folder] = await foldersOf({
      'infra/backend.tf': [
        'terraform {',
        '  required_version = ">= 1.10"',
        '  backend "s3" { # "not a string',
        '    bucket         = "b"',
        '    key            = "a\\"b/\\u00e9\\U0001F600.tfstate"',
        `    region         = var.region`,
        '    use_lockfile   = true',
        '    endpoints      = { s3 = "http://127.0.0.1:5000" }',
        '  }',
        '}',
        'provider "aws" {',
        '  region = "eu-west-2"',
        '  alias = "london"',
        '}',
      ].join('\n'),
    });
    expect(folder).toEqual({
      directory: 'infra',
      backends: [
        {
          type: 's3',
          arguments: {
            bucket: 'b',
            key: 'a"b/é😀.tfstate',
            use_lockfile: true,
            endpoints: { s3: 'http://127.0.0.1:5000' },
          },
          unknown: ['region'],
          file: 'infra/backend.tf',
          line: 3,
        },
      ],
      providers: [{ name: 'aws', region: 'eu-west-2', alias: 'london' }],
      terraformVersion: '>= 1.10',
      localStates: [],
      unread: [],
    });
  });

  it('reads JSON, and the blocks of a list', async () => {
    const [folder] = await foldersOf({
      'main.tf.json': JSON.stringify({
        terraform: [{ backend: { s3: { bucket: 'b', key: '${local.key}' } } }],
        provider: { aws: [{ region: 'eu-west-1' }, { alias: 'us', region: 'us-east-1' }] },
      }),
    });
    expect(folder?.backends).toMatchObject([{ type: 's3', arguments: { bucket: 'b' }, unknown: ['key'], line: 1 }]);
    expect(folder?.providers.map(({ region }) => region)).toEqual(['eu-west-1', 'us-east-1']);
  });

  it.each([
    ['an unclosed object', '{ "terraform": { "backend": { "s3": { "bucket": "b",\n', ['main.tf.json:2']],
    ['a comment', '{\n// why\n"terraform": { "backend": { "s3": { "bucket": "b" } } } }', ['main.tf.json:2']],
    ['no object', '[1, { "terraform": { "backend": { "s3": { "bucket": "b" } } } }]', ['main.tf.json:1']],
    ['a list of objects', '[{ "terraform": { "backend": { "s3": { "bucket": "b" } } } }]', []],
    ['a byte order mark', '\uFEFF{ "terraform": { "backend": { "s3": { "bucket": "b" } } } }', []],
  ])('reads what it can of JSON with %s', async (_, text, unread) => {
    const [folder] = await foldersOf({ 'main.tf.json': text });
    expect(folder).toMatchObject({ backends: [{ arguments: { bucket: 'b' } }], unread });
  });

  it('does not parse code that is too large for the parser', async () => {
    await expect(foldersOf({ 'main.tf': '# comment\n'.repeat(500_000) })).rejects.toMatchObject({
      code: 'ERR_FS_FILE_TOO_LARGE',
    });
  });

  it('leaves out modules, and tool folders', async () => {
    const folders = await foldersOf({
      'main.tf': `${BLOCK}module "a" { source = "./modules/a" }\nprovider "aws" {}\n`,
      'modules/a/main.tf': 'provider "aws" {}\nmodule "b" { source = "../b/" }\n',
      'modules/b/main.tf': 'provider "aws" {}',
      'modules/c/main.tf': 'resource "aws_sns_topic" "a" {}',
      '.terraform/modules/x/main.tf': BLOCK,
      'node_modules/x/main.tf': BLOCK,
      // Of macOS and Emacs; Terraform ignores hidden files.
      'site/._main.tf': '\0',
      'site/.#main.tf': BLOCK,
    });
    expect(folders.map(({ directory }) => directory)).toEqual(['.']);
  });

  it.each([
    ['a provider', { 'a/main.tf': 'provider "aws" {}' }],
    ['a state', { 'a/main.tf': '', 'a/terraform.tfstate': '{}' }],
    ['a lock file', { 'a/main.tofu': '', 'a/.terraform.lock.hcl': '' }],
  ])('treats %s as a folder in which Terraform runs', async (_, files) => {
    expect((await foldersOf(files)).map(({ directory, backends }) => [directory, backends])).toEqual([['a', []]]);
  });

  it('a block in an override file replaces the others, as in Terraform', async () => {
    const block = (key: string) => `terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "${key}"\n  }\n}`;
    const keysOf = async (files: Readonly<Record<string, string>>) =>
      (await foldersOf(files)).flatMap(({ backends }) => backends.map(({ arguments: { key } }) => key));
    const main = { 'overrides.tf': block('main') };
    expect(await keysOf({ ...main, 'my_override.tf': block('mine') })).toEqual(['mine']);
    expect(await keysOf({ ...main, 'a_override.tf': block('first'), 'override.tf': block('last') })).toEqual(['last']);
    expect(await keysOf({ ...main, 'other.tf': block('other') })).toEqual(['other', 'main']);
    // OpenTofu reads one of these two.
    expect(await keysOf({ ...main, 'overrides.tofu': block('tofu') })).toEqual(['tofu']);
  });

  it('one block with several argument files is several backends', async () => {
    const [folder] = await foldersOf({
      'main.tf': 'terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}',
      'dev.tfbackend': 'key = "dev.tfstate"',
      'prod.backend.hcl': 'key = "prod.tfstate"\nbucket = "c"',
      'terraform.tfvars': 'key = "none"',
    });
    expect(
      folder?.backends.map(({ arguments: backendArguments, configFile }) => [backendArguments, configFile]),
    ).toEqual([
      [{ bucket: 'b', key: 'dev.tfstate' }, 'dev.tfbackend'],
      [{ bucket: 'c', key: 'prod.tfstate' }, 'prod.backend.hcl'],
    ]);
  });

  it('reads argument files from subfolders that are not Terraform folders, if it has none itself', async () => {
    const partial = 'terraform {\n  backend "s3" {}\n}';
    const files = {
      'infra/main.tf': partial,
      'infra/env/dev.tfbackend': 'bucket = "b"\nkey = "dev.tfstate"',
      'infra/envs/prod/backend.hcl': 'bucket = "b"\nkey = "prod.tfstate"',
      'infra/nested/main.tf': partial,
      'infra/nested/own.tfbackend': 'bucket = "n"\nkey = "n.tfstate"',
    };
    const keys = (await foldersOf(files)).map(({ directory, backends }) => [
      directory,
      backends.map(({ arguments: { key }, configFile }) => [key, configFile]),
    ]);
    expect(keys).toEqual([
      [
        'infra',
        [
          ['dev.tfstate', 'env/dev.tfbackend'],
          ['prod.tfstate', 'envs/prod/backend.hcl'],
        ],
      ],
      ['infra/nested', [['n.tfstate', 'own.tfbackend']]],
    ]);
    const fromSubfolder = await backendsIn(join(folderWith(files), 'infra'));
    expect(fromSubfolder.map(({ configFile }) => configFile)).toEqual(['env/dev.tfbackend', 'envs/prod/backend.hcl']);
  });

  it('reports the location of a syntax error, and reads the rest', async () => {
    const [folder] = await foldersOf({ 'main.tf': `${BLOCK}resource "x" "y" {\n` });
    expect(folder?.unread).toEqual(['main.tf:8']);
    expect(folder?.backends).toHaveLength(1);
  });

  it.each([
    [{ '.terraform-version': '1.5.7\n' }, '1.5.7'],
    [{ '.terraform-version': 'latest\n' }, undefined],
    [{ '.terraform-version': '1.5.7', 'v.tf': 'terraform {\n  required_version = "~> 1.9"\n}' }, '~> 1.9'],
  ])('%j: Terraform %s', async (files, version) => {
    expect((await foldersOf({ 'main.tf': BLOCK, ...files }))[0]?.terraformVersion).toBe(version);
  });

  it('reads a file through a link, as Terraform does', async () => {
    const root = folderWith({ 'common/backend.txt': BLOCK, 'a/x': '', 'b/x': '' });
    symlinkSync('../common/backend.txt', join(root, 'a', 'backend.tf'));
    for (const [target, name] of [
      ['nowhere', 'gone.tf'],
      ['loop.tf', 'loop.tf'],
      ['../common', 'folder.tf'],
    ] as const) {
      symlinkSync(target, join(root, 'b', name));
    }
    expect(await terraformFolders(root)).toMatchObject([
      { directory: 'a', backends: [{ file: 'a/backend.tf', arguments: { key: 'a.tfstate' } }], unread: [] },
    ]);
  });

  it('follows no link to a folder, and rejects a folder that does not exist', async () => {
    const root = folderWith({ 'a/main.tf': BLOCK });
    symlinkSync('..', join(root, 'a', 'up'));
    expect((await terraformFolders(root)).map(({ directory }) => directory)).toEqual(['a']);
    await expect(terraformFolders(join(root, 'none'))).rejects.toThrow(/could not be read/);
  });

  it('includes a folder whose only file could not be read, because it may contain a backend block', async () => {
    const folders = await foldersOf({ 'infra/main.tf': 'terraform {\n  backend "s3" {\n', 'm/main.tf': 'locals {}' });
    expect(folders).toMatchObject([{ directory: 'infra', backends: [], unread: ['infra/main.tf:1'] }]);
  });
});
