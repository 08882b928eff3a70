import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { type Command, command } from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { commandsPage } from '../helpers/commands-page.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { captureIo } from '../helpers/io.ts';
import { IDS } from './ids-definition.ts';

/** The one entry in the list. */
beforeAll(() => {
  (COMMANDS as Command[]).push(command(IDS, async () => (await import('./ids.ts')).ids));
});
// Other files share the list.
afterAll(() => {
  (COMMANDS as Command[]).pop();
});

const cwd = writeConfig(backendConfig());

async function crc(...args: readonly string[]) {
  const { io, out, err } = captureIo({ cwd });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err() };
}

describe('a new command', () => {
  it('runs, with text and JSON output', async () => {
    expect(await crc('ids', '--kind', 'role')).toEqual({ code: 0, out: 'role/GitHubActionsTerraformRole\n', err: '' });
    const { ids } = JSON.parse((await crc('ids', '--json')).out);
    expect(ids).toEqual(['state-bucket', 'lock-table', 'oidc-provider', 'role/GitHubActionsTerraformRole']);
  });

  it('is in the help, and has its own page', async () => {
    expect((await crc('help')).out).toMatch(/^ +(More +)?ids +print the id of each resource in the config$/m);
    const { out } = await crc('ids', '--help');
    expect(out).toMatch(/--kind <kind> +only ids that begin with KIND\//);
    expect(out).toContain('crc ids --kind role');
  });

  it('is completed, with its flags and their values', async () => {
    expect((await crc('complete', '--', 'id')).out).toMatch(/^ids/m);
    expect((await crc('complete', '--', 'ids', '--k')).out).toMatch(/^--kind/m);
    expect((await crc('complete', '--', 'ids', '--kind', 'fu')).out).toMatch(/^function/m);
  });

  it('is suggested when it is misspelled, and its usage errors name it', async () => {
    expect((await crc('idz')).err).toContain('Did you mean `crc ids`?');
    expect((await crc('ids', '--knd', 'role')).err).toContain('crc ids has no option --knd');
  });

  it('is in docs/commands.md', () => {
    const page = commandsPage();
    expect(page).toMatch(/^\| \[`crc ids`\]\(#crc-ids\) +\| print the id of each resource in the config +\|$/m);
    expect(page).toContain('\n## crc ids\n');
  });
});
