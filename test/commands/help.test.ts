import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import type { Definition } from '../../src/commands/command.ts';
import { commandPage, optionsPage, overviewPage } from '../../src/commands/help-pages.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { documentationUrl } from '../../src/documentation.ts';
import { commandOf } from '../../src/program.ts';
import { wrap } from '../../src/ui/wrap.ts';
import { helpDocumentSchema, versionDocumentSchema } from '../helpers/documents.ts';
import { captureIo } from '../helpers/io.ts';

const SCREEN = { columns: 80, rows: 24 };
const LISTED = COMMANDS.filter(({ listing }) => listing === undefined);
const PAGED = COMMANDS.filter(({ listing }) => listing !== 'none');

async function crc(line: string, outColumns = SCREEN.columns) {
  const { io, out, err } = captureIo({ outColumns });
  const code = await run(['node', 'crc', ...line.split(' ').filter(Boolean)], io);
  return { code, out: out(), err: err() };
}

describe('the overview', () => {
  it('fits 80 columns and 24 rows, including the shell prompt', async () => {
    const { code, out, err } = await crc('');
    expect([code, err]).toEqual([0, '']);
    // The URL depends on the repository in package.json.
    await expect(out.replace(documentationUrl(), 'ADDRESS')).toMatchFileSnapshot('help/overview.txt');
    const lines = out.trimEnd().split('\n');
    expect(lines.length, "rows: replace a line, or add `listing: 'own-page'` to the command").toBeLessThan(SCREEN.rows);
    expect(lines.filter((line) => line.length > SCREEN.columns)).toEqual([]);
  });

  it('has one line for each command, with no wrapped text', async () => {
    const { out } = await crc('');
    const lines = LISTED.map(({ name, summary }) =>
      out.split('\n').filter((line) => line.includes(` ${name} `) && line.endsWith(` ${summary}`)),
    );
    expect(lines.filter((parts) => parts.length !== 1)).toEqual([]);
  });

  it('has the groups in order, without duplicates', async () => {
    const { out } = await crc('');
    const groups = [...out.matchAll(/^ {2}([A-Z]\w+)/gm)].map(([, group]) => group);
    expect(groups).toEqual([...new Set(LISTED.map(({ group }) => group)), 'Examples', 'Help', 'Docs']);
  });

  it.each(['--help', '-h', 'help', '--json --no-color'])('is printed by crc %s', async (line) => {
    const json = line.includes('--json');
    expect(await crc(line)).toEqual(await crc(json ? 'help --json' : ''));
  });

  it('uses the width of the terminal', async () => {
    const { out } = await crc('', 50);
    expect(out.split('\n').filter((line) => line.length > 50 && !line.includes('https://'))).toEqual([]);
  });

  it('gets a line for a new command, in its group', () => {
    const added: Definition = {
      name: 'audit',
      group: 'GitHub',
      summary: 'list who can assume the roles of the account',
      exitCodes: { 0: 'nothing', 1: 'an error' },
      examples: [['crc audit', 'everything']],
    };
    const lines = overviewPage([...COMMANDS, added]).split('\n');
    const before = lines.findIndex((line) => / workflow /.test(line));
    expect(lines[before + 1]).toBe('            audit            list who can assume the roles of the account');
  });
});

describe('the page of a command', () => {
  it.each(PAGED.map((command) => [command.name, command] as const))('%s', async (name, command) => {
    const { code, out, err } = await crc(`help ${name}`);
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot(`help/${name.replaceAll(' ', '-')}.txt`);
    expect(out.split('\n').filter((line) => line.length > SCREEN.columns)).toEqual([]);
    if (!command.isGroup) {
      expect(out).toBe(wrap(commandPage(command), SCREEN.columns));
      expect(out.trimEnd().split('\n').at(-1)).toBe('Global options: crc help options');
    }
    expect(await crc(`${name} --help`)).toEqual({ code, out, err });
    expect(await crc(`--verbose ${name} -h`)).toEqual({ code, out, err });
  });

  it('of a group lists its commands, and is shown if none of them is given', async () => {
    const page = await crc('help state');
    expect(page.out.match(/^ {2}state \w+/gm)).toHaveLength(
      COMMANDS.filter(({ name }) => name.startsWith('state ')).length,
    );
    expect(await crc('state')).toEqual(page);
    expect((await crc('state lst')).err).toContain('Did you mean `crc state list`?');
  });

  it('finds the command if an error occurs before the command line is parsed', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(names.map((name) => commandOf(['node', 'crc', '--json', ...name.split(' ')]))).toEqual(names);
  });
});

it('the options of every command have their own page', async () => {
  const { code, out, err } = await crc('help options');
  expect([code, err]).toEqual([0, '']);
  await expect(out).toMatchFileSnapshot('help/options.txt');
  expect(out).toBe(wrap(optionsPage(), SCREEN.columns));
  expect(out.trimEnd().split('\n').length).toBeLessThan(SCREEN.rows);
});

describe('as JSON', () => {
  it.each([
    ['help', LISTED.map(({ name }) => name)],
    ['help options', []],
    ['help verify', ['verify']],
    ['verify --help', ['verify']],
    ['', LISTED.map(({ name }) => name)],
  ])('crc %s --json', async (line, names) => {
    const { code, out, err } = await crc(`${line} --json`);
    expect([code, err]).toEqual([0, '']);
    const document = helpDocumentSchema.parse(JSON.parse(out));
    expect(document.commands.map(({ name }) => name)).toEqual(names);
    expect(Object.keys(document.options)).toContain('region');
  });

  it('crc version --json', async () => {
    for (const line of ['version --json', '--json --version', '-v --json', '-V --json']) {
      expect(versionDocumentSchema.parse(JSON.parse((await crc(line)).out)).crc).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

it.each(['version', '--version', '-v', '-V', '--verbose -v', 'verify --version'])(
  'crc %s prints the version',
  async (line) => {
    expect(await crc(line)).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  },
);

describe('definitions', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s follows the style of the others',
    (_, command) => {
      const { name, summary, arguments: arguments_ = {}, options = {}, examples } = command;
      const texts = [
        summary,
        ...Object.values({ ...arguments_, ...options }).map((definition) => definition.summary),
        ...examples.map(([, meaning]) => meaning),
      ];
      expect(texts.filter((text) => !/^[a-zA-Z-].*[^.]$/.test(text))).toEqual([]);
      expect(texts.filter((text) => /^[A-Z][a-z]/.test(text) && !/^(GitHub|Terraform)/.test(text))).toEqual([]);
      expect(examples.length).toBeGreaterThan(0);
      expect(examples.filter(([line]) => !line.includes(`crc ${name}`))).toEqual([]);
    },
  );

  it('marks commands that delete', () => {
    const deletes = COMMANDS.filter(
      ({ summary, isGroup }) => !isGroup && /\b(delete|remove|destroy|unlock|restore)/.test(summary),
    );
    expect(deletes.filter(({ destructive }) => !destructive)).toEqual([]);
    const flags = COMMANDS.flatMap(({ options = {} }) => Object.values(options));
    const deleting = flags.filter(
      ({ summary }) =>
        /\b(deletes?|removes?|overwrites?|do not ask)\b/.test(summary) && !/delete nothing/.test(summary),
    );
    expect(deleting.length).toBeGreaterThan(4);
    expect(deleting.filter(({ destructive }) => !destructive)).toEqual([]);
  });
});
