import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { backendConfig } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import { cloneWith } from '../helpers/init.ts';
import { captureIo } from '../helpers/io.ts';

interface Role {
  readonly subjects: readonly string[];
  readonly crc?: readonly string[];
  readonly access?: 'read' | 'write';
}

const configWith = (...roles: readonly Role[]) => {
  const config = backendConfig();
  const [role] = config.roles;
  config.roles = roles.map(({ subjects, crc = [], access }, index) => ({
    ...role,
    name: `R${index}`,
    trust: { repository: 'o/r', subjects },
    state: access === undefined ? [] : [{ key: 'a/terraform.tfstate', access }],
    crc,
  }));
  return { 'crc.config.json': JSON.stringify(config) };
};

async function notesIn(
  { cwd, env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
  ...args: readonly string[]
) {
  const { io, out, err } = captureIo({ cwd, env: env ?? { PATH: '/nowhere' } });
  const code = await run(['node', 'crc', 'workflow', ...args], io);
  const notes = err()
    .split('\n')
    .filter((line) => line.startsWith('note: '))
    .map((line) => line.slice('note: '.length));
  return { code, out: out(), notes };
}

const NIGHTLY = configWith({ subjects: ['ref:refs/heads/live'], crc: ['verify'] });

describe('the nightly jobs of another branch than the default one', () => {
  it('run on the default branch, which must be trusted', async () => {
    expect((await notesIn(cloneWith(NIGHTLY, 'trunk'))).notes).toEqual([
      'GitHub runs the nightly jobs (verify) on the default branch only, trunk, not on live: the workflow must be on it too, and R0 must trust it: add "ref:refs/heads/trunk" to trust.subjects.',
    ]);
    const trusted = configWith({ subjects: ['ref:refs/heads/live', 'ref:refs/heads/trunk'], crc: ['verify', 'audit'] });
    expect((await notesIn(cloneWith(trusted, 'trunk'))).notes).toEqual([
      'GitHub runs the nightly jobs (verify, audit) on the default branch only, trunk, not on live: the workflow must be on it too.',
    ]);
    const anywhere = configWith({ subjects: ['*'], crc: ['verify'] });
    expect((await notesIn(cloneWith(anywhere, 'trunk'), '--branch', 'live')).notes).toHaveLength(1);
  });

  it('are reported without a clone too', async () => {
    expect(await notesIn({ cwd: folderWith(NIGHTLY) })).toMatchObject({
      code: 0,
      notes: [
        'GitHub runs the nightly jobs (verify) on the default branch only. If that is not live, the workflow must be on it too, and R0 must trust it.',
      ],
    });
  });

  it('need no note on the default branch, without nightly jobs, or in the document', async () => {
    expect((await notesIn(cloneWith(NIGHTLY, 'live'))).notes).toEqual([]);
    const applied = configWith({ subjects: ['ref:refs/heads/live', 'pull_request', 'environment:p'], access: 'write' });
    expect((await notesIn(cloneWith(applied, 'trunk'))).notes).toEqual([]);
    const { out } = await notesIn(cloneWith(NIGHTLY, 'trunk'), '--json');
    expect(Object.keys(JSON.parse(out))).toEqual(['version', 'command', 'yaml']);
  });

  it('are not those of the clone of another repository', async () => {
    const clone = cloneWith(NIGHTLY, 'live');
    clone.git('remote', 'add', 'origin', 'https://github.com/other/x.git');
    expect((await notesIn(clone)).notes).toHaveLength(1);
  });
});

it('the next step names the branch that was asked for, also main', async () => {
  const both = configWith({ subjects: ['ref:refs/heads/live', 'ref:refs/heads/main'], crc: ['verify'] });
  const { io, err } = captureIo({ cwd: folderWith(both), env: { PATH: '/nowhere' }, outColumns: 80 });
  await run(['node', 'crc', 'workflow', '--branch', 'main'], io);
  expect(err()).toContain('crc workflow --branch main > ');
});

describe('the branch that the workflow applies, if no role names it', () => {
  const anywhere = configWith({ subjects: ['*'], crc: ['deploy-function'] });

  it('is a guess', async () => {
    expect((await notesIn({ cwd: folderWith(anywhere) })).notes).toEqual([
      'The workflow applies main, since no role names a branch and no clone shows the default branch. Pass --branch NAME for another.',
    ]);
    expect((await notesIn({ cwd: folderWith(anywhere) }, '--branch', 'main')).notes).toEqual([]);
  });

  it('is compared with the default branch of the clone', async () => {
    expect((await notesIn(cloneWith(anywhere, 'main'))).notes).toEqual([]);
    expect((await notesIn(cloneWith(anywhere, 'trunk'))).notes).toEqual([
      'The workflow applies main, since no role names a branch, but the default branch is trunk. Pass --branch trunk to apply that.',
    ]);
    expect((await notesIn(cloneWith(anywhere, 'a$(id)'))).notes).toContainEqual(
      expect.stringContaining("Pass --branch 'a$(id)' to apply that."),
    );
  });
});
