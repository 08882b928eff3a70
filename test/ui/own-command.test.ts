import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { asTyped, ownCommand } from '../../src/ui/own-command.ts';
import { folderWith } from '../helpers/folder.ts';

let home: string;

beforeEach(() => {
  home = realpathSync(folderWith({}));
});

/** Installs a package with these bins into node_modules, like npm. Returns the path of a bin. */
function install(folder: string, bins: readonly string[], name = 'crc-bootstrap'): string {
  const script = join(folder, 'node_modules', name, 'bin', 'crc.js');
  write(script, '');
  write(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name }));
  for (const bin of bins) link(script, join(folder, 'node_modules/.bin', bin));
  return join(folder, 'node_modules/.bin', bins[0] ?? '');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

const COMMAND_NAMES = ['crc', 'crc-bootstrap'];

function program(script: string, cwd: string, env: Record<string, string> = {}): string {
  return ownCommand({ argv: ['node', script, 'verify'], cwd, env }).program;
}

describe('the program in a suggested command', () => {
  it('is npx crc if the project has it installed, also in its folders', () => {
    const script = install(join(home, 'site'), COMMAND_NAMES);
    mkdirSync(join(home, 'site/terraform'));
    expect(program(script, join(home, 'site'))).toBe('npx crc');
    expect(program(script, join(home, 'site/terraform'))).toBe('npx crc');
    expect(program(realpathSync(script), join(home, 'site'))).toBe('npx crc');
  });

  it('is npx crc if the project has a link to it', () => {
    write(join(home, 'crc/bin/crc.js'), '');
    write(join(home, 'crc/package.json'), '{"name":"crc-bootstrap"}');
    link(join(home, 'crc/bin/crc.js'), join(home, 'site/node_modules/.bin/crc'));
    expect(program(join(home, 'site/node_modules/.bin/crc'), join(home, 'site'))).toBe('npx crc');
  });

  it('is crc if the bin of the project is no program: a folder, or a pipe, which is not waited for', () => {
    mkdirSync(join(home, 'site/node_modules/.bin/crc'), { recursive: true });
    execFileSync('mkfifo', [join(home, 'site/node_modules/.bin/crc-bootstrap')]);
    expect(program('/opt/crc/bin/crc.js', join(home, 'site'))).toBe('crc');
  });

  it.each([
    ['pnpm/9.1.0 npm/? node/v20.1.0', 'pnpm exec crc'],
    ['yarn/1.22.0 npm/? node/v20.1.0', 'yarn crc'],
    ['bun/1.1.0 npm/? node/v20.1.0', 'bunx crc'],
    ['npm/10.0.0 node/v20.1.0', 'npx crc'],
  ])('is that of the package manager %s', (agent, expected) => {
    const script = install(join(home, 'site'), COMMAND_NAMES);
    expect(program(script, join(home, 'site'), { npm_config_user_agent: agent })).toBe(expected);
  });

  it.each([
    ['pnpm-lock.yaml', 'pnpm exec crc'],
    ['yarn.lock', 'yarn crc'],
    ['bun.lock', 'bunx crc'],
    ['package-lock.json', 'npx crc'],
  ])('is that of the project with a %s if no package manager started it', (lock, expected) => {
    const script = install(join(home, 'site'), COMMAND_NAMES);
    write(join(home, 'site', lock), '');
    mkdirSync(join(home, 'site/infra'));
    expect(program(script, join(home, 'site/infra'))).toBe(expected);
  });

  it('finds the scripts of pnpm and Windows instead of links', () => {
    write(join(home, 'node_modules/.bin/crc'), '#!/bin/sh\nexec node "$basedir/../crc-bootstrap/bin/crc.js" "$@"\n');
    expect(program(join(home, 'node_modules/crc-bootstrap/bin/crc.js'), home)).toBe('npx crc');
  });

  it.each([
    ['.npm/_npx/0a1b2c', 'npx crc-bootstrap'],
    ['.cache/pnpm/dlx/0a1b2c', 'pnpm dlx crc-bootstrap'],
    ['AppData/Local/pnpm-cache/dlx/0a1b2c', 'pnpm dlx crc-bootstrap'],
    ['.local/share/pnpm/store/v11/links/@/crc-bootstrap/1.0.0/0a1b2c', 'pnpm dlx crc-bootstrap'],
    ['tmp/xfs-0a1b/dlx-1234', 'yarn dlx crc-bootstrap'],
    ['tmp/bunx-1000-crc-bootstrap@latest', 'bunx crc-bootstrap'],
    ['.bun/install/cache/.bunx-0/crc-bootstrap@latest', 'bunx crc-bootstrap'],
    ['.local/share/yarn/berry/cache/crc-bootstrap-npm-1.0.0-0a1b2c.zip', 'yarn crc'],
    ['AppData/Local/Yarn/Berry/cache/crc-bootstrap-npm-1.0.0-0a1b2c.zip', 'yarn crc'],
  ])('in the cache %s is %s, because the package crc on npm is a different one', (cache, expected) => {
    const script = install(join(home, cache), COMMAND_NAMES);
    mkdirSync(join(home, 'site'));
    expect(program(script, join(home, 'site'))).toBe(expected);
  });

  it('is npx crc again once the project has it installed', () => {
    const script = install(join(home, '.npm/_npx/0a1b2c'), COMMAND_NAMES);
    install(join(home, 'site'), COMMAND_NAMES);
    expect(program(script, join(home, 'site'))).toBe('npx crc');
  });

  it("never names another package's crc", () => {
    const script = install(join(home, '.npm/_npx/0a1b2c'), COMMAND_NAMES);
    install(join(home, 'site'), ['crc'], 'crc');
    expect(program(script, join(home, 'site'))).toBe('npx crc-bootstrap');
    install(join(home, 'site'), ['crc-bootstrap']);
    expect(program(script, join(home, 'site'))).toBe('npx crc-bootstrap');
    install(home, ['crc']);
    expect(program(script, join(home, 'site'))).toBe('npx crc-bootstrap');
  });

  it('is its own name if it is installed on the PATH, even if the project has crc installed', () => {
    const lib = install(join(home, 'lib'), COMMAND_NAMES);
    install(join(home, 'site'), COMMAND_NAMES);
    for (const name of COMMAND_NAMES) {
      link(realpathSync(lib), join(home, 'bin', name));
      expect(program(join(home, 'bin', name), join(home, 'site'))).toBe(name);
    }
  });

  it('is crc if it is unknown how it was started', () => {
    expect(program('/srv/crc/bin/crc.js', home)).toBe('crc');
    expect(ownCommand({ argv: [], cwd: home, env: {} }).program).toBe('crc');
  });
});

