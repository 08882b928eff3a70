import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { flagOf } from '../../src/commands/flags.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { GLOBAL_OPTIONS } from '../../src/commands/options.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { CrcError } from '../../src/errors.ts';
import type { Json } from '../../src/json.ts';
import { canonical } from '../../src/policies/canonical.ts';
import { evaluate } from '../../src/trust/evaluate.ts';
import { BAD_CONFIGS } from '../helpers/bad-configs.ts';
import { EXAMPLE, ROOT } from '../helpers/cli.ts';
import { exampleConfig, writeConfig } from '../helpers/configs.ts';
import { errorDocumentSchema } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** No request should reach this server. */
let server: TestServer;
let requests = 0;
beforeAll(async () => {
  server = await startServer((_, response) => {
    requests += 1;
    response.writeHead(500).end();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', server.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});
beforeEach(() => {
  requests = 0;
});

async function crc(args: readonly string[], cwd = folderWith({ 'crc.config.json': readFileSync(EXAMPLE, 'utf8') })) {
  const env = { PATH: '/nowhere', AWS_ENDPOINT_URL: process.env.AWS_ENDPOINT_URL };
  const { io, out, err } = captureIo({ cwd, env });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err() };
}

/** Expects exit code 1, a single JSON document with a message, no stack trace and no requests. */
async function isRefused(args: readonly string[], cwd?: string) {
  const { code, out, err } = await crc([...args, '--json'], cwd);
  expect(code).toBe(1);
  const { error } = errorDocumentSchema.parse(JSON.parse(out));
  expect(error.message).not.toMatch(/^Unexpected/);
  expect(out + err).not.toMatch(/\n\s+at /);
  expect(error.hint).not.toBe('');
  expect(requests).toBe(0);
  return error;
}

describe('a bad config', () => {
  it.each(BAD_CONFIGS.map(([path, message, change], index) => [`${index} ${path}`, path, message, change] as const))(
    '%s: exit 1 with its path, and nothing sent',
    async (_, path, message, change) => {
      const config = exampleConfig();
      change(config);
      const { issues = [] } = await isRefused(['bootstrap'], writeConfig(config));
      expect(issues.find((issue) => issue.path === path && message.test(issue.message))).toBeDefined();
    },
  );

  it('has a case for every key of the schema', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'config.schema.json'), 'utf8'));
    const keys = keysOf(schema);
    expect(keys.length).toBeGreaterThan(50);
    const covered = BAD_CONFIGS.map(([path]) => path.replace(/\[\d+\]/g, '[]').replace(/\["[^"]*"\]/g, '.*'));
    const isCovered = (key: string) =>
      covered.some((path) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`));
    expect(keys.filter((key) => !isCovered(key))).toEqual([]);
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Paths of all keys of a JSON schema: `roles[].trust.repository`. */
function keysOf({ properties = {}, items, anyOf = [] }: Schema, path = ''): readonly string[] {
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  return [
    ...Object.entries(properties)
      .filter(([key]) => key !== '$schema')
      .flatMap(([key, inner]) => [at(key), ...keysOf(inner, at(key))]),
    ...(items === undefined ? [] : keysOf(items, `${path}[]`)),
    ...anyOf.flatMap((inner) => keysOf(inner, path)),
  ];
}

/**
 * For each flag with a value: a command, bad values and the expected message. The empty value is tested for all of
 * them.
 */
const BAD_VALUES: Readonly<
  Record<string, readonly [command: readonly string[], values: readonly string[], message: RegExp]>
> = {
  '--config': [['verify'], ['missing.json', '.', 'crc.config.json/x'], /cannot be read/],
  '--region': [['verify'], ['nowhere!', 'EU-WEST-2', 'eu-west-2\n', '__proto__'], /1 problem/],
  '--profile': [['verify'], ['missing', '$(id)', '__proto__', 'a\nb'], /The AWS profile ".+" was not found/],
  '--endpoint-url': [
    ['verify'],
    ['ftp://x', 'nope', 'file:///etc/passwd', 'javascript:0'],
    /--endpoint-url: .* is not a URL/,
  ],
  '--only': [['verify'], ['nope', 'role/', '__proto__', 'state-bucket\n', 'constructor'], /--only: the config has no/],
  '--repository': [['workflow'], ['a b', 'o/r; id', '__proto__', '../x'], /No role trusts/],
  '--key': [['workflow'], ['nope', '__proto__', '../../etc/passwd'], /has no state/],
  '--directory': [['workflow'], ['/etc', '..', '../x', 'a\nb', '\u001b[2J'], /--directory: .* is not a folder/],
  '--branch': [
    ['workflow'],
    ['a b', 'a..b', '-x', 'main\n', 'x.lock', '\u001b[2J'],
    /--branch: .* is not a valid branch name/,
  ],
  '--github-ids': [
    ['init', '--yes', '--repository', 'o/r', '--region', 'eu-west-2'],
    ['1', '1/x', '1/2/3', 'o/r', '-1/2', '0/0', '__proto__'],
    /--github-ids: .* must be two numbers/,
  ],
  '--format': [['backend'], ['yaml', '__proto__', 'constructor', 'HCL'], /--format: unknown format/],
  '--confirm': [['destroy'], ['wrong', 'abcdef-terraform-stat', '*', '__proto__'], /Nothing was removed/],
  '--rollback': [['deploy-function', 'IncrementVisits'], ['0', '-1', 'x', '1.5', '$LATEST', '__proto__'], /version/],
  '--shell': [['sandbox'], ['nushell', '__proto__', 'BASH', 'fish\n'], /--shell: unknown shell/],
  '--workspace': [
    ['state', 'history'],
    ['a/b', 'a b', 'a\nb', '..', '\u001b[2J'],
    /--workspace: .* cannot be the name/,
  ],
  '--limit': [['state', 'history'], ['0', '-1', 'x', '1.5', '__proto__'], /--limit: .* must be a whole number/],
  '--force': [['state', 'unlock', 'a.tfstate'], [' ', 'a\nb', '\u001b[2J'], /--force: .* is not a lock ID/],
  '--payload': [['invoke', 'IncrementVisits'], ['{', '@missing', '@.', 'undefined'], /--payload/],
  '--role': [['explain', '--subject', 'pull_request', '--token', 'x'], ['R'], /cannot be used together/],
  '--subject': [['explain', '--token', 'x'], ['pull_request'], /cannot be used together/],
  '--token': [['explain'], ['missing', '.', 'crc.config.json'], /cannot be read|is not a GitHub token/],
  '--workflow': [['explain'], ['missing', '.', 'crc.config.json'], /cannot be read|is not a GitHub Actions workflow/],
  '--account': [
    ['init', '--yes', '--repository', 'o/r', '--region', 'eu-west-2'],
    ['12', '12345678901x', '$(id)'],
    /--account: .* 12 digits/,
  ],
  '--bucket': [
    ['init', '--yes', '--repository', 'o/r', '--region', 'eu-west-2'],
    ['A_B', 'ab', '../x', '$(id)'],
    /--bucket: /,
  ],
  '--lock-table': [
    ['init', '--from-account', '--yes', '--repository', 'o/r', '--region', 'eu-west-2'],
    ['a', 'a b', '../x', '$(id)'],
    /--lock-table: /,
  ],
  '--function': [
    ['init', '--yes', '--repository', 'o/r', '--region', 'eu-west-2'],
    ['rust', '__proto__', 'constructor'],
    /--function: .* must be one of/,
  ],
  '--event': [['invoke', 'IncrementVisits'], ['http', 'URL', '__proto__'], /--event must be url or rest/],
  '--fail-on': [['audit'], ['info', 'CRITICAL', 'none'], /--fail-on: unknown severity/],
  '--from': [['backend', '--check'], ['missing', '.'], /--from: .* could not be read/],
  '--denied': [['explain'], ['missing', '.'], /could not be read|cannot be read/],
  '--log': [['permissions', 'terraform'], ['missing', '.'], /could not be read|cannot be read/],
  '--var': [['permissions', 'terraform'], ['novalue', '=x'], /--var/],
  '--var-file': [['permissions', 'terraform'], ['missing.tfvars'], /missing\.tfvars/],
  '--terraform-bin': [['permissions', 'terraform'], ['missing-terraform'], /missing-terraform/],
};

/** All flags of all commands, including global ones. `takes` is set if the flag has a value. */
const FLAGS = COMMANDS.filter(({ isGroup }) => !isGroup).flatMap(({ name, options = {} }) =>
  Object.entries({ ...GLOBAL_OPTIONS, ...options }).map(([key, definition]) => ({
    command: name,
    flag: flagOf(key, definition),
    takes: 'placeholder' in definition,
  })),
);

/** Arguments that a command requires. */
const REQUIRED_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  completion: ['bash'],
  invoke: ['IncrementVisits'],
  permissions: ['verify'],
  'state restore': ['t.tfstate', '~1'],
  'state unlock': ['t.tfstate'],
};

describe('a bad flag', () => {
  it('has a case for every flag that takes a value', () => {
    expect(FLAGS.length).toBeGreaterThan(120);
    const taking = [...new Set(FLAGS.filter(({ takes }) => takes).map(({ flag }) => flag))];
    expect(taking.filter((flag) => !(flag in BAD_VALUES))).toEqual([]);
    expect(Object.keys(BAD_VALUES).filter((flag) => !taking.includes(flag))).toEqual([]);
  });

  it.each(
    Object.entries(BAD_VALUES).flatMap(([flag, [command, values, message]]) =>
      values.map((value) => [flag, value, command, message] as const),
    ),
  )('%s %j', async (flag, value, command, message) => {
    const cwd = command[0] === 'init' ? folderWith({}) : undefined;
    expect((await isRefused([...command, flag, value], cwd)).message).toMatch(message);
    if (cwd !== undefined) expect(existsSync(join(cwd, 'crc.config.json'))).toBe(false);
  });

  it('an empty value is an error that names the flag', async () => {
    for (const { command, flag, takes } of FLAGS) {
      // The value of --rollback is optional, so an empty word after it is a function name.
      if (!takes || flag === '--rollback') continue;
      const needs = REQUIRED_ARGUMENTS[command] ?? [];
      expect((await isRefused([...command.split(' '), ...needs, flag, ''])).message).toContain(
        `${flag}: its value is empty`,
      );
    }
  });

  it('a value for a switch, no value for an option, an unknown flag, word or command', async () => {
    for (const { command, flag, takes } of FLAGS) {
      if (flag === '--rollback') continue;
      const needs = REQUIRED_ARGUMENTS[command] ?? [];
      const { code, out, err } = await crc([...command.split(' '), ...needs, takes ? flag : `${flag}=x`]);
      expect([command, flag, code, out]).toEqual([command, flag, 1, '']);
      expect(err).toContain(flag);
      expect(err).toContain(`See \`crc help ${command}\`.`);
    }
    for (const args of [['verify', '--nope'], ['verify', 'word'], ['nope'], ['__proto__'], ['constructor'], ['']])
      await isRefused(args);
    expect(requests).toBe(0);
  });
});

