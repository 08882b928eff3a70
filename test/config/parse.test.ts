import fc from 'fast-check';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { CrcError, type Issue } from '../../src/errors.ts';
import { anotherRole, BAD_CONFIGS, fn, KEY_ARN, role, set } from '../helpers/bad-configs.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';

function issuesOf(text: string, region?: string): readonly Issue[] {
  try {
    parseConfig(text, 'crc.config.json', region);
    return [];
  } catch (error) {
    if (!(error instanceof CrcError)) throw error;
    return error.issues ?? [{ path: '', message: error.message }];
  }
}

/** The issues without their positions, which are tested separately. */
function problemsOf(text: string, region?: string): readonly Issue[] {
  return issuesOf(text, region).map(({ path, message }) => ({ path, message }));
}

/** The example config after a change, as JSON. */
function changedExample(change: (config: LooseConfig) => void): string {
  const config = exampleConfig();
  change(config);
  return JSON.stringify(config, null, 2);
}

/** Whether the position is the start of a key or value within the object or list that the path refers to. */
function isWithin(text: string, { path, place = '' }: Issue): boolean {
  const [line = 0, column = 0] = place.split(':').slice(1).map(Number);
  const before = text.split('\n').slice(0, line - 1);
  const offset = before.reduce((sum, line) => sum + line.length + 1, 0) + column - 1;
  const segments = [...path.matchAll(/([\w$-]+)|\[(\d+)\]|\["([^"]*)"\]/g)].map(
    ([, key, index, quoted]) => key ?? quoted ?? Number(index),
  );
  const tree = parseTree(text);
  const parent = tree && findNodeAtLocation(tree, segments.slice(0, -1));
  return (
    /^["[{\w-]/.test(text.slice(offset)) &&
    parent !== undefined &&
    parent.offset <= offset &&
    offset < parent.offset + parent.length
  );
}

describe('project', () => {
  it('is the one in the config, or the name of the state bucket', () => {
    expect(
      parseConfig(
        changedExample((config) => Object.assign(config, { project: 'resume-2.0_x' })),
        'c',
      ).project,
    ).toBe('resume-2.0_x');
    expect(
      parseConfig(
        changedExample(() => undefined),
        'c',
      ).project,
    ).toBe('abcdef-terraform-state');
  });
});

describe('the example', () => {
  it('is valid and normalized', () => {
    const { $schema: _, ...expected } = exampleConfig();
    const [role] = expected.roles;
    const [functionConfig] = expected.functions;
    expect(parseConfig(JSON.stringify(exampleConfig()), 'config.example.json')).toEqual({
      ...expected,
      project: 'abcdef-terraform-state',
      stateBucket: { ...expected.stateBucket, region: 'eu-west-2' },
      roles: [
        {
          ...role,
          path: '/',
          state: [{ ...role.state[0], workspaceKeyPrefix: 'env:' }],
          inlinePolicies: {},
          crc: [],
        },
      ],
      functions: [
        {
          ...functionConfig,
          table: { ...functionConfig.table, hashKeyType: 'S', capacity: 'on-demand', access: 'update' },
          statements: [],
          url: { ...functionConfig.url, authType: 'NONE' },
        },
      ],
    });
  });

  it('has defaults for optional keys', () => {
    const text =
      '{ "region": "eu-west-2", "stateBucket": { "name": "my-bucket" }, "lockTable": { "name": "locks" }, "roles": [{ "name": "R", "trust": { "repository": "o/r", "subjects": ["*"] } }] }';
    expect(parseConfig(text, 'c')).toEqual({
      project: 'my-bucket',
      region: 'eu-west-2',
      tags: {},
      stateBucket: { name: 'my-bucket', region: 'eu-west-2', objectLock: false, encryption: { algorithm: 'AES256' } },
      lockTable: { name: 'locks', capacity: { read: 5, write: 5 }, lockFile: false },
      oidcProvider: {
        url: 'https://token.actions.githubusercontent.com',
        audiences: ['sts.amazonaws.com'],
        thumbprints: [],
      },
      roles: [
        {
          name: 'R',
          path: '/',
          policyName: 'TerraformPolicy',
          trust: { repository: 'o/r', subjects: ['*'] },
          state: [],
          crc: [],
          statements: [],
          inlinePolicies: {},
          managedPolicyArns: [],
          maxSessionSeconds: 3600,
        },
      ],
      functions: [],
    });
  });
});

describe('JSON', () => {
  it('may have comments, trailing commas and a byte order mark', () => {
    const text = '\uFEFF// mine\n{ "region": "eu-west-2", /* yes */ "stateBucket": { "name": "my-bucket", }, }';
    expect(parseConfig(text, 'c').stateBucket.name).toBe('my-bucket');
  });

  it.each<[string, RegExp]>([
    ['{\n  "region": "eu-west-2"\n  "tags": {}\n}', /^crc\.config\.json:3:3: expected a comma/],
    ['{ "region": eu }', /:1:13: this is neither a value nor a string in double quotes/],
    ['{ "region": "eu-west-2"', /:1:24: expected a closing \}/],
    ['{ "region": "eu-west-2 }', /:1:13: this string has no closing quote/],
    ['', /:1:1: expected a value/],
    ['{} {}', /:1:4: the config ends before this; remove everything after it/],
    [
      '{\n  "tags": {}\n\n  // next\n  "region": "eu-west-2" }',
      /:5:3: expected a comma before this, at the end of line 2\.$/,
    ],
    ['{ "tags": {} "region": "" }', /:1:14: expected a comma before this\.$/],
    ["{ 'region': 'eu-west-2' }", /:1:3: strings and keys need plain double quotes/],
    ['{ “region”: 1 }', /:1:3: strings and keys need plain double quotes/],
    ['{\n<<<<<<< HEAD\n}', /:2:1: this is a merge conflict marker/],
    ['region: eu-west-2\nroles:\n', /:1:1: this looks like YAML, and the config is JSON/],
    ['# mine\n---\nregion: x', /:1:1: this looks like YAML/],
    ['terraform {\n  backend "s3" {}\n}', /:1:1: this looks like Terraform/],
    ['bucket = "x"\n', /:1:1: this looks like Terraform/],
    ['export default {\n  region: 1,\n};', /:1:1: this looks like JavaScript/],
    ['module.exports = { region: 1 };', /:1:1: this looks like JavaScript/],
  ])('%j is a syntax error with its place', (text, message) => {
    expect(problemsOf(text)).toEqual([{ path: '', message: expect.stringMatching(message) }]);
  });

  it.each([
    ['lists', '['.repeat(400_000)],
    ['objects', '{"a":'.repeat(100_000)],
    ['entire lists', `${'['.repeat(51)}${']'.repeat(51)}`],
  ])('nested too deeply, in %s, is a clear error', (_, text) => {
    expect(problemsOf(text)).toEqual([
      { path: '', message: expect.stringMatching(/^crc\.config\.json:1:\d+: this is nested more than 50 levels deep/) },
    ]);
  });

  it('accepts nesting as deep as IAM conditions, and braces in strings and comments', () => {
    const text = changedExample(
      role(
        set('statements', [
          { Effect: 'Deny', Action: `s3:${'['.repeat(60)}`, Resource: '*', Condition: { Bool: { x: [true] } } },
        ]),
      ),
    );
    expect(issuesOf(`// ${'{'.repeat(60)}\n${text}`)).toEqual([]);
  });

  it.each([
    ['1e999', /whole number/],
    ['-1e999', /whole number/],
    ['1.5', /whole number/],
    ['90071992547409930', /whole number/],
    ['NaN', /neither a value nor a string/],
    ['Infinity', /neither a value nor a string/],
  ])('%s is not a whole number', (number, message) => {
    const text = `{ "region": "eu-west-2", "stateBucket": { "name": "my-bucket", "objectLock": { "mode": "GOVERNANCE", "days": ${number} } } }`;
    expect(issuesOf(text).map((issue) => issue.message)).toContainEqual(expect.stringMatching(message));
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'prototype'])('%s is an unknown key like any other', (key) => {
    const text = changedExample((config) => {
      config[key] = {};
      config.roles[0][key] = 1;
      config.functions[0].url.cors[key] = 1;
    });
    const paths = issuesOf(text).map(({ path }) => path);
    expect(paths.sort()).toEqual([key, `roles[0].${key}`, `functions[0].url.cors.${key}`].sort());
  });

  it('detects a duplicate key however it is escaped', () => {
    expect(
      problemsOf('{ "region": "eu-west-2", "\\u0072egion": "eu-west-1", "stateBucket": { "name": "my-bucket" } }'),
    ).toEqual([{ path: 'region', message: expect.stringMatching(/twice/) }]);
  });

  it('may not have a key twice, nor __proto__', () => {
    const text =
      '{ "region": "eu-west-2", "region": "eu-west-1", "stateBucket": { "name": "my-bucket", "__proto__": {} } }';
    expect(issuesOf(text).map(({ path }) => path)).toEqual(['region', 'stateBucket.__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('rules', () => {
  it.each(BAD_CONFIGS.map(([path, message, change], index) => [index, path, message, change] as const))(
    '%i %s: %s',
    (_, path, message, change) => {
      const text = changedExample(change);
      const issues = issuesOf(text);
      const place = expect.stringMatching(/^crc\.config\.json:\d+:\d+$/);
      expect(issues).toEqual([{ path, message: expect.stringMatching(message), line: expect.any(Number), place }]);
      expect(issues.filter((issue) => !isWithin(text, issue))).toEqual([]);
    },
  );

  it('reports all problems at once: of the values, and across valid ones, in the order of their lines', () => {
    const text = changedExample((config) => {
      config.region = 'nowhere';
      config.stateBucket.name = 'X';
      config.functions[0].memoryMb = 1;
      anotherRole(config, { state: config.roles[0].state });
    });
    expect(issuesOf(text).map(({ path }) => path)).toEqual([
      'region',
      'stateBucket.name',
      'roles[1].state[0].key',
      'functions[0].memoryMb',
    ]);
  });

  it('lets --region override the config, and names the flag if it is wrong', () => {
    const text = JSON.stringify(exampleConfig());
    expect(parseConfig(text, 'c', 'us-east-1').region).toBe('us-east-1');
    expect(issuesOf(text, 'nowhere')).toEqual([
      { path: '--region', message: expect.stringMatching(/not an AWS region/) },
    ]);
  });

  it('never repeats the value of an environment variable', () => {
    const text = changedExample(fn(set('environment', { SECRET: 42, A: 'hunter2', OK_ONE: { deep: 'hunter2' } })));
    expect(JSON.stringify(issuesOf(text))).not.toMatch(/hunter2|42/);
  });

  it.each<[string, (config: LooseConfig) => void]>([
    [
      'two roles that read one state',
      (config) => anotherRole(config, { state: [{ ...config.roles[0].state[0], access: 'read' }] }),
    ],
    ['an account-regional bucket name', ({ stateBucket }) => set('name', 'abc-123456789012-eu-west-2-an')(stateBucket)],
    ['a key of KMS', ({ stateBucket }) => set('encryption', { algorithm: 'aws:kms', keyArn: KEY_ARN })(stateBucket)],
    ['no lock table', (config) => delete config.lockTable],
    [
      'an enterprise’s provider',
      ({ oidcProvider }) => set('url', 'https://token.actions.githubusercontent.com/acme')(oidcProvider),
    ],
    [
      'every kind of subject',
      role(({ trust }) =>
        set('subjects', [
          'ref:refs/heads/main',
          'environment:production',
          'pull_request',
          'ref:refs/tags/v*',
          'environment:Production%3AV1',
        ])(trust),
      ),
    ],
    ...[
      'environment:Production EU',
      'environment:продакшн',
      'environment:生产',
      'environment:Zürich',
      'environment:🏗️ build',
      'environment:a:job_workflow_ref:o/r/.github/workflows/a.yml@refs/heads/main',
      'job_workflow_ref:o/r/.github/workflows/a.yml@refs/heads/main',
      'repo_property_team:web',
      'ref:refs/*',
      'ref:refs/*/main',
      'ref:refs/h*',
      'ref:*',
      '*:refs/heads/main',
      'ref:refs/heads/MY_FEATURE',
    ].map((subject): [string, (config: LooseConfig) => void] => [
      `the subject ${subject}`,
      role(({ trust }) => set('subjects', [subject])(trust)),
    ]),
    ...['my state/a.tfstate', '.terraform/.tfstate.', 'a-md5/b', 'a..b', 'ü/ж.tfstate'].map(
      (key): [string, (config: LooseConfig) => void] => [
        `the key ${key}`,
        role(set('state', [{ key, access: 'write' }])),
      ],
    ),
    [
      "Lambda's wrapper variable, which users may set",
      fn(set('environment', { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' })),
    ],
    ['an environment of 4096 bytes', fn(set('environment', { BIG: 'é'.repeat(2_042) }))],
    [
      'tags and variables with names of Object’s',
      (config) => {
        config.tags = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
        config.functions[0].environment = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
      },
    ],
    ['an audience of one’s own', ({ oidcProvider }) => set('audiences', ['https://aws.example.com/'])(oidcProvider)],
    ['both ids', role(({ trust }) => Object.assign(trust, { ownerId: 1, repositoryId: 2 }))],
    ['a managed user', role(({ trust }) => set('repository', 'name_corp/repo.js')(trust))],
    [
      'a statement with a condition',
      role(
        set('statements', [
          {
            Sid: 'A1',
            Effect: 'Deny',
            NotAction: ['iam:*'],
            NotResource: 'arn:aws:s3:::b',
            Condition: { Bool: { x: true } },
          },
        ]),
      ),
    ],
    ['China', (config) => Object.assign(config, { region: 'cn-north-1' })],
  ])('takes %s', (_, change) => {
    expect(issuesOf(changedExample(change))).toEqual([]);
  });
});

describe('locations', () => {
  const text = [
    '\uFEFF// a comment',
    '{',
    '  "region": "eu-wset-2", "accountID": "123456789012",',
    '\t"stateBucket": {',
    '    "nome": "my-bucket" },',
    '  "roles": [ {',
    '    "name": "R", "trust": { "repository": "o/r",',
    '      "subjects": [ "*",',
    '        "ref:main" ] } } ],',
    '  "tags": { "aws:x": "y" }',
    '}',
  ].join('\r\n');

  it('are those of the value, of the key if the key is wrong, and of the object that lacks a key', () => {
    expect(issuesOf(text).map(({ path, place, line }) => [path, place, line])).toEqual([
      ['region', 'crc.config.json:3:13', 3],
      ['accountID', 'crc.config.json:3:26', 3],
      ['stateBucket.name', 'crc.config.json:4:17', 4],
      ['stateBucket.nome', 'crc.config.json:5:5', 5],
      ['roles[0].trust.subjects[1]', 'crc.config.json:9:9', 9],
      ['tags["aws:x"]', 'crc.config.json:10:13', 10],
    ]);
  });

  it('of a duplicate key is the second one', () => {
    const [issue] = issuesOf(
      '{\n"region": "eu-west-2",\n  "region": "eu-west-1", "stateBucket": { "name": "my-bucket" } }',
    );
    expect(issue).toMatchObject({ path: 'region', place: 'crc.config.json:3:3' });
  });

  it('are missing for flags', () => {
    expect(issuesOf(text, 'nowhere')[0]).toEqual({ path: '--region', message: expect.any(String) });
  });

  it('of a text that is not an object is its beginning', () => {
    expect(issuesOf('\n  []')).toMatchObject([{ path: '', place: 'crc.config.json:2:3', line: 2 }]);
  });
});

describe('an unknown key', () => {
  it.each<[string, (config: LooseConfig) => void, string, string]>([
    [
      'accountID',
      set('accountID', '1'),
      'accountID',
      'is an unknown key, and "accountId" is there as well; remove one of them',
    ],
    [
      'account_id',
      (config) => {
        delete config.accountId;
        config.account_id = '1';
      },
      'account_id',
      'is an unknown key; did you mean "accountId"?',
    ],
    [
      'memoryMB',
      fn((functionConfig) => {
        delete functionConfig.memoryMb;
        functionConfig.memoryMB = 128;
      }),
      'functions[0].memoryMB',
      'is an unknown key; did you mean "memoryMb"?',
    ],
    [
      'timeout',
      fn((functionConfig) => {
        delete functionConfig.timeoutSeconds;
        functionConfig.timeout = 3;
      }),
      'functions[0].timeout',
      'is an unknown key; did you mean "timeoutSeconds"?',
    ],
    [
      'memoryMb at the wrong level',
      set('memoryMb', 128),
      'memoryMb',
      'is an unknown key here; "memoryMb" belongs in functions[]',
    ],
    [
      'memoryMB at the wrong level',
      set('memoryMB', 128),
      'memoryMB',
      'is an unknown key here; "memoryMb" belongs in functions[]',
    ],
    [
      'region in a function',
      fn(set('region', 'eu-west-2')),
      'functions[0].region',
      'is an unknown key here; "region" belongs at the top level or in stateBucket',
    ],
    [
      'region in the lock table',
      ({ lockTable }) => set('region', 'us-east-1')(lockTable),
      'lockTable.region',
      'is an unknown key here; "region" belongs at the top level or in stateBucket',
    ],
    [
      'cors in a function',
      fn(set('cors', {})),
      'functions[0].cors',
      'is an unknown key here; "cors" belongs in functions[].url',
    ],
    [
      'subjects in a role',
      role(set('subjects', [])),
      'roles[0].subjects',
      'is an unknown key here; "subjects" belongs in roles[].trust',
    ],
    [
      'a key that belongs in many places',
      set('name', 'x'),
      'name',
      'is an unknown key; the keys here are project, region, accountId, tags, stateBucket, lockTable, oidcProvider, roles, functions',
    ],
  ])('%s', (_, change, path, message) => {
    expect(problemsOf(changedExample(change))).toEqual([{ path, message }]);
  });
});

describe('a missing value', () => {
  const required: readonly [path: string, remove: (config: LooseConfig) => void, message: string][] = [
    ['region', (config) => delete config.region, 'is required, for example "eu-west-2"'],
    [
      'stateBucket',
      (config) => delete config.stateBucket,
      'is required, for example { "name": "resume-terraform-state" }',
    ],
    [
      'roles[0].trust.subjects',
      role(({ trust }) => delete trust.subjects),
      'is required, for example ["ref:refs/heads/main"]',
    ],
    [
      'stateBucket.objectLock.mode',
      ({ stateBucket }) => delete stateBucket.objectLock.mode,
      'is required: "COMPLIANCE" or "GOVERNANCE"',
    ],
    [
      'stateBucket.objectLock.days',
      ({ stateBucket }) => delete stateBucket.objectLock.days,
      'is required, for example 5',
    ],
    ['functions[0].table.hashKey', fn(({ table }) => delete table.hashKey), 'is required, for example "Id"'],
  ];

  it.each(required)('%s', (path, remove, message) => {
    expect(problemsOf(changedExample(remove))).toEqual([{ path, message }]);
  });

  it('has an example or a choice for every key', () => {
    const text =
      '{ "lockTable": { "capacity": {} }, "stateBucket": { "objectLock": {}, "encryption": {}, "noncurrentVersions": {} }, "roles": [{ "state": [{}], "statements": [{ "Action": "a", "Resource": "b" }] }, { "trust": {} }], "functions": [{ "table": {} }] }';
    const missing = issuesOf(text).filter(({ message }) => message.startsWith('is required'));
    expect(missing.length).toBeGreaterThan(20);
    expect(missing.filter(({ message }) => !/^is required(, for example .|: (one of )?")/.test(message))).toEqual([]);
  });
});

describe('any input', () => {
  it('is a config or a CrcError, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => Array.isArray(issuesOf(text))));
  });

  it('is a config or a CrcError, whatever replaces a value', () => {
    const topLevelKeys = [
      'region',
      'accountId',
      'tags',
      'stateBucket',
      'lockTable',
      'oidcProvider',
      'roles',
      'functions',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...topLevelKeys), fc.jsonValue(), (topLevelKey, value) =>
        Array.isArray(issuesOf(changedExample(set(topLevelKey, value)))),
      ),
    );
  });

  it('is a config or a CrcError, whatever a role or a function contains', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.boolean(), (key, value, inRole) =>
        Array.isArray(
          issuesOf(changedExample(({ roles, functions }) => set(key, value)(inRole ? roles[0] : functions[0]))),
        ),
      ),
    );
  });
});
