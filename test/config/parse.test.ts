import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { CrcError, type Issue } from '../../src/errors.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

function issuesOf(text: string, region?: string): readonly Issue[] {
  try {
    parseConfig(text, '/x/crc.config.json', region);
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

describe('the example', () => {
  it('is right, and normalised', () => {
    const { $schema: _, ...expected } = exampleConfig();
    const [role] = expected.roles;
    expect(parseConfig(JSON.stringify(exampleConfig()), 'config.example.json')).toEqual({
      ...expected,
      roles: [{ ...role, crc: [] }],
    });
  });

  it('has defaults for what may be left out', () => {
    const text =
      '{ "region": "eu-west-2", "stateBucket": { "name": "my-bucket" }, "lockTable": { "name": "locks" }, "roles": [{ "name": "R", "trust": { "repository": "o/r", "subjects": ["*"] } }] }';
    expect(parseConfig(text, 'c')).toEqual({
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

  it('may not have a key twice, nor __proto__', () => {
    const text =
      '{ "region": "eu-west-2", "region": "eu-west-1", "stateBucket": { "name": "my-bucket", "__proto__": {} } }';
    expect(issuesOf(text).map(({ path }) => path)).toEqual(['region', 'stateBucket.__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

type Case = readonly [path: string, message: RegExp, change: (config: LooseConfig) => void];

const role = (change: (role: LooseConfig) => void) => (config: LooseConfig) => change(config.roles[0]);
const fn = (change: (fn: LooseConfig) => void) => (config: LooseConfig) => change(config.functions[0]);
const set = (key: string, value: unknown) => (target: LooseConfig) => {
  target[key] = value;
};
const anotherRole = (config: LooseConfig, change: object) =>
  config.roles.push({ ...structuredClone(config.roles[0]), name: 'Another', state: [], ...change });
const long = (length: number) => 'a'.repeat(length);

const CASES: readonly Case[] = [
  ['region', /"eu-west-2"/, set('region', 'EU-WEST-2')],
  ['region', /not an AWS region/, set('region', 'london')],
  ['region', /is missing; write a string/, (config) => delete config.region],
  ['accountId', /12 digits/, set('accountId', '1234')],
  ['accountId', /must be a string: put it in double quotes/, set('accountId', 123456789012)],
  ['bogus', /unknown key; the keys here are .*stateBucket/, set('bogus', 1)],
  ['stateBucket.bogus', /unknown key; the keys here are name, /, ({ stateBucket }) => set('bogus', 1)(stateBucket)],
  ['tags["aws:x"]', /AWS keeps for itself/, set('tags', { 'aws:x': 'y' })],
  ['tags.managedBy', /leave it out/, set('tags', { managedBy: 'me' })],
  ['tags["a*"]', /may only have/, set('tags', { 'a*': 'y' })],
  ['tags.a', /at most 256/, set('tags', { a: long(257) })],
  ['tags', /at most 49/, set('tags', Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`t${i}`, ''])))],
  ...(
    [
      ['ab', /3 to 63/],
      [long(64), /3 to 63/],
      ['My-bucket', /write "my-bucket"/],
      ['my_bucket', /small letters, digits/],
      ['-bucket', /start and end/],
      ['bucket-', /start and end/],
      ['my..bucket', /two dots/],
      ['192.168.0.1', /IP address/],
      ['xn--bucket', /must not start with "xn--"/],
      ['sthree-bucket', /must not start with/],
      ['amzn-s3-demo-bucket', /must not start with/],
      ['bucket-s3alias', /must not end with/],
      ['bucket--ol-s3', /must not end with/],
      ['bucket.mrap', /must not end with/],
      ['bucket--x-s3', /must not end with/],
      ['bucket--table-s3', /must not end with/],
      ['bucket-210987654321-eu-west-2-an', /write "PREFIX-123456789012-eu-west-2-an"/],
    ] as const
  ).map(([name, message]): Case => ['stateBucket.name', message, ({ stateBucket }) => set('name', name)(stateBucket)]),
  ['stateBucket.objectLock.days', /from 1 to 36500/, ({ stateBucket }) => set('days', 0)(stateBucket.objectLock)],
  ['stateBucket.objectLock.days', /whole number/, ({ stateBucket }) => set('days', 1.5)(stateBucket.objectLock)],
  [
    'stateBucket.objectLock.mode',
    /"COMPLIANCE" or "GOVERNANCE"/,
    ({ stateBucket }) => set('mode', 'x')(stateBucket.objectLock),
  ],
  ['stateBucket.objectLock', /must be false, or like/, ({ stateBucket }) => set('objectLock', true)(stateBucket)],
  [
    'stateBucket.encryption.algorithm',
    /"AES256" or "aws:kms"/,
    ({ stateBucket }) => set('encryption', { algorithm: 'none' })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /is missing: aws:kms needs a key/,
    ({ stateBucket }) => set('encryption', { algorithm: 'aws:kms' })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /does not go with AES256/,
    ({ stateBucket }) => set('encryption', { algorithm: 'AES256', keyArn: KEY_ARN })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /is an alias/,
    ({ stateBucket }) =>
      set('encryption', { algorithm: 'aws:kms', keyArn: 'arn:aws:kms:eu-west-2:123456789012:alias/x' })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /not a full key ARN/,
    ({ stateBucket }) => set('encryption', { algorithm: 'aws:kms', keyArn: '1234abcd' })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /a key in eu-west-1.*a key in eu-west-2/,
    ({ stateBucket }) =>
      set('encryption', { algorithm: 'aws:kms', keyArn: KEY_ARN.replace('eu-west-2', 'eu-west-1') })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /partition aws-cn/,
    ({ stateBucket }) =>
      set('encryption', { algorithm: 'aws:kms', keyArn: KEY_ARN.replace('arn:aws', 'arn:aws-cn') })(stateBucket),
  ],
  [
    'stateBucket.noncurrentVersions.keep',
    /from 1 to 100/,
    ({ stateBucket }) => set('noncurrentVersions', { expireAfterDays: 1, keep: 101 })(stateBucket),
  ],
  ['lockTable.name', /3 to 255/, ({ lockTable }) => set('name', 'ab')(lockTable)],
  ['lockTable.name', /letters, digits/, ({ lockTable }) => set('name', 'a b c')(lockTable)],
  ['lockTable.capacity', /"on-demand", or like/, ({ lockTable }) => set('capacity', 'lots')(lockTable)],
  ['lockTable.capacity.read', /from 1/, ({ lockTable }) => set('capacity', { read: 0, write: 5 })(lockTable)],
  [
    'oidcProvider.url',
    /write "https:\/\/token\.actions\.githubusercontent\.com"/,
    ({ oidcProvider }) => set('url', 'https://token.actions.githubusercontent.com/')(oidcProvider),
  ],
  [
    'oidcProvider.url',
    /write "https:\/\/token\./,
    ({ oidcProvider }) => set('url', 'http://Token.Actions.githubusercontent.com:8443/?x')(oidcProvider),
  ],
  ['oidcProvider.url', /not a URL/, ({ oidcProvider }) => set('url', 'github')(oidcProvider)],
  ['oidcProvider.audiences', /at least 1 entry/, ({ oidcProvider }) => set('audiences', [])(oidcProvider)],
  ['oidcProvider.audiences[1]', /twice/, ({ oidcProvider }) => set('audiences', ['a', 'a'])(oidcProvider)],
  ['oidcProvider.thumbprints[0]', /40 hexadecimal/, ({ oidcProvider }) => set('thumbprints', ['abc'])(oidcProvider)],
  [
    'oidcProvider.thumbprints',
    /at most 5/,
    ({ oidcProvider }) =>
      set(
        'thumbprints',
        [...'abcdef'].map((one) => one.repeat(40)),
      )(oidcProvider),
  ],
  ['roles[0].name', /1 to 64/, role(set('name', long(65)))],
  ['roles[0].name', /letters, digits and/, role(set('name', 'a/b'))],
  ['roles[0].policyName', /letters, digits and/, role(set('policyName', 'a b'))],
  [
    'roles[1].name',
    /is the name of the role of roles\[0\] too/,
    (config) => anotherRole(config, { name: 'GITHUBACTIONSTERRAFORMROLE' }),
  ],
  [
    'roles[1].name',
    /role of functions\[0\] too/,
    (config) => anotherRole(config, { name: 'incrementvisits-EXECUTION' }),
  ],
  [
    'roles[0].trust.repository',
    /repositories of strangers.*"owner\/name"/,
    role(({ trust }) => set('repository', 'githubaccountname/*')(trust)),
  ],
  ['roles[0].trust.repository', /strangers/, role(({ trust }) => set('repository', 'git*/r')(trust))],
  ['roles[0].trust.repository', /strangers/, role(({ trust }) => set('repository', '${aws:username}/r')(trust))],
  [
    'roles[0].trust.repository',
    /write "o\/r"/,
    role(({ trust }) => set('repository', 'https://github.com/o/r.git')(trust)),
  ],
  ['roles[0].trust.repository', /write "o\/r"/, role(({ trust }) => set('repository', 'repo:o/r')(trust))],
  ['roles[0].trust.repository', /not a GitHub repository/, role(({ trust }) => set('repository', 'justaname')(trust))],
  ['roles[0].trust.repositoryId', /both ids or none.*gh api/, role(({ trust }) => set('ownerId', 1)(trust))],
  ['roles[0].trust.subjects', /at least 1/, role(({ trust }) => set('subjects', [])(trust))],
  ...(
    [
      ['repo:*', /must not start with "repo:"/],
      ['repo:o/r:*', /must not start with "repo:"/],
      ['', /is empty/],
      ['environment:${x}', /variable/],
      ['environment:a b', /spaces/],
      ['main', /"ref:refs\/heads\/main".*"environment:main"/],
      ['refs/heads/main', /write "ref:refs\/heads\/main"/],
      ['branch:main', /write "ref:refs\/heads\/main"/],
      ['tag:v1', /write "ref:refs\/tags\/v1"/],
      ['pull_request:main', /write "pull_request"/],
    ] as const
  ).map(
    ([subject, message]): Case => [
      'roles[0].trust.subjects[0]',
      message,
      role(({ trust }) => set('subjects', [subject])(trust)),
    ],
  ),
  ['roles[0].trust.subjects[1]', /twice/, role(({ trust }) => set('subjects', ['*', '*'])(trust))],
  [
    'roles[0].trust.subjects',
    /trust policy of \d+ characters, and IAM takes 2048/,
    role(({ trust }) =>
      set(
        'subjects',
        Array.from({ length: 40 }, (_, i) => `environment:an-environment-${i}`),
      )(trust),
    ),
  ],
  ...(
    [
      ['/a', /write "a"/],
      ['a/', /end with a slash/],
      ['a//b', /write "a\/b"/],
      ['a/*', /other keys too/],
      ['a?', /other keys too/],
      ['a${b}', /other keys too/],
      ['env:/a', /workspaces/],
      ['a.tflock', /lock file/],
      ['a\nb', /control/],
      ['', /is empty/],
      [long(1001), /at most 1000/],
    ] as const
  ).map(([key, message]): Case => ['roles[0].state[0].key', message, role(set('state', [{ key, access: 'write' }]))]),
  [
    'roles[1].state[0].key',
    /written by GitHubActionsTerraformRole too \(roles\[0\]\.state\[0\]\.key\)/,
    (config) => anotherRole(config, { state: config.roles[0].state }),
  ],
  ['roles[0].state[1].key', /twice/, role((one) => one.state.push({ ...one.state[0], access: 'read' }))],
  [
    'roles[0].state[1].key',
    /digest of "github-oidc/,
    role((one) => one.state.push({ key: `${one.state[0].key}-md5`, access: 'write' })),
  ],
  [
    'roles[1].state[0].key',
    /could use the workspaces/,
    (config) => anotherRole(config, { state: [{ key: `x/${config.roles[0].state[0].key}`, access: 'write' }] }),
  ],
  ['roles[0].state[0].access', /"read" or "write"/, role((one) => set('access', 'admin')(one.state[0]))],
  [
    'roles[0].statements[0]',
    /either Action or NotAction/,
    role(set('statements', [{ Effect: 'Allow', Resource: '*' }])),
  ],
  [
    'roles[0].statements[0]',
    /either Resource or NotResource/,
    role(set('statements', [{ Effect: 'Allow', Action: 'a', Resource: '*', NotResource: '*' }])),
  ],
  [
    'roles[0].statements[0].Principal',
    /unknown key/,
    role(set('statements', [{ Effect: 'Allow', Action: 'a', Resource: '*', Principal: '*' }])),
  ],
  [
    'roles[0].statements[0].Effect',
    /"Allow" or "Deny"/,
    role(set('statements', [{ Effect: 'allow', Action: 'a', Resource: '*' }])),
  ],
  [
    'roles[0].statements[0].Sid',
    /letters and digits/,
    role(set('statements', [{ Sid: 'a-b', Effect: 'Allow', Action: 'a', Resource: '*' }])),
  ],
  [
    'roles[0].statements[0].Sid',
    /"Crc"/,
    role(set('statements', [{ Sid: 'CrcX', Effect: 'Allow', Action: 'a', Resource: '*' }])),
  ],
  [
    'roles[0].statements[1].Sid',
    /twice/,
    role(
      set(
        'statements',
        [1, 2].map(() => ({ Sid: 'A', Effect: 'Allow', Action: 'a', Resource: '*' })),
      ),
    ),
  ],
  [
    'roles[0].statements',
    /inline policy of \d+ characters, and IAM takes 10240/,
    role(
      set('statements', [
        {
          Effect: 'Allow',
          Action: 'a',
          Resource: Array.from({ length: 300 }, (_, i) => `arn:aws:s3:::a-bucket-with-a-name-${i}`),
        },
      ]),
    ),
  ],
  ['roles[0].managedPolicyArns[0]', /not the ARN of a policy/, role(set('managedPolicyArns', ['ReadOnlyAccess']))],
  [
    'roles[0].managedPolicyArns[0]',
    /partition aws-cn, and eu-west-2 is in aws/,
    role(set('managedPolicyArns', ['arn:aws-cn:iam::aws:policy/ReadOnlyAccess'])),
  ],
  [
    'roles[0].permissionsBoundary',
    /not the ARN of a policy/,
    role(set('permissionsBoundary', 'arn:aws:iam::123456789012:role/x')),
  ],
  ['roles[0].maxSessionSeconds', /from 3600 to 43200/, role(set('maxSessionSeconds', 60))],
  ['roles[0].crc[0]', /"verify" or "deploy-function"/, role(set('crc', ['bootstrap']))],
  ['functions[0].name', /at most 54/, fn(set('name', long(55)))],
  ['functions[0].name', /letters, digits/, fn(set('name', 'a.b'))],
  [
    'functions[1].name',
    /name of functions\[0\] too/,
    (config) => config.functions.push(structuredClone(config.functions[0])),
  ],
  ['functions[0].source', /leave ".." out/, fn(set('source', '../x'))],
  ['functions[0].source', /must be relative/, fn(set('source', '/etc'))],
  ['functions[0].runtime', /deprecated by AWS on 2025-09-01; write "nodejs24.x"/, fn(set('runtime', 'nodejs18.x'))],
  ['functions[0].runtime', /deprecated by AWS on 2026-04-30; write "nodejs24.x"/, fn(set('runtime', 'nodejs20.x'))],
  ['functions[0].runtime', /deprecated by AWS on 2025-12-15; write "python3.14"/, fn(set('runtime', 'python3.9'))],
  ['functions[0].runtime', /write one of/, fn(set('runtime', 'java21'))],
  ['functions[0].handler', /FILE\.EXPORT/, fn(set('handler', 'index'))],
  ['functions[0].memoryMb', /from 128/, fn(set('memoryMb', 64))],
  ['functions[0].timeoutSeconds', /to 900/, fn(set('timeoutSeconds', 901))],
  ['functions[0].environment.A', /two characters/, fn(set('environment', { A: 'x' }))],
  ['functions[0].environment.AWS_REGION', /set by Lambda itself/, fn(set('environment', { AWS_REGION: 'x' }))],
  ['functions[0].environment.AWS_LAMBDA_X', /set by Lambda itself/, fn(set('environment', { AWS_LAMBDA_X: 'x' }))],
  ['functions[0].environment.A-B', /start with a letter/, fn(set('environment', { 'A-B': 'x' }))],
  ['functions[0].environment', /over 4 KB/, fn(set('environment', { BIG: long(4096) }))],
  ['functions[0].table.name', /the lock table/, fn(set('table', { name: 'abcdef-terraform-locking', hashKey: 'Id' }))],
  [
    'functions[1].table.hashKey',
    /write "Id"/,
    (config) =>
      config.functions.push({
        ...structuredClone(config.functions[0]),
        name: 'Other',
        table: { name: 'Visits', hashKey: 'Key' },
      }),
  ],
  ['functions[0].url.cors.allowMethods[0]', /preflight/, fn(({ url }) => set('allowMethods', ['OPTIONS'])(url.cors))],
  [
    'functions[0].url.cors.allowMethods[0]',
    /capital letters: "GET"/,
    fn(({ url }) => set('allowMethods', ['get'])(url.cors)),
  ],
  [
    'functions[0].url.cors.allowOrigins[0]',
    /write "https:\/\/x\.com"/,
    fn(({ url }) => set('allowOrigins', ['https://x.com/'])(url.cors)),
  ],
  [
    'functions[0].url.cors.allowOrigins[0]',
    /write "https:\/\/x\.com"/,
    fn(({ url }) => set('allowOrigins', ['https://x.com/path'])(url.cors)),
  ],
  ['functions[0].url.cors.allowOrigins[0]', /not an origin/, fn(({ url }) => set('allowOrigins', ['x.com'])(url.cors))],
  [
    'functions[0].url.cors.allowOrigins',
    /together with allowCredentials/,
    fn(({ url }) => Object.assign(url.cors, { allowOrigins: ['*'], allowCredentials: true })),
  ],
  ['functions[0].logRetentionDays', /must be one of 1, 3, 5/, fn(set('logRetentionDays', 10))],
];

describe('rules', () => {
  it.each(CASES.map(([path, message, change], index) => [index, path, message, change] as const))(
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