describe('the command that gets the newest version', () => {
  const update = (script: string, cwd: string, env: Record<string, string> = {}): string =>
    ownCommand({ argv: ['node', script, 'verify'], cwd, env }).update;

  it.each([
    ['package-lock.json', 'npm install -D'],
    ['pnpm-lock.yaml', 'pnpm add -D'],
    ['yarn.lock', 'yarn add -D'],
    ['bun.lock', 'bun add -d'],
  ])('installs it in a project with a %s, whatever started it', (lock, command) => {
    const site = join(home, 'site');
    write(join(site, lock), '');
    const npm = { npm_config_user_agent: 'npm/10.0.0 node/v20.1.0' };
    expect(update(install(site, COMMAND_NAMES), site, npm)).toBe(`${command} crc-bootstrap@latest`);
  });

  it('installs it in a project whose crc is another package', () => {
    const script = install(join(home, 'site'), ['crc-bootstrap']);
    expect(update(script, join(home, 'site'))).toBe('npm install -D crc-bootstrap@latest');
  });

  it.each([
    ['.npm/_npx/0a1b2c', 'npx crc-bootstrap@latest'],
    ['.cache/pnpm/dlx/0a1b2c', 'pnpm dlx crc-bootstrap@latest'],
    ['.local/share/pnpm/store/v11/links/@/crc-bootstrap/1.0.0/0a1b2c', 'pnpm dlx crc-bootstrap@latest'],
    ['tmp/xfs-0a1b/dlx-1234', 'yarn dlx crc-bootstrap@latest'],
    ['tmp/bunx-1000-crc-bootstrap@latest', 'bunx crc-bootstrap@latest'],
    ['.bun/install/cache/.bunx-0/crc-bootstrap@latest', 'bunx crc-bootstrap@latest'],
    ['site/.yarn/unplugged/crc-bootstrap-npm-1.0.0-0a1b2c', 'yarn add -D crc-bootstrap@latest'],
    ['lib', 'npm install -g crc-bootstrap@latest'],
    ['.local/share/pnpm/global/5/.pnpm/crc-bootstrap@1.0.0', 'pnpm add -g crc-bootstrap@latest'],
    ['.local/share/pnpm/global/v11/0a1b2c', 'pnpm add -g crc-bootstrap@latest'],
    ['.config/yarn/global', 'yarn global add crc-bootstrap@latest'],
    ['AppData/Local/Yarn/Data/global', 'yarn global add crc-bootstrap@latest'],
    ['.bun/install/global', 'bun add -g crc-bootstrap@latest'],
  ])('of what is in %s is %s', (folder, command) => {
    const script = realpathSync(install(join(home, folder), COMMAND_NAMES));
    mkdirSync(join(home, 'empty'));
    expect(update(script, join(home, 'empty'))).toBe(command);
  });

  it('is that of the global one of pnpm 11, whose files are in its store', () => {
    const stored = install(join(home, 'pnpm/store/v11/links/@/crc-bootstrap/1.0.0/0a1b2c'), COMMAND_NAMES);
    const script = join(home, 'pnpm/global/v11/0a1b2c/node_modules/crc-bootstrap/bin/crc.js');
    link(realpathSync(stored), script);
    install(join(home, 'site'), COMMAND_NAMES);
    expect(update(script, join(home, 'site'))).toBe('pnpm add -g crc-bootstrap@latest');
    expect(program(script, join(home, 'site'))).toBe('crc');
  });

  it('installs it in a project whose packages are in the store of pnpm', () => {
    const site = join(home, 'site');
    const stored = install(join(home, 'pnpm/store/v11/links/@/crc-bootstrap/1.0.0/0a1b2c'), COMMAND_NAMES);
    link(dirname(dirname(realpathSync(stored))), join(site, 'node_modules/crc-bootstrap'));
    write(join(site, 'node_modules/.bin/crc'), 'exec node "$basedir/../crc-bootstrap/bin/crc.js" "$@"\n');
    write(join(site, 'pnpm-lock.yaml'), '');
    expect(update(realpathSync(stored), site)).toBe('pnpm add -D crc-bootstrap@latest');
    expect(program(realpathSync(stored), site)).toBe('pnpm exec crc');
  });

  it('is that of the global one, even if the project has crc installed', () => {
    link(realpathSync(install(join(home, '.bun/install/global'), COMMAND_NAMES)), join(home, '.bun/bin/crc'));
    install(join(home, 'site'), COMMAND_NAMES);
    expect(update(join(home, '.bun/bin/crc'), join(home, 'site'))).toBe('bun add -g crc-bootstrap@latest');
  });
});

