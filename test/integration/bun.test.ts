import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { EXAMPLE, runCli, SCRIPT } from '../helpers/cli.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

describeWith(['bun', 'moto'], 'crc on Bun instead of Node', () => {
  const moto = useMoto();

  it('creates what Node then finds in sync, to the last byte of the function', async () => {
    const bun = async (...args: readonly string[]) => {
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...moto().env };
      const { stdout } = await promisify(execFile)('bun', [SCRIPT, ...args, '--config', EXAMPLE, '--json'], { env });
      return JSON.parse(stdout);
    };
    expect(await bun('bootstrap')).toMatchObject({ status: 'converged' });
    expect(await bun('bootstrap')).toMatchObject({ status: 'in-sync', apiCalls: { write: 0 } });
    const { code } = await runCli(['verify', '--build', '--config', EXAMPLE], { env: moto().env });
    expect(code).toBe(0);
    const { findings } = await bun('verify');
    expect(findings.map(({ status }: { readonly status: string }) => status)).toEqual(findings.map(() => 'in-sync'));
  });
});
