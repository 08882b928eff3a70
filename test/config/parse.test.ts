import fc from 'fast-check';
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

/** The example, bent. */
function bent(change: (config: LooseConfig) => void): string {
  const config = exampleConfig();
  change(config);
  return JSON.stringify(config);
}

describe('project', () => {
  it('is what the config says, or else the name of the state bucket', () => {
    expect(
      parseConfig(
        bent((config) => Object.assign(config, { project: 'resume-2.0_x' })),
        'c',
      ).project,
    ).toBe('resume-2.0_x');
    expect(
      parseConfig(
        bent(() => undefined),
        'c',
      ).project,
    ).toBe('abcdef-terraform-state');
  });
});

describe('the example', () => {
  it('is right, and normalised', () => {
    const { $schema: _, ...expected } = exampleConfig();
    const [role] = expected.roles;
    expect(parseConfig(JSON.stringify(exampleConfig()), 'config.example.json')).toEqual({
      ...expected,
      project: 'abcdef-terraform-state',
      roles: [{ ...role, crc: [] }],
    });
  });

  it('has defaults for what may be left out', () => {
    const text =
      '{ "region": "eu-west-2", "stateBucket": { "name": "my-bucket" }, "lockTable": { "name": "locks" }, "roles": [{ "name": "R", "trust": { "repository": "o/r", "subjects": ["*"] } }] }';
    expect(parseConfig(text, 'c')).toEqual({
      project: 'my-bucket',
      region: 'eu-west-2',
      tags: {},
      stateBucket: { name: 'my-bucket', objectLock: false, encryption: { algorithm: 'AES256' } },
      lockTable: { name: 'locks', capacity: { read: 5, write: 5 }, lockFile: false },
      oidcProvider: {
        url: 'https://token.actions.githubusercontent.com',
        audiences: ['sts.amazonaws.com'],
        thumbprints: [],
      },
      roles: [
        {
          name: 'R',
          policyName: 'TerraformPolicy',
          trust: { repository: 'o/r', subjects: ['*'] },
          state: [],
          crc: [],
          statements: [],
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

  it.each([
    ['{\n  "region": "eu-west-2"\n  "tags": {}\n}', /^crc\.config\.json:3:3: expected a comma/],
    ['{ "region": eu }', /:1:13: this is neither a value nor a string in double quotes/],
    ['{ "region": "eu-west-2"', /:1:24: expected a closing \}/],
    ['{ "region": "eu-west-2 }', /:1:13: this string has no closing quote/],
    ['', /:1:1: expected a value/],
    ['{} {}', /:1:4: the config ends before this/],
  ])('%j is a syntax error with its place', (text, message) => {
    expect(issuesOf(text)).toEqual([{ path: '', message: expect.stringMatching(message) }]);
  });

  it.each([
    ['lists', '['.repeat(400_000)],
    ['objects', '{"a":'.repeat(100_000)],
    ['whole lists', `${'['.repeat(51)}${']'.repeat(51)}`],
  ])('nested too deep, in %s, is an error in words', (_, text) => {
    expect(issuesOf(text)).toEqual([
      { path: '', message: expect.stringMatching(/^crc\.config\.json:1:\d+: this is nested more than 50 levels deep/) },
    ]);
  });

  it('takes what is nested as a condition of IAM is, and braces in strings and comments', () => {
    const text = bent(
      role(
        set('statements', [
          { Effect: 'Deny', Action: '['.repeat(60), Resource: '*', Condition: { Bool: { x: [true] } } },
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
    expect(issuesOf(text).map((one) => one.message)).toContainEqual(expect.stringMatching(message));
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'prototype'])('%s is an unknown key like any other', (key) => {
    const text = bent((config) => {
      config[key] = {};
      config.roles[0][key] = 1;
      config.functions[0].url.cors[key] = 1;
    });
    const paths = issuesOf(text).map(({ path }) => path);
    expect(paths.sort()).toEqual([key, `roles[0].${key}`, `functions[0].url.cors.${key}`].sort());
  });

  it('knows a key twice however it is written', () => {
    expect(
      issuesOf('{ "region": "eu-west-2", "\\u0072egion": "eu-west-1", "stateBucket": { "name": "my-bucket" } }'),
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
      const issues = issuesOf(bent(change));
      expect(issues).toEqual([{ path, message: expect.stringMatching(message) }]);
    },
  );

  it('gives all problems at once: of the values, and across those that are right', () => {
    const text = bent((config) => {
      config.region = 'nowhere';
      config.stateBucket.name = 'X';
      config.functions[0].memoryMb = 1;
      anotherRole(config, { state: config.roles[0].state });
    });
    expect(issuesOf(text).map(({ path }) => path)).toEqual([
      'region',
      'stateBucket.name',
      'functions[0].memoryMb',
      'roles[1].state[0].key',
    ]);
  });

  it('takes --region for the config’s, and names it when it is wrong', () => {
    const text = JSON.stringify(exampleConfig());
    expect(parseConfig(text, 'c', 'us-east-1').region).toBe('us-east-1');
    expect(issuesOf(text, 'nowhere')).toEqual([
      { path: '--region', message: expect.stringMatching(/not an AWS region/) },
    ]);
  });

  it('never repeats the value of an environment variable', () => {
    const text = bent(fn(set('environment', { SECRET: 42, A: 'hunter2', OK_ONE: { deep: 'hunter2' } })));
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
    ['the wrapper of Lambda, which is the user’s', fn(set('environment', { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' }))],
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
          { Sid: 'A1', Effect: 'Deny', NotAction: ['a'], NotResource: 'b', Condition: { Bool: { x: true } } },
        ]),
      ),
    ],
    ['China', (config) => Object.assign(config, { region: 'cn-north-1' })],
  ])('takes %s', (_, change) => {
    expect(issuesOf(bent(change))).toEqual([]);
  });
});

describe('any input', () => {
  it('is a config or a CrcError, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => Array.isArray(issuesOf(text))));
  });

  it('is a config or a CrcError, whatever stands where a value should', () => {
    const places = ['region', 'accountId', 'tags', 'stateBucket', 'lockTable', 'oidcProvider', 'roles', 'functions'];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) =>
        Array.isArray(issuesOf(bent(set(place, value)))),
      ),
    );
  });

  it('is a config or a CrcError, whatever a role or a function holds', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.boolean(), (key, value, inRole) =>
        Array.isArray(issuesOf(bent(({ roles, functions }) => set(key, value)(inRole ? roles[0] : functions[0])))),
      ),
    );
  });
});
