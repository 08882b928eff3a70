import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore from 'ignore';
import { describe, expect, it } from 'vitest';
import { LEFTOVERS, matcherOf, SECRETS as NEVER, TESTS } from '../../src/package/never.ts';
import { folderWith } from '../helpers/folder.ts';
import { crcErrorOf, packageIn, pythonPackage } from '../helpers/packages.ts';

const PY = { 'app.py': 'def handler(event, context): pass\n' };
// biome-ignore format: a list
const SECRETS = [
  '.env', '.env.local', '.envrc', 'prod.env', '.ENV', 'terraform.tfstate', 'a.tfstate.backup', 'plan.tfplan', 'prod.tfvars', 'prod.auto.tfvars.json', '.terraform/x', '.terraformrc',
  '.git', '.gitignore', '.gitmodules', '.github/x', '.hg/x', '.svn/x', '.git-credentials', '.ssh/config', 'id_rsa', 'id_ed25519.pub', 'server.pem', 'server.key', 'a.p12', 'a.pfx', 'a.jks', 'a.ppk', 'a.kdbx',
  '.netrc', '_netrc', '.pypirc', 'pip.conf', 'pip.ini', '.npmrc', '.yarnrc.yml', '.docker/config.json', '.dockercfg', '.kube/config', 'kubeconfig', '.aws/credentials', '.azure/x', '.gnupg/x', '.pgpass', '.htpasswd', '.vault-token',
  'credentials.json', 'credentials.csv', 'application_default_credentials.json', 'crc.config.json', 'crc.config.prod.json', '.crcignore',
];

const pathsOf = async (pkg: ReturnType<typeof pythonPackage>) => (await pkg.build()).files.map(({ path }) => path);

describe('what is never packaged', () => {
  it.each(SECRETS)('%s, in the folder or below it, whatever .crcignore says', async (path) => {
    const [top = ''] = path.split('/');
    const pkg = pythonPackage({ ...PY, [path]: 'x', [`lib/${path}`]: 'x', 'lib/a.py': '' });
    const { files, leftOut } = await pkg.build();
    expect(files.map((file) => file.path)).toEqual(['app.py', 'lib/a.py']);
    expect(leftOut.map((path) => path.replace(/\/$/, '')).sort()).toEqual([top, `lib/${top}`].sort());
    if (path !== '.crcignore') {
      writeFileSync(join(pkg.folder, '.crcignore'), `!${top}\n!${path}\n`);
      expect(await pathsOf(pkg)).toEqual(['app.py', 'lib/a.py']);
    }
  });

  it('matches names as a .gitignore with these patterns would', () => {
    const patterns = [...NEVER, ...LEFTOVERS, ...TESTS];
    const names = patterns.flatMap((pattern) => {
      const name = pattern.replaceAll('*', 'x').replace(/\/$/, '');
      return [name, pattern.replaceAll('*', '').replace(/\/$/, ''), `x${name}`, `${name}x`, name.replaceAll('.', '-')];
    });
    const paths = names.flatMap((name) => [
      name,
      `${name}/`,
      `${name}/app.py`,
      `lib/${name}`,
      `lib/${name}/`,
      name.toUpperCase(),
    ]);
    for (const list of [NEVER, LEFTOVERS, TESTS, ...patterns.map((pattern) => [pattern])]) {
      const asGit = ignore().add(list);
      expect(paths.filter(matcherOf(list))).toEqual(paths.filter((path) => asGit.ignores(path)));
    }
  });

  it('lists of libraries with the password of an index', async () => {
    const withPassword = [
      'Pipfile',
      'Pipfile.lock',
      'constraints.txt',
      'dev-requirements.txt',
      'poetry.lock',
      'pyproject.toml',
      'requirements-dev.in',
      'requirements/prod.txt',
      'utf16-requirements.txt',
    ];
    const url = 'url = "https://deploy:hunter2@pypi.example.com/simple"\n';
    const { files, leftOut } = await pythonPackage({
      ...PY,
      ...Object.fromEntries(withPassword.map((path) => [path, url])),
      'uv.lock': 'url = "https://pypi.org/simple"\n',
      // Written by PowerShell.
      'utf16-requirements.txt': Buffer.from(`\uFEFF${url}`, 'utf16le'),
      'urls.txt': url,
    }).build();
    expect(files.map(({ path }) => path)).toEqual(['app.py', 'urls.txt', 'uv.lock']);
    expect(leftOut).toEqual(withPassword);
  });

  it('symlinks to them under another name, and symlinks out of the folder', async () => {
    const pkg = pythonPackage({ ...PY, '.env': 'S=1', '.ssh/k': 'x', 'tests/t.py': '' });
    for (const [name, target] of [
      ['settings.txt', '.env'],
      ['k', '.ssh/k'],
      ['t.py', 'tests/t.py'],
    ] as const)
      symlinkSync(target, join(pkg.folder, name));
    const { files, leftOut } = await pkg.build();
    expect(files.map(({ path }) => path)).toEqual(['app.py']);
    expect(leftOut).toEqual(['.env', '.ssh/', 'k', 'settings.txt', 't.py', 'tests/']);
  });

  it('a source that is itself a symlink out of the project', async () => {
    const outside = folderWith(PY);
    const root = folderWith({ 'crc.config.json': '{}' });
    symlinkSync(outside, join(root, 'fn'));
    const { message } = await crcErrorOf(packageIn(root, { runtime: 'python3.13', handler: 'app.handler' }).hash());
    expect(message).toMatch(/is a symbolic link to .*, outside the folder of the config\.$/);
    mkdirSync(join(root, 'real'));
    writeFileSync(join(root, 'real/app.py'), PY['app.py']);
    symlinkSync('real', join(root, 'inside'));
    await packageIn(root, { source: 'inside', runtime: 'python3.13', handler: 'app.handler' }).build();
  });

  it('except certificates, which are public: functions need them to connect to databases', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
    const pkg = pythonPackage({
      ...PY,
      'global-bundle.pem': certificate,
      'certifi/cacert.pem': certificate,
      'both.pem': `${certificate}-----BEGIN PRIVATE KEY-----\n`,
    });
    expect(await pathsOf(pkg)).toEqual(['app.py', 'certifi/cacert.pem', 'global-bundle.pem']);
  });
});