describe('the flags of a suggested command', () => {
  const flags = (...args: readonly string[]) =>
    ownCommand({ argv: ['node', 'crc', ...args], cwd: home, env: {} }).flags;

  it('are those that select the config and the account', () => {
    expect(flags('verify', '--config', 'a b.json', '--only', 'x', '--profile=prod', '--json')).toEqual([
      "--config 'a b.json'",
      '--profile prod',
    ]);
    expect(flags('--region', 'eu-west-2', 'verify', '--endpoint-url', 'http://127.0.0.1:5000')).toEqual([
      '--region eu-west-2',
      '--endpoint-url http://127.0.0.1:5000',
    ]);
  });

  it('end where the sandbox command starts, and contain nothing that a terminal interprets', () => {
    expect(flags('sandbox', '--', 'crc', 'verify', '--profile', 'prod')).toEqual([]);
    expect(flags('verify', '--profile', 'a\u001b[31m', '--config')).toEqual([String.raw`--profile 'a\x1b[31m'`]);
  });
});

describe('a text with commands', () => {
  const io = { own: { program: 'npx crc', update: '', flags: ['--config prod.json', '--profile prod'] } };

  it.each([
    ['Run `crc verify` now.', 'Run `npx crc verify --config prod.json --profile prod` now.'],
    [
      '`crc bootstrap --only a` and `crc outputs --profile x`',
      '`npx crc bootstrap --config prod.json --profile prod --only a` and `npx crc outputs --config prod.json --profile x`',
    ],
    ['See `crc --help`, `crc verify --help`.', 'See `npx crc --help`, `npx crc verify --help`.'],
    ['`crc init`', '`npx crc init`'],
    ['`crc state list`', '`npx crc state list --config prod.json --profile prod`'],
    ['`crc state restore KEY`', '`npx crc state restore --config prod.json --profile prod KEY`'],
    ['put `crc sandbox --` before it', 'put `npx crc sandbox --` before it'],
    [
      'save it: `aws iam get-role --role-name A`, in `aws logs tail --region eu-west-2 G`',
      'save it: `aws --profile prod iam get-role --role-name A`, in `aws --profile prod logs tail --region eu-west-2 G`',
    ],
    [
      '`aws sso login --profile x`, `aws login`, `aws configure sso`',
      '`aws sso login --profile x`, `aws login`, `aws configure sso`',
    ],
    ['crc makes it; `crc` and `crc:project` stay', 'crc makes it; `crc` and `crc:project` stay'],
  ])('%s', (text, expected) => {
    expect(asTyped(text, io)).toBe(expected);
  });

  it('sends a command of the AWS CLI to where this run went, unless it names another place', () => {
    const flags = ['--region eu-west-2', '--endpoint-url http://127.0.0.1:5000', '--config a.json'];
    const text = '`aws iam get-role` and `aws logs tail --region us-east-1 G`';
    expect(asTyped(text, { own: { program: 'crc', update: '', flags } })).toBe(
      '`aws --region eu-west-2 --endpoint-url http://127.0.0.1:5000 iam get-role` and `aws --endpoint-url http://127.0.0.1:5000 logs tail --region us-east-1 G`',
    );
  });

  it('does not look for the program if a text contains no command', () => {
    expect(
      asTyped('Done.', {
        get own() {
          return expect.unreachable();
        },
      }),
    ).toBe('Done.');
  });
});
