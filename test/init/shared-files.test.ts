import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { extendedGitIgnore } from '../../src/init/gitignore.ts';
import { cloneWith, INIT_FLAGS, runInit } from '../helpers/init.ts';

vi.mock('../../src/aws/get-json.ts', () => ({ getJson: () => Promise.reject(new Error('no network')) }));
vi.mock('../../src/aws/discover.ts', () => ({
  discoverPlace: async ({ region }: { region?: string }) => ({ region, accountId: undefined }),
}));

const ALL = ['node_modules/', '.terraform/', '*.tfstate', '*.tfstate.*', 'tfplan', '.env*', '!.env.example'];

describe('.gitignore', () => {
  const extended = (existing: string | undefined, python = false) =>
    extendedGitIgnore({ own: existing, above: [], python });

  it('ignores secret and generated files, and no others', async () => {
    const { cwd, git } = cloneWith({});
    await runInit(cwd, INIT_FLAGS);
    const ignored = [
      'node_modules/x/y.js',
      '.terraform/providers/x',
      'terraform.tfstate',
      'a/terraform.tfstate.backup',
    ];
    const secret = ['.terraform.tfstate.lock.info', 'tfplan', '.env', '.env.local', 'a/.env.production'];
    const kept = ['.terraform.lock.hcl', '.env.example', 'package-lock.json', 'main.tf', 'terraform.tfvars.example'];
    const { stdout } = git('check-ignore', ...ignored, ...secret, ...kept);
    expect(stdout.trim().split('\n')).toEqual([...ignored, ...secret]);
  });

  it.each([
    [undefined, ALL, `${ALL.join('\n')}\n`],
    ['', ALL, `${ALL.join('\n')}\n`],
    ['dist', ALL, `dist\n\n${ALL.join('\n')}\n`],
    ['dist\r\n', ALL, `dist\r\n\r\n${ALL.join('\r\n')}\r\n`],
    [
      '/node_modules\n**/.terraform/*\n',
      ALL.slice(2),
      `/node_modules\n**/.terraform/*\n\n${ALL.slice(2).join('\n')}\n`,
    ],
    ['.env\n', ALL, `.env\n\n${ALL.join('\n')}\n`],
  ])('%j gets %j', (existing, added, text) => {
    expect(extended(existing)).toEqual({ text, added });
    expect(extended(text)).toEqual({ text, added: [] });
  });

  it("of a project with Python also ignores Python's files", () => {
    expect(extended(undefined, true).added).toContain('__pycache__/');
  });

  it.each(['*\n', '*.tfstate*\nnode_modules\n.terraform\ntfplan\n.env*\n'])('%j is complete', (existing) => {
    expect(extended(existing)).toEqual({ text: existing, added: [] });
  });
});

