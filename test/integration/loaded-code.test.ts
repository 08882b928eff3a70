import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { project } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

/** Notes the size of each file that Node compiles, in UTF-16 code units. */
const HOOK = `
const Module = require('node:module');
const { appendFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const compile = Module.prototype._compile;
Module.prototype._compile = function (code, file) {
  appendFileSync(join(__dirname, 'sizes'), basename(file) + ' ' + code.length + '\\n');
  return compile.call(this, code, file);
};
`;

/**
 * How much code a command loads, in kB. Compiling it is most of what a run without changes costs besides its calls, and
 * one import in the wrong place can double it. Raise a limit only deliberately.
 */
describeWith('moto', 'the code that is loaded by', () => {
  const moto = useMoto();

  it.each([
    ['--version', 31],
    ['--help', 120],
    ['verify', 1_150],
    ['deploy-function', 1_450],
  ])('crc %s is at most %d kB', async (command, most) => {
    const folder = folderWith({ 'hook.cjs': HOOK });
    // The hook is for what Node's own loader compiles.
    const compiled = { NODE_DISABLE_COMPILE_CACHE: '1', NODE_OPTIONS: `--require ${join(folder, 'hook.cjs')}` };
    const env = { ...moto().env, ...compiled };
    const { code, stderr } = await spawnCli([command], { cwd: project(), env });
    // Nothing was created: what differs is shown, or there is no function to deploy to.
    expect([0, 1, 2], stderr).toContain(code);
    const files = readFileSync(join(folder, 'sizes'), 'utf8').trim();
    // Measuring the width of text needs tables that take longer to set up than all else that `crc --help` does.
    expect(files).not.toMatch(/^width-/m);
    const sizes = files.split('\n').map((line) => Number(line.split(' ')[1]));
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1_000, files).toBeLessThanOrEqual(most);
  });
});
