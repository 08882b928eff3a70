import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { cloneWith } from '../helpers/init.ts';
import { describeWith } from '../helpers/require.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { runInTerminal, type Typed } from '../helpers/terminal.ts';

/** Paths that were requested from the fake of GitHub's public API. */
const requests: string[] = [];
let server: TestServer;
let gitHub: Record<string, string>;
beforeAll(async () => {
  server = await startServer(({ url = '' }, response) => {
    requests.push(url);
    const isKnown = url === '/repos/me/resume';
    const facts = { id: 22, owner: { id: 11 }, full_name: 'me/resume', default_branch: 'trunk' };
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? facts : { message: 'Not Found' }));
  });
  gitHub = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_API_URL: server.endpoint };
});
afterAll(async () => {
  await server.stop();
});

/** The most common terminal size. */
const SIZE = { columns: 80, rows: 24 };

/** An environment without gh, and without AWS and git settings. */
function plainEnv({ env: { HOME }, cwd }: ReturnType<typeof cloneWith>): Record<string, string> {
  return {
    ...gitHub,
    HOME,
    XDG_CONFIG_HOME: HOME,
    GIT_CONFIG_NOSYSTEM: '1',
    GH_CONFIG_DIR: cwd,
    AWS_CONFIG_FILE: '/nowhere',
  };
}

async function init(clone: ReturnType<typeof cloneWith>, typed: Typed, line = 'crc init') {
  return await runInTerminal(line, { cwd: clone.cwd, env: plainEnv(clone), typed, size: SIZE });
}

const remote = (clone: ReturnType<typeof cloneWith>, url: string) => clone.git('remote', 'add', 'origin', url);
const filesIn = ({ cwd }: ReturnType<typeof cloneWith>) => readdirSync(cwd).filter((name) => name !== '.git');

/** Each prompt and its answer. */
const QUESTIONS: Typed = [
  [/GitHub repository/, '\r'],
  [/AWS region[\s\S]*to search/, 'lond\r'],
  [/AWS account ID/, '123456789012\r'],
  [/Name of the state bucket/, '\r'],
  [/counts visits/, '\r'],
  [/Write these \d+ files\?/, '\r'],
];

describeWith('script', 'crc init in a terminal of 80 columns and 24 rows', () => {
  it('explains what it does, prompts, shows the files and the next steps', async () => {
    const clone = cloneWith({});
    remote(clone, 'https://github.com/me/resume.git');
    const { code, screen, shown } = await init(clone, QUESTIONS);
    expect([code, shown]).toEqual([0, expect.stringMatching(/^crc init writes a config/)]);
    expect(screen.rows.join('\n')).toMatch(
      / create {2}crc\.config\.json\n[\s\S]*Done\. 9 files created\.\n\nNext:\n1\. /,
    );
    const config = JSON.parse(readFileSync(join(clone.cwd, 'crc.config.json'), 'utf8'));
    expect(config).toMatchObject({ region: 'eu-west-2', accountId: '123456789012' });
    expect(config.roles[2].trust).toEqual({
      repository: 'me/resume',
      ownerId: 11,
      repositoryId: 22,
      subjects: ['ref:refs/heads/trunk'],
    });
    // Only commands, which users copy, may be wider than the terminal.
    expect(screen.broken.filter((row) => !/^ {5}(gh|npx) /.test(row))).toEqual([]);
  });

  it("asks for GitHub's ids of a repository that is not public", async () => {
    const clone = cloneWith({});
    remote(clone, 'git@github.com:me/private.git');
    const typed = [
      ...QUESTIONS.slice(0, 5),
      [/GitHub IDs of owner/, '5831\r'],
      [/must be two numbers/, '/77\r'],
    ] as const;
    const { code, shown } = await init(clone, [...typed, [/Write these \d+ files\?/, 'y\r']]);
    expect([code, shown]).toEqual([0, expect.stringContaining('GitHub has no public repository of this name')]);
    expect(shown.replace(/\s+/g, ' ')).toContain(`gh api repos/me/private --jq`);
    const { roles } = JSON.parse(readFileSync(join(clone.cwd, 'crc.config.json'), 'utf8'));
    expect(roles[0].trust).toMatchObject({ ownerId: 5831, repositoryId: 77 });
  });

  it.each(QUESTIONS.map(([question], index) => [question, index] as const))(
    'is cancelled at %s with Ctrl-C: 130, one message, and nothing is written',
    async (question, index) => {
      const clone = cloneWith({});
      remote(clone, 'https://github.com/me/resume');
      const { code, shown } = await init(clone, [...QUESTIONS.slice(0, index), [question, '\u0003']]);
      expect([code, shown.match(/Cancelled/g)]).toEqual([130, ['Cancelled']]);
      expect(shown).toMatch(/\nCancelled\. No changes were made\.\n$/);
      expect(filesIn(clone)).toEqual([]);
    },
  );

  it('accepts neither Ctrl-D nor "maybe" as a yes', async () => {
    const clone = cloneWith({});
    remote(clone, 'https://github.com/me/resume');
    const last = [
      [/Write these \d+ files\? \[Y\/n\]/, 'maybe\r'],
      [/Please answer yes or no/, '\u0004'],
    ] as const;
    const { code, shown } = await init(clone, [...QUESTIONS.slice(0, 5), ...last]);
    expect([code, shown]).toEqual([1, expect.stringMatching(/\nCancelled\. No changes were made\.\n$/)]);
    expect(filesIn(clone)).toEqual([]);
  });

  it('shows which files it keeps and extends before it prompts', async () => {
    const clone = cloneWith({
      '.github/workflows/infrastructure.yml': 'name: mine\n',
      '.gitignore': 'dist/\n',
      'package.json': '{ "scripts": { "test": "jest" } }\n',
      'README.md': '# Mine\n',
      'main.tf': 'terraform {\n  backend "s3" {}\n}\n',
    });
    const flags = '--repository me/resume --region eu-west-2 --account 123456789012 --function typescript';
    const typed = [
      [/Name of the state bucket/, '\r'],
      [/Write these/, 'n\r'],
    ] as const;
    const { code, screen } = await init(clone, typed, `crc init ${flags}`);
    const rows = screen.rows.filter((row) => /^ {2}(keep|extend|create)/.test(row));
    expect([code, rows]).toEqual([
      1,
      [
        '  create  crc.config.json, functions/increment-visits/index.test.ts,',
        '  extend  package.json  (adds crc-bootstrap)',
        '  keep    main.tf  (existing backend block; compare it with `npx crc backend`)',
        '  extend  .gitignore  (adds node_modules/ .terraform/ *.tfstate *.tfstate.*',
        '  extend  README.md  (adds a section about AWS)',
        '  keep    .github/workflows/infrastructure.yml  (exists and differs; --force',
      ],
    ]);
  });
});

describe('crc init without a terminal', () => {
  it('has no prompts, reads GitHub through the variables of a job, and prints one document', async () => {
    const clone = cloneWith({});
    const flags = ['--repository', 'me/resume', '--region', 'eu-west-2', '--account', '123456789012'];
    requests.length = 0;
    const { code, stdout } = await runCli(['init', '--json', ...flags], { cwd: clone.cwd, env: plainEnv(clone) });
    expect([code, requests]).toEqual([0, ['/repos/me/resume']]);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, command: 'init' });
    expect(stdout.trim().split('\n').at(-1)).toBe('}');
  });
});