describe('package.json', () => {
  const NPM_INIT =
    '{\n\t"name": "x",\n\t"scripts": {\n\t\t"test": "echo \\"Error: no test specified\\" && exit 1"\n\t}\n}\n';

  it('is extended without changing existing content', async () => {
    const { cwd, read } = cloneWith({
      'package.json': `${JSON.stringify({ name: 'x', dependencies: { 'crc-bootstrap': 'file:x.tgz' }, devDependencies: { typescript: '5.0.0' } }, null, 4)}\n`,
    });
    const { out } = await runInit(cwd, INIT_FLAGS);
    const text = read('package.json');
    const manifest = JSON.parse(text);
    expect(manifest).toMatchObject({
      dependencies: { 'crc-bootstrap': 'file:x.tgz' },
      devDependencies: { typescript: '5.0.0', vitest: expect.any(String), '@types/node': expect.any(String) },
      scripts: { test: 'vitest run --dir functions', typecheck: 'tsc --noEmit' },
    });
    expect(manifest.devDependencies).not.toHaveProperty('crc-bootstrap');
    expect(text).toBe(`${JSON.stringify(manifest, null, 4)}\n`);
    expect(out).toMatch(/extended {2}package\.json +\(adds test, typecheck, .*vitest\)/);
    const secondRun = await runInit(cwd, []);
    expect([secondRun.out, read('package.json')]).toEqual([expect.stringMatching(/unchanged +package\.json/), text]);
  });

  it('from `npm init` contains only a placeholder test', async () => {
    const { cwd, read } = cloneWith({ 'package.json': NPM_INIT });
    await runInit(cwd, INIT_FLAGS);
    expect(JSON.parse(read('package.json')).scripts.test).toBe('vitest run --dir functions');
    expect(read('package.json')).toMatch(/^\t"devDependencies": \{\n\t\t"/m);
  });

  it('with its own tests leaves the function its own package, which the workflow and Next use', async () => {
    const { cwd, read } = cloneWith({ 'package.json': '{ "scripts": { "test": "jest" } }\n', 'tsconfig.json': '{}\n' });
    const { out } = await runInit(cwd, INIT_FLAGS);
    expect(JSON.parse(read('package.json'))).toEqual({
      scripts: { test: 'jest' },
      devDependencies: { 'crc-bootstrap': expect.stringMatching(/^\^\d/) },
    });
    const existing = 'functions/increment-visits';
    expect(JSON.parse(read(`${existing}/package.json`))).toMatchObject({
      scripts: { test: 'vitest run', typecheck: 'tsc --noEmit' },
      devDependencies: { '@types/node': expect.any(String), typescript: expect.any(String) },
    });
    expect([read('tsconfig.json'), existsSync(join(cwd, existing, 'tsconfig.json'))]).toEqual(['{}\n', true]);
    const { jobs } = parseYaml(read('.github/workflows/infrastructure.yml'));
    expect(
      jobs.test.steps.map((step: object) => Object.entries(step).find(([key]) => key === 'working-directory')?.[1]),
    ).toEqual([undefined, existing, existing]);
    expect(out).toMatch(new RegExp(`\\n {5}npm install\\n {5}npm install --prefix ${existing}\\n`));
  });

  it('does not change an existing tsconfig.json', async () => {
    const { cwd, read } = cloneWith({ 'tsconfig.json': '{}\n' });
    await runInit(cwd, INIT_FLAGS);
    expect(read('tsconfig.json')).toBe('{}\n');
    expect(JSON.parse(read('package.json')).scripts.typecheck).toBe(
      'tsc --noEmit --project functions/increment-visits',
    );
    expect(JSON.parse(read('functions/increment-visits/tsconfig.json')).compilerOptions.types).toEqual(['node']);
  });
});

describe('files that are not UTF-8 text', () => {
  it.each([
    // `echo "# resume" >> README.md` in Windows PowerShell
    ['UTF-16', Buffer.from('\ufeff# resume\r\n', 'utf16le')],
    ['Latin-1', Buffer.from('# r\u00e9sum\u00e9\n', 'latin1')],
  ])('are kept as they are: %s', async (_, bytes) => {
    const { cwd } = cloneWith({});
    for (const name of ['README.md', '.gitignore']) writeFileSync(join(cwd, name), bytes);
    const { code, out } = await runInit(cwd, INIT_FLAGS);
    expect(code).toBe(0);
    for (const name of ['README.md', '.gitignore']) {
      expect(readFileSync(join(cwd, name)).equals(bytes)).toBe(true);
      expect(out).toMatch(new RegExp(`kept +${name.replace('.', '[.]')} +\\(not UTF-8 text; save it as UTF-8`));
    }
  });
});

describe('README.md', () => {
  it('gets a section once, after the existing content', async () => {
    const { cwd, read } = cloneWith({ 'README.md': '# Mine\n\nText.\n\n\n' });
    await runInit(cwd, INIT_FLAGS);
    expect(read('README.md')).toMatch(/^# Mine\n\nText\.\n\n## AWS\n\n[\s\S]*\n$/);
    const before = read('README.md');
    await runInit(cwd, []);
    expect(read('README.md')).toBe(before);
  });

  it('keeps the line endings of Windows', async () => {
    const { cwd, read } = cloneWith({ 'README.md': '# Mine\r\n' });
    await runInit(cwd, INIT_FLAGS);
    expect(read('README.md')).toMatch(/^# Mine\r\n\r\n## AWS\r\n/);
    expect(read('README.md')).not.toMatch(/[^\r]\n/);
  });

  it.each([
    ['typescript', [/`npm test` and `npm run typecheck`/, /crc sandbox/, /crc deploy-function/, /crc permissions/]],
    ['python', [/`npm test` .*pip install/, /crc sandbox/, /crc deploy-function/, /crc permissions/]],
    ['none', [/crc sandbox/, /crc bootstrap/, /crc permissions/]],
  ])('of a project with %s explains how to test, run, deploy and grant permissions', async (kind, patterns) => {
    const { cwd, read } = cloneWith({});
    await runInit(cwd, [...INIT_FLAGS, '--function', kind]);
    expect(read('README.md')).toMatch(/^# resume\n\n## AWS\n/);
    for (const pattern of patterns) expect(read('README.md')).toMatch(pattern);
    expect(read('README.md').includes('npm test')).toBe(kind !== 'none');
  });

  it.each([
    ['pnpm', '{ "packageManager": "pnpm@10.4.1" }', '`pnpm test` and `pnpm run typecheck`', 'pnpm exec crc'],
    ['yarn', '{ "packageManager": "yarn@4.6.0" }', '`yarn test` and `yarn run typecheck`', 'yarn crc'],
    [
      'bun',
      '{ "devEngines": { "packageManager": { "name": "bun" } } }',
      '`bun run test` and `bun run typecheck`',
      'bunx crc',
    ],
  ])('of a project with %s has its commands, as have the next steps', async (manager, manifest, test, crc) => {
    const { cwd, read } = cloneWith({ 'package.json': `${manifest}\n` });
    const { out } = await runInit(cwd, [...INIT_FLAGS, '--function', 'typescript']);
    expect(read('README.md')).toContain(`Run \`${manager} install\` first; \`${crc} --help\` lists all commands.`);
    expect(read('README.md')).toContain(`- **Test**: ${test} check the function`);
    expect(read('README.md')).toContain(`- **Deploy**: \`${crc} bootstrap\` shows`);
    expect(out).toMatch(
      new RegExp(`\\n +${manager} install\\n[^]*\\n +${crc} sandbox -- [^]*\\n +${crc} bootstrap\\n`),
    );
    expect(`${read('README.md')}${out}`).not.toMatch(/npx crc |(?<!p)npm (install|test)/);
  });

  it.each([
    ['typescript', '`npm test --prefix FOLDER` and `npm run typecheck --prefix FOLDER` check the function'],
    ['python', '`python3 -m unittest discover --start-directory FOLDER` checks the function'],
  ])('of a project with tests explains how to test the function in %s', async (kind, instructions) => {
    const { cwd, read } = cloneWith({ 'package.json': '{ "scripts": { "test": "jest" } }\n' });
    const { out } = await runInit(cwd, [...INIT_FLAGS, '--function', kind]);
    expect(read('README.md')).toContain(
      `- **Test**: ${instructions.replaceAll('FOLDER', 'functions/increment-visits')}`,
    );
    // For a Python function, npm only installs crc.
    expect(out.includes('the tools of the function')).toBe(kind === 'typescript');
  });
});

it("with --force, crc's own section is replaced, but never the user's", async () => {
  const files = { 'README.md': '# Mine\n', '.gitignore': 'dist\n', 'package.json': '{ "name": "mine" }\n' };
  const { cwd, read } = cloneWith({ ...files, 'backend.tf': '# mine\n', 'crc.config.json': '{}\n' });
  await runInit(cwd, [...INIT_FLAGS, '--force']);
  for (const [path, text] of Object.entries(files)) expect(read(path)).toContain(text.replace(/[{}\n]/g, '').trim());
  expect([read('backend.tf'), JSON.parse(read('crc.config.json')).project]).toEqual([
    expect.stringContaining('backend "s3"'),
    'me-resume',
  ]);
});

it('names of files show no control characters', async () => {
  const { cwd } = cloneWith({});
  writeFileSync(join(cwd, '\u001b[2Jx.tf'), 'terraform {\n  backend "s3" {}\n}\n');
  const { out } = await runInit(cwd, INIT_FLAGS);
  expect(out).toContain('\\x1b[2Jx.tf');
});
