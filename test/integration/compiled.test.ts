import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runCli, spawnCli } from '../helpers/cli.ts';
import { project } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

/** What crc has compiled is stored in its own folder, so this is a copy of the package. */
function copiedPackage(): string {
  const folder = folderWith({ 'package.json': readFileSync(join(ROOT, 'package.json')) });
  for (const part of ['bin', 'dist']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: (path) => !path.endsWith('/compiled') });
  }
  return folder;
}

describeWith('moto', 'the compiled form of crc', () => {
  const moto = useMoto();

  it('changes nothing about a run, and holds no credential', async () => {
    const folder = copiedPackage();
    const script = join(folder, 'bin/crc.js');
    const cwd = project();
    const env = { ...moto().env, AWS_SECRET_ACCESS_KEY: 'MARKED/secret+key', AWS_SESSION_TOKEN: 'MARKED-token' };
    await runCli(['bootstrap', '--yes'], { cwd, env });

    const uncached = await spawnCli(['verify', '--json'], {
      cwd,
      script,
      env: { ...env, NODE_DISABLE_COMPILE_CACHE: '1' },
    });
    expect(readdirSync(join(folder, 'dist'))).not.toContain('compiled');
    const first = await spawnCli(['verify', '--json'], { cwd, script, env });
    const stored = readdirSync(join(folder, 'dist/compiled'), { recursive: true, encoding: 'utf8' });
    const second = await spawnCli(['verify', '--json'], { cwd, script, env });

    expect(uncached.code).toBe(0);
    const withoutTime = ({ code, stdout }: typeof first) => ({
      code,
      document: JSON.parse(stdout, (key, value) => (key === 'durationMs' ? undefined : value)),
    });
    expect(withoutTime(first)).toEqual(withoutTime(uncached));
    expect(withoutTime(second)).toEqual(withoutTime(uncached));
    const files = stored.filter((path) => path.endsWith('.cjs'));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      expect(readFileSync(join(folder, 'dist/compiled', file), 'latin1'), file).not.toContain('MARKED');
    }
  });
});
