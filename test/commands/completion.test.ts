import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { parseConfig } from '../../src/config/parse.ts';
import type { Config } from '../../src/config/schema.ts';
import { resourceGroups } from '../../src/resources/index.ts';
import { resourceIds } from '../../src/resources/list.ts';
import { EXAMPLE } from '../helpers/cli.ts';
import { exampleConfig, writeConfig } from '../helpers/configs.ts';
import { contextFor, READ_ONLY_RUN } from '../helpers/context.ts';
import { completionDocumentSchema } from '../helpers/documents.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const FOLDER = folderWith({ 'crc.config.json': readFileSync(EXAMPLE, 'utf8') });

async function crc(args: readonly string[], cwd = FOLDER) {
  const { io, out, err } = captureIo({ cwd });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err() };
}

/** Completions of the last word. `files` if the shell should complete file names. */
async function completed(line: string, cwd?: string) {
  const { code, out, err } = await crc(['complete', '--', ...line.split(' ')], cwd);
  expect([code, err]).toEqual([0, '']);
  if (out === ':0\n') return 'files';
  const lines = out.trimEnd().split('\n');
  expect(lines.at(-1)).toBe(':4');
  return lines.slice(0, -1).map((line) => line.split('\t')[0]);
}

describe('completions of a word', () => {
  it.each([
    ['', COMMANDS.filter(({ name, listing }) => listing !== 'none' && !name.includes(' ')).map(({ name }) => name)],
    ['ver', ['verify', 'version']],
    ['bootstrap --dr', ['--dry-run']],
    ['bootstrap --no', ['--no-color']],
    ['--config x verify --mark', ['--markdown']],
    ['verify --only role', ['role/GitHubActionsTerraformRole']],
    ['verify --only=lock', ['lock-table']],
    ['deploy-function ', ['IncrementVisits']],
    ['deploy-function IncrementVisits ', ['IncrementVisits']],
    ['invoke Inc', ['IncrementVisits']],
    ['explain --role ', ['GitHubActionsTerraformRole']],
    ['backend ', ['github-oidc/terraform.tfstate']],
    ...['history', 'diff', 'restore', 'unlock'].map((verb): [string, string[]] => [
      `state ${verb} `,
      ['github-oidc/terraform.tfstate'],
    ]),
    ['state restore github-oidc/terraform.tfstate ', []],
    ['backend --format ', ['hcl', 'args', 'json']],
    ['workflow --repository ', ['githubaccountname/githubreponame']],
    ['init --function t', ['typescript']],
    ['permissions v', ['verify']],
    ['help o', ['outputs', 'options']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['verify --region ca-', ['ca-central-1', 'ca-west-1']],
    ['verify --profile ', []],
    ['verify --config ', 'files'],
    ['--config ', 'files'],
    ['explain --workflow .git', 'files'],
    ['sandbox -- crc ver', 'files'],
    ['sandbox ', 'files'],
  ])('crc %s', async (line, expected) => {
    expect(await completed(line)).toEqual(expected);
  });

  it.each(['x/$(id).tfstate', 'x/`id`.tfstate', 'x;id', 'x y', "x'y", 'x&id', '~root'])(
    'contain nothing that a shell would run, expand or split: %s',
    async (key) => {
      const config = exampleConfig();
      config.roles[0].state[0].key = key;
      expect(await completed('backend ', writeConfig(config))).toEqual([]);
    },
  );

  it('with another config: the names in it', async () => {
    const config = exampleConfig();
    config.roles[0].name = 'Other';
    const cwd = writeConfig(config);
    expect(await completed(`--config ${cwd}/crc.config.json explain --role `)).toEqual(['Other']);
  });

  it('without a config, or with an unreadable one: none of its names, and no error', async () => {
    expect(await completed('verify --only ', folderWith({}))).toEqual([]);
    expect(await completed('verify --only ', writeConfig('{'))).toEqual([]);
  });

  it('include the ids of all resources', () => {
    const two = exampleConfig();
    delete two.lockTable;
    two.functions.push({ ...two.functions[0], name: 'Second' });
    for (const config of [exampleConfig(), two].map(
      (config): Config => parseConfig(JSON.stringify(config), 'crc.config.json'),
    )) {
      const ids = resourceGroups(config, contextFor(fakeAws({}).clients), READ_ONLY_RUN).flatMap((group) => group.ids);
      expect(resourceIds(config)).toEqual(ids);
    }
  });
});

describe('crc completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s as JSON', async (shell) => {
    const { code, out } = await crc(['completion', shell, '--json']);
    const document = completionDocumentSchema.parse(JSON.parse(out));
    expect([code, document.shell, document.script]).toEqual([0, shell, (await crc(['completion', shell])).out]);
  });

  it('an unsupported shell: lists the supported ones', async () => {
    const { code, err } = await crc(['completion', 'tcsh']);
    expect([code, err]).toEqual([1, expect.stringContaining('Choose from bash, zsh, fish.')]);
    expect((await crc(['completion', 'zhs'])).err).toContain('Did you mean zsh?');
  });
});