describe('hostile input', () => {
  const MEGABYTES_10 = 'x'.repeat(10 * 1024 * 1024);

  it.each(['--region', '--only', '--profile', '--endpoint-url', '--config'])(
    '10 MB as %s are refused with an explanation',
    async (flag) => {
      const { message } = await isRefused(['verify', flag, MEGABYTES_10]);
      expect(message).not.toBe('');
    },
  );

  it.each([
    ['a config', ['verify', '--config', 'big']],
    ['a token', ['explain', '--token', 'big']],
    ['a workflow', ['explain', '--workflow', 'big']],
    ['a payload', ['invoke', 'IncrementVisits', '--payload', '@big']],
    ['a list of folders', ['backend', '--check', '--from', 'big']],
  ])('%s of 10 MB is refused with an explanation', async (_, args) => {
    const cwd = folderWith({ 'crc.config.json': readFileSync(EXAMPLE, 'utf8'), big: `{"a":"${MEGABYTES_10}"}` });
    const { message } = await isRefused(args, cwd);
    expect(message.length).toBeLessThan(300);
  });

  it.each([
    ['a config', ['verify', '--config', '/dev/zero']],
    ['a token', ['explain', '--token', '/dev/zero']],
    ['a workflow', ['explain', '--workflow', '/dev/zero']],
    ['a payload', ['invoke', 'IncrementVisits', '--payload', '@/dev/zero']],
    ['a list of folders', ['backend', '--check', '--from', '/dev/zero']],
    ['denied calls', ['explain', '--denied', '/dev/zero']],
    ['a log', ['permissions', 'terraform', '--log', '/dev/zero']],
    ['variables', ['permissions', 'terraform', '--var-file', '/dev/zero']],
  ])('%s without an end is refused with an explanation', async (_, args) => {
    const cwd = folderWith({ 'crc.config.json': readFileSync(EXAMPLE, 'utf8'), 'main.tf': 'variable "a" {}' });
    const { message } = await isRefused(args, cwd);
    expect(message).toMatch(/too large|larger than|a device/);
  });

  it.each([
    ['package.json', ['workflow']],
    ['package.json', ['init', '--account', '123456789012', '--repository', 'o/r', '--region', 'eu-west-2']],
    ['.gitignore', ['init', '--account', '123456789012', '--repository', 'o/r', '--region', 'eu-west-2']],
    ['functions/increment-visits/package.json', ['workflow']],
  ])('a pipe by the name %s is not waited for: %j', async (name, args) => {
    const config = args[0] === 'init' ? undefined : readFileSync(EXAMPLE, 'utf8');
    const cwd = folderWith({ 'functions/increment-visits/index.ts': '', ...(config && { 'crc.config.json': config }) });
    execFileSync('mkfifo', [join(cwd, name)]);
    const { code, out } = await crc([...args, '--json'], cwd);
    const { error } = errorDocumentSchema.parse(JSON.parse(out));
    expect([code, error.message]).toEqual([1, expect.stringMatching(/: it is a pipe, a socket or a device\.$/)]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'the name %s is handled like any other, or refused',
    async (name) => {
      const text = JSON.stringify({
        ...exampleConfig(),
        tags: JSON.parse(`{ "${name}": "x" }`),
        roles: [{ ...exampleConfig().roles[0], name, policyName: name }],
      });
      try {
        const config = parseConfig(text, 'crc.config.json');
        expect([config.roles[0]?.name, Object.keys(config.tags)]).toEqual([name, [name]]);
      } catch (error) {
        expect(error).toBeInstanceOf(CrcError);
      }
      expect(({} as { x?: string }).x).toBeUndefined();
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    },
  );

  it('names with shell characters that AWS allows are quoted in shell commands and HCL', async () => {
    const config = exampleConfig();
    delete config.functions;
    config.roles[0].state[0].key = `a "b' $(touch pwned) \`id\`/t.tfstate`;
    const cwd = writeConfig(config);
    const { code, out } = await crc(['backend'], cwd);
    expect([code, out]).toEqual([0, expect.stringContaining('"a \\"b\' $(touch pwned) `id`/t.tfstate"')]);
    expect(existsSync(join(cwd, 'pwned'))).toBe(false);
  });

  it.each([
    ['..', /must stay inside/],
    ['../other', /must stay inside/],
    ['functions/../../other', /must stay inside/],
    ['/etc', /must be relative/],
    ['~/x', /must be relative/],
    ['C:\\x', /must be relative/],
  ])('a source of %s is not read', async (source, message) => {
    const config = exampleConfig();
    config.functions[0].source = source;
    const { issues = [] } = await isRefused(['deploy-function'], writeConfig(config));
    expect(issues).toMatchObject([{ path: 'functions[0].source', message: expect.stringMatching(message) }]);
  });

  it('a symlink out of the source is not followed', async () => {
    const { sourceFolder } = await import('../../src/package/files.ts');
    const outside = folderWith({ secret: 'MARKED' });
    const cwd = folderWith({ 'index.py': 'def handler(): pass' });
    mkdirSync(join(cwd, 'inner'));
    symlinkSync(join(outside, 'secret'), join(cwd, 'inner', 'linked.py'));
    symlinkSync(outside, join(cwd, 'folder'));
    const files = await sourceFolder(cwd, { root: cwd, include: [] }).catch((error: unknown) => error);
    if (files instanceof Error) expect(files).toBeInstanceOf(CrcError);
    expect(JSON.stringify(files)).not.toContain(Buffer.from('MARKED').toString('base64'));
    expect(JSON.stringify(files)).not.toContain('MARKED');
  });
});

describe('any input', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...COMMANDS.flatMap(({ name }) => name.split(' ')).filter((name) => !['sandbox', 'demo', 'init'].includes(name)),
    ),
    fc.constantFrom(
      ...Object.keys(BAD_VALUES),
      '--json',
      '--dry-run',
      '--yes',
      '--adopt',
      '--prune',
      '--markdown',
      '--no-color',
      '--verbose',
      '--help',
      '--version',
      '--',
      '-h',
      '--delete-state',
    ),
    fc.constantFrom('__proto__', 'IncrementVisits', 'verify', 'role/x', '$(id)', 'a\nb', '\u001b[2J', '{}', '@x', '-'),
    fc.string(),
  );

  it('as arguments exits with 0, 1 or 2 and an explanation', async () => {
    const cwd = writeConfig({ region: 'eu-west-2', stateBucket: { name: 'my-bucket' } });
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (args) => {
        // `-` would read the stdin of the test process.
        fc.pre(!args.includes('-'));
        const { code, out, err } = await crc(args, cwd);
        expect([0, 1, 2]).toContain(code);
        expect(out + err).not.toMatch(/^error: Unexpected|\n\s+at \w/);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('as a policy document is normalized and evaluated', () => {
    const key = fc.constantFrom(
      'Statement',
      'Effect',
      'Principal',
      'NotPrincipal',
      'Action',
      'Condition',
      'StringLike',
      'Federated',
      'Sid',
      'Version',
      '__proto__',
      'constructor',
    );
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Json>('Allow', 'Deny', '*', 'sts:*', '', null, true, 0),
        fc.string(),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(key, tie('json'), { maxKeys: 5 }) as fc.Arbitrary<Json>,
      ),
    }));
    fc.assert(
      fc.property(json, (document) => {
        const form = canonical(document);
        expect(canonical(form)).toEqual(form);
        const { verdict } = evaluate(document, { provider: 'p', valueOf: () => null });
        expect(['can', 'cannot', 'unknown']).toContain(verdict);
      }),
      { numRuns: 2_000 },
    );
  });
});
