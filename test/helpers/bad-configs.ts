import type { LooseConfig } from './configs.ts';

export const KEY_ARN = 'arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** Path of the problem, expected message, and the change to the example config that causes it. */
export type BadConfig = readonly [path: string, message: RegExp, change: (config: LooseConfig) => void];

export const role = (change: (role: LooseConfig) => void) => (config: LooseConfig) => change(config.roles[0]);
export const fn = (change: (fn: LooseConfig) => void) => (config: LooseConfig) => change(config.functions[0]);
export const set = (key: string, value: unknown) => (target: LooseConfig) => {
  target[key] = value;
};
export const anotherRole = (config: LooseConfig, change: object) =>
  config.roles.push({ ...structuredClone(config.roles[0]), name: 'Another', state: [], ...change });
const ROLE_ARN = 'arn:aws:iam::123456789012:role/mine';
const STATEMENT = { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' };
const statement = (change: object) => set('statements', [{ ...STATEMENT, ...change }]);
const long = (length: number) => 'a'.repeat(length);

/** A violation of each config rule. */
export const BAD_CONFIGS: readonly BadConfig[] = [
  ['region', /"eu-west-2"/, set('region', 'EU-WEST-2')],
  ['region', /not an AWS region/, set('region', 'london')],
  ['region', /is required, for example "eu-west-2"/, (config) => delete config.region],
  ['accountId', /12 digits/, set('accountId', '1234')],
  ['accountId', /must be a string: put it in double quotes/, set('accountId', 123456789012)],
  ['bogus', /unknown key; the keys here are .*stateBucket/, set('bogus', 1)],
  ['stateBucket.bogus', /unknown key; the keys here are name, /, ({ stateBucket }) => set('bogus', 1)(stateBucket)],
  ['tags["aws:x"]', /which AWS reserves/, set('tags', { 'aws:x': 'y' })],
  ['tags.managedBy', /leave it out/, set('tags', { managedBy: 'me' })],
  ['tags["CRC:owner"]', /crc reserves for its own tags/, set('tags', { 'CRC:owner': 'me' })],
  ['project', /1 to 128/, set('project', '')],
  ['project', /1 to 128/, set('project', long(129))],
  ['project', /write "resume"/, set('project', '-resume')],
  ['project', /may only contain letters/, set('project', 'my resume')],
  ['project', /must be a string/, set('project', 7)],
  ['tags.project', /differs from "Project" only in case/, set('tags', { Project: 'a', project: 'b' })],
  ['tags["a*"]', /may only contain/, set('tags', { 'a*': 'y' })],
  ['tags.a', /starts with "aws:"/, set('tags', { a: 'AWS:b' })],
  ['tags.a', /at most 256/, set('tags', { a: long(257) })],
  ['tags', /at most 48/, set('tags', Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`t${i}`, ''])))],
  ...(
    [
      ['ab', /3 to 63/],
      [long(64), /3 to 63/],
      ['My-bucket', /write "my-bucket"/],
      ['my_bucket', /lowercase letters, digits.*write "my-bucket"/],
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
      ['bucket-210987654321-eu-west-2-an', /write "bucket-123456789012-eu-west-2-an"/],
    ] as const
  ).map(
    ([name, message]): BadConfig => ['stateBucket.name', message, ({ stateBucket }) => set('name', name)(stateBucket)],
  ),
  ...['me-south-1', 'me-central-1'].map(
    (region): BadConfig => [
      'stateBucket.name',
      new RegExp(`and ${region} has no such names`),
      (config) => {
        config.region = region;
        config.stateBucket.name = `bucket-123456789012-${region}-an`;
      },
    ],
  ),
  ['stateBucket.region', /not an AWS region/, ({ stateBucket }) => set('region', 'virginia')(stateBucket)],
  ['stateBucket.region', /did you mean "us-east-1"/, ({ stateBucket }) => set('region', 'us-east1')(stateBucket)],
  [
    'stateBucket.region',
    /partition aws-us-gov, and eu-west-2 is in aws/,
    ({ stateBucket }) => set('region', 'us-gov-west-1')(stateBucket),
  ],
  [
    'stateBucket.name',
    /write "bucket-123456789012-us-east-1-an"/,
    ({ stateBucket }) => Object.assign(stateBucket, { region: 'us-east-1', name: 'bucket-123456789012-eu-west-2-an' }),
  ],
  [
    'stateBucket.encryption.keyArn',
    /a key in eu-west-2.*a key in us-east-1/,
    ({ stateBucket }) =>
      Object.assign(stateBucket, { region: 'us-east-1', encryption: { algorithm: 'aws:kms', keyArn: KEY_ARN } }),
  ],
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
    /one of "AES256", "aws:kms", "aws:kms:dsse"/,
    ({ stateBucket }) => set('encryption', { algorithm: 'none' })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /cannot be used with AES256/,
    ({ stateBucket }) => set('encryption', { algorithm: 'AES256', keyArn: KEY_ARN })(stateBucket),
  ],
  [
    'stateBucket.encryption.keyArn',
    /is AWS's own key; leave keyArn out/,
    ({ stateBucket }) => set('encryption', { algorithm: 'aws:kms', keyArn: 'alias/aws/s3' })(stateBucket),
  ],
  [
    'stateBucket.encryption.bucketKey',
    /can only be used with aws:kms/,
    ({ stateBucket }) => set('encryption', { algorithm: 'aws:kms:dsse', bucketKey: true })(stateBucket),
  ],
  ['roles[0].description', /at most 1000/, role(set('description', long(1001)))],
  ['roles[0].description', /Latin-1/, role(set('description', 'déployer – site'))],
  [
    'stateBucket.encryption.keyArn',
    /neither an alias nor a full key ARN/,
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
  ['lockTable.capacity', /"on-demand", "unmanaged", or like/, ({ lockTable }) => set('capacity', 'lots')(lockTable)],
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
  [
    'oidcProvider.url',
    /has U\+043E/,
    ({ oidcProvider }) => set('url', 'https://t\u043eken.actions.githubusercontent.com')(oidcProvider),
  ],
  ['oidcProvider.audiences[0]', /write "ab"/, ({ oidcProvider }) => set('audiences', ['a b'])(oidcProvider)],
  ['oidcProvider.url', /must be a URL/, ({ oidcProvider }) => set('url', 'github')(oidcProvider)],
  ['oidcProvider.audiences', /at least 1 entry/, ({ oidcProvider }) => set('audiences', [])(oidcProvider)],
  ['oidcProvider.audiences[1]', /twice/, ({ oidcProvider }) => set('audiences', ['a', 'a'])(oidcProvider)],
  ...(
    [
      ['*', /other services would be accepted; write "sts.amazonaws.com"/],
      ['sts.*', /other services/],
      ['sts?', /other services/],
      ['${aws:x}', /other services/],
      ['', /must not be empty/],
      [long(256), /at most 255/],
      ['sts.amazonaws.com ', /write "sts.amazonaws.com"/],
      ['sts.amazonaws\u200b.com', /U\+200B/],
    ] as const
  ).map(
    ([audience, message]): BadConfig => [
      'oidcProvider.audiences[0]',
      message,
      ({ oidcProvider }) => set('audiences', [audience])(oidcProvider),
    ],
  ),
  ['oidcProvider.thumbprints[0]', /40 hexadecimal/, ({ oidcProvider }) => set('thumbprints', ['abc'])(oidcProvider)],
  [
    'oidcProvider.thumbprints',
    /at most 5/,
    ({ oidcProvider }) =>
      set(
        'thumbprints',
        [...'abcdef'].map((digit) => digit.repeat(40)),
      )(oidcProvider),
  ],
  ['roles[0].name', /1 to 64/, role(set('name', long(65)))],
  ['roles[0].name', /letters, digits and/, role(set('name', 'a/b'))],
  ['roles[0].policyName', /letters, digits and/, role(set('policyName', 'a b'))],
  [
    'roles[1].name',
    /is also the name of the role of roles\[0\]/,
    (config) => anotherRole(config, { name: 'GITHUBACTIONSTERRAFORMROLE' }),
  ],
  [
    'roles[1].name',
    /also the name of the role of functions\[0\]/,
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
  [
    'roles[0].trust.repository',
    /must be a GitHub repository/,
    role(({ trust }) => set('repository', 'justaname')(trust)),
  ],
  ['roles[0].trust.repository', /has U\+043E/, role(({ trust }) => set('repository', '\u043e/r')(trust))],
  ['roles[0].trust.repository', /has U\+200D/, role(({ trust }) => set('repository', 'o/r\u200d')(trust))],
  ['roles[0].trust.repository', /write "o\/r"/, role(({ trust }) => set('repository', ' o/r ')(trust))],
  ['roles[0].trust.repository', /must be a GitHub repository/, role(({ trust }) => set('repository', 'o/..')(trust))],
  ['roles[0].trust.repository', /placeholder/, role(({ trust }) => set('repository', '<owner>/<name>')(trust))],
  [
    'roles[0].trust.repositoryId',
    /is required beside the other id.*gh api/,
    role(({ trust }) => set('ownerId', 1)(trust)),
  ],
  ['roles[0].trust.subjects', /at least 1/, role(({ trust }) => set('subjects', [])(trust))],
  ...(
    [
      ['repo:*', /must not start with "repo:"/],
      ['repo:o/r:*', /must not start with "repo:"/],
      ['', /must not be empty/],
      ['environment:${x}', /variable/],
      [' environment:a', /start or end with a space; write "environment:a"/],
      ['environment: a', /write "environment:a"/],
      ['environment:', /names no environment/],
      ['environment: ', /names no environment/],
      ['environment', /write "environment:NAME"/],
      ['Environment:a', /case-sensitive.*write "environment:a"/],
      ['env:a', /write "environment:a"/],
      ['enviroment:a', /GitHub does not send/],
      ['environment:Production:V1', /%3A; write "environment:Production%3AV1"/],
      [`environment:${'a'.repeat(256)}`, /GitHub allows 255/],
      ['environment:a\u200bb', /has U\+200B, an invisible character/],
      ['environment:a\u202eb', /has U\+202E/],
      ['environment:a\tb', /has U\+0009/],
      ['environment:pr\u043ed', /has U\+043E .*looks like another/],
      ['environment:\u0430\u0441\u0435', /has U\+0430 .*looks like another/],
      ['environment:\uff50rod', /has U\+FF50 .*looks like another/],
      ['environment:a\u00a0b', /has U\+00A0 .*looks like another/],
      ['environment:a1\ufe0f', /has U\+FE0F/],
      ['<branch>', /placeholder/],
      ['ref:refs/heads/<branch>', /placeholder/],
      ['ref:refs/heads/{{ branch }}', /placeholder/],
      ['environment:YOUR_ENVIRONMENT', /placeholder/],
      ['ref:main', /"ref:refs\/heads\/main" for the branch, or "ref:refs\/tags\/main"/],
      ['ref:refs/head/main', /write "ref:refs\/heads\/main"/],
      ['ref:refs/tag/v1', /write "ref:refs\/tags\/v1"/],
      ['ref:heads/main', /write "ref:refs\/heads\/main"/],
      ['ref:/refs/heads/main', /write "ref:refs\/heads\/main"/],
      ['ref:refs/heads/', /names no branch/],
      ['ref:refs/tags', /names no tag/],
      ['ref:refs/heads/a b', /has a space/],
      ['ref:refs/pull/*', /write "pull_request"/],
      ['ref:refs/pull/1/merge', /write "pull_request"/],
      ['refs/pull/1/merge', /write "pull_request"/],
      ['ref:refs/he?d/main', /is not what GitHub sends/],
      ['workflow_dispatch', /is an event, .* write that, for example "ref:refs\/heads\/main"/],
      ['merge_group', /is an event, .* write "ref:refs\/heads\/gh-readonly-queue\/\*"/],
      ['REF:refs/heads/main', /case-sensitive.*write "ref:refs\/heads\/main"/],
      ['refs:refs/heads/main', /write "ref:refs\/heads\/main"/],
      ['heads:main', /write "ref:refs\/heads\/main"/],
      ['Pull_Request', /write "pull_request"/],
      ['pr', /write "pull_request"/],
      ['main', /"ref:refs\/heads\/main".*"environment:main"/],
      ['refs/heads/main', /write "ref:refs\/heads\/main"/],
      ['branch:main', /write "ref:refs\/heads\/main"/],
      ['tag:v1', /write "ref:refs\/tags\/v1"/],
      ['pull_request:main', /write "pull_request"/],
    ] as const
  ).map(
    ([subject, message]): BadConfig => [
      'roles[0].trust.subjects[0]',
      message,
      role(({ trust }) => set('subjects', [subject])(trust)),
    ],
  ),
  ['roles[0].trust.subjects[1]', /twice/, role(({ trust }) => set('subjects', ['*', '*'])(trust))],
  [
    'roles[0].trust.subjects',
    /trust policy of \d+ characters, but IAM allows at most 8192/,
    role(({ trust }) =>
      set(
        'subjects',
        Array.from({ length: 100 }, (_, i) => `environment:an-environment-with-a-long-name-${i}`),
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
      ['a\nb', /has U\+000A/],
      ['a\u200bb', /has U\+200B/],
      [' a', /write "a"/],
      ['a ', /write "a"/],
      ['../a', /".." as a folder.*write "a"/],
      ['a/../b', /write "a\/b"/],
      ['./a', /write "a"/],
      ['', /must not be empty/],
      [long(1001), /at most 1000/],
    ] as const
  ).map(
    ([key, message]): BadConfig => ['roles[0].state[0].key', message, role(set('state', [{ key, access: 'write' }]))],
  ),
  [
    'roles[1].state[0].key',
    /written by GitHubActionsTerraformRole \(roles\[0\]\.state\[0\]\.key\)/,
    (config) => anotherRole(config, { state: config.roles[0].state }),
  ],
  ['roles[0].state[1].key', /twice/, role((config) => config.state.push({ ...config.state[0], access: 'read' }))],
  [
    'roles[0].state[1].key',
    /digest of "github-oidc/,
    role((config) => config.state.push({ key: `${config.state[0].key}-md5`, access: 'write' })),
  ],
  [
    'roles[1].state[0].key',
    /could use the workspaces/,
    (config) => anotherRole(config, { state: [{ key: `x/${config.roles[0].state[0].key}`, access: 'write' }] }),
  ],
  // With these keys, the lock items of one state's workspaces collide with the digests of the other state.
  [
    'roles[1].state[0].key',
    /could use the workspaces/,
    (config) => anotherRole(config, { state: [{ key: `x/${config.roles[0].state[0].key}-md5`, access: 'write' }] }),
  ],
  [
    'roles[0].state[0].key',
    /could use the workspaces/,
    (config) => anotherRole(config, { state: [{ key: 'terraform.tfstate-md5', access: 'write' }] }),
  ],
  ['roles[0].state[0].access', /"read" or "write"/, role((config) => set('access', 'admin')(config.state[0]))],
  [
    'roles[0].statements[0]',
    /either Action or NotAction/,
    role(set('statements', [{ Effect: 'Allow', Resource: '*' }])),
  ],
  [
    'roles[0].statements[0]',
    /either Resource or NotResource/,
    role(set('statements', [{ Effect: 'Allow', Action: 's3:*', Resource: '*', NotResource: '*' }])),
  ],
  [
    'roles[0].statements[0].Principal',
    /unknown key/,
    role(set('statements', [{ Effect: 'Allow', Action: 's3:*', Resource: '*', Principal: '*' }])),
  ],
  [
    'roles[0].statements[0].Effect',
    /"Allow" or "Deny"/,
    role(set('statements', [{ Effect: 'allow', Action: 's3:*', Resource: '*' }])),
  ],
  [
    'roles[0].statements[0].Sid',
    /letters and digits/,
    role(set('statements', [{ Sid: 'a-b', Effect: 'Allow', Action: 's3:*', Resource: '*' }])),
  ],
  [
    'roles[0].statements[0].Sid',
    /"Crc"/,
    role(set('statements', [{ Sid: 'CrcX', Effect: 'Allow', Action: 's3:*', Resource: '*' }])),
  ],
  [
    'roles[0].statements[1].Sid',
    /twice/,
    role(
      set(
        'statements',
        [1, 2].map(() => ({ Sid: 'A', Effect: 'Allow', Action: 's3:*', Resource: '*' })),
      ),
    ),
  ],
  ['roles[0].path', /must start and end with a slash.*write "\/ci\/"/, role(set('path', 'ci'))],
  ['roles[0].path', /write "\/c-i\/"/, role(set('path', '/c*i/'))],
  ['roles[0].path', /write "\/"$/, role(set('path', ''))],
  ['roles[0].path', /write "\/"$/, role(set('path', '//'))],
  ['roles[0].path', /AWS reserves; write "\/x\/"$/, role(set('path', '/aws-service-role/x/'))],
  ['roles[0].path', /AWS reserves; write "\/"$/, role(set('path', '/aws-reserved/'))],
  ['roles[0].path', /at most 512/, role(set('path', `/${long(512)}/`))],
  ['roles[0].trust', /must have at least 1 entry/, role(set('trust', []))],
  ['roles[0].trust', /or a list of such objects/, role(set('trust', 'o/r'))],
  [
    'roles[0].trust[1].repository',
    /repeats "o\/r"/,
    role(
      set(
        'trust',
        [1, 2].map((at) => ({ repository: 'o/r', subjects: [`ref:refs/heads/b${at}`] })),
      ),
    ),
  ],
  [
    'roles[0].trust[1].subjects[0]',
    /must not start with "repo:"/,
    role(
      set('trust', [
        { repository: 'o/r', subjects: ['*'] },
        { repository: 'o/s', subjects: ['repo:o/s:*'] },
      ]),
    ),
  ],
  [
    'roles[0].trust[0].ownerId',
    /greater than|at least|positive|must be/,
    role(set('trust', [{ repository: 'o/r', ownerId: -1, repositoryId: 2, subjects: ['*'] }])),
  ],
  [
    'roles[0].trust[0].repositoryId',
    /is required beside the other id/,
    role(set('trust', [{ repository: 'o/r', ownerId: 1, subjects: ['*'] }])),
  ],
  [
    'roles[0].inlinePolicies.TerraformPolicy',
    /has the name in policyName/,
    role(set('inlinePolicies', { TerraformPolicy: [] })),
  ],
  [
    'roles[0].inlinePolicies.Site[1].Sid',
    /is "Mine" twice/,
    role(set('inlinePolicies', { Site: [1, 2].map(() => ({ ...STATEMENT, Sid: 'Mine' })) })),
  ],
  [
    'roles[0].statements',
    /inline policies of \d+ characters, but IAM allows 10240/,
    role(
      set('inlinePolicies', {
        Site: [{ ...STATEMENT, Resource: Array.from({ length: 300 }, (_, at) => `arn:aws:s3:::${at}${long(30)}`) }],
      }),
    ),
  ],
  [
    'roles[0].state[0].workspaceKeyPrefix',
    /must not be empty/,
    role(({ state }) => set('workspaceKeyPrefix', '')(state[0])),
  ],
  ['roles[0].state[0].workspaceKeyPrefix', /write "w"/, role(({ state }) => set('workspaceKeyPrefix', 'w/')(state[0]))],
  [
    'roles[0].state[0].workspaceKeyPrefix',
    /must not have \*/,
    role(({ state }) => set('workspaceKeyPrefix', 'w*')(state[0])),
  ],
  [
    'roles[1].state[0].workspaceKeyPrefix',
    /for the same key/,
    (config) =>
      anotherRole(config, {
        state: [{ key: config.roles[0].state[0].key, access: 'read', workspaceKeyPrefix: 'w' }],
      }),
  ],
  [
    'roles[1].state[0].key',
    /where a workspace of "github-oidc\/terraform.tfstate" keeps its state/,
    (config) => {
      config.roles[0].state[0].workspaceKeyPrefix = 'w';
      anotherRole(config, { state: [{ key: 'w/dev/github-oidc/terraform.tfstate', access: 'write' }] });
    },
  ],
  [
    'roles[0].statements',
    /those for 1 state, inline policies of \d+ characters, but IAM allows 10240/,
    role(
      set('statements', [
        {
          Effect: 'Allow',
          Action: 's3:*',
          Resource: Array.from({ length: 300 }, (_, i) => `arn:aws:s3:::a-bucket-with-a-name-${i}`),
        },
      ]),
    ),
  ],
  [
    'roles[0].managedPolicyArns[1]',
    /is in the account 210987654321/,
    role(
      set('managedPolicyArns', ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::210987654321:policy/Theirs']),
    ),
  ],
  [
    'roles[0].permissionsBoundary',
    /is in the account 210987654321/,
    role(set('permissionsBoundary', 'arn:aws:iam::210987654321:policy/Boundary')),
  ],
  ['roles[0].managedPolicyArns[0]', /must be the ARN of a policy/, role(set('managedPolicyArns', ['ReadOnlyAccess']))],
  [
    'roles[0].managedPolicyArns[0]',
    /partition aws-cn, and eu-west-2 is in aws/,
    role(set('managedPolicyArns', ['arn:aws-cn:iam::aws:policy/ReadOnlyAccess'])),
  ],
  [
    'roles[0].permissionsBoundary',
    /must be the ARN of a policy/,
    role(set('permissionsBoundary', 'arn:aws:iam::123456789012:role/x')),
  ],
  ['roles[0].maxSessionSeconds', /from 3600 to 43200/, role(set('maxSessionSeconds', 60))],
  ['roles[0].crc[0]', /"verify", "deploy-function"/, role(set('crc', ['bootstrap']))],
  ['functions[0].name', /at most 54/, fn(set('name', long(55)))],
  ['functions[0].name', /letters, digits/, fn(set('name', 'a.b'))],
  [
    'functions[1].name',
    /also the name of functions\[0\]/,
    (config) => config.functions.push(structuredClone(config.functions[0])),
  ],
  [
    'functions[1].name',
    /only in case, which IAM/,
    (config) => config.functions.push({ ...structuredClone(config.functions[0]), name: 'incrementvisits' }),
  ],
  ['functions[0].source', /stay inside the folder of the config file/, fn(set('source', '../x'))],
  ['functions[0].test.method', /must be uppercase; write "POST"/, fn(set('test', { method: 'post' }))],
  ['functions[0].test.method', /crc sends the preflight before it/, fn(set('test', { method: 'OPTIONS' }))],
  ['functions[0].test.path', /must begin with a slash; write "\/visits"/, fn(set('test', { path: 'visits' }))],
  ['functions[0].test.path', /write it in query/, fn(set('test', { path: '/visits?page=cv' }))],
  ['functions[0].test.body', /cannot be sent with GET; set "method" to "POST"/, fn(set('test', { body: '{}' }))],
  [
    'functions[0].test.headers.origin',
    /crc uses the first of url\.cors\.allowOrigins/,
    fn(set('test', { headers: { origin: 'https://a.example.com' } })),
  ],
  [
    'functions[0].test.headers.Content-Length',
    /a page cannot set it; leave it out/,
    fn(set('test', { headers: { 'Content-Length': '1' } })),
  ],
  ['functions[0].test.query.page', /./, fn(set('test', { query: { page: 1 } }))],
  ['functions[0].source', /must be relative/, fn(set('source', '/etc'))],
  ['functions[0].runtime', /deprecated by AWS on 2025-09-01; write "nodejs24.x"/, fn(set('runtime', 'nodejs18.x'))],
  ['functions[0].runtime', /deprecated by AWS on 2026-04-30; write "nodejs24.x"/, fn(set('runtime', 'nodejs20.x'))],
  ['functions[0].runtime', /deprecated by AWS on 2025-12-15; write "python3.14"/, fn(set('runtime', 'python3.9'))],
  ['functions[0].runtime', /must be one of/, fn(set('runtime', 'java21'))],
  ...['constructor', 'toString', '__proto__'].map(
    (name): BadConfig => ['functions[0].runtime', /must be one of/, fn(set('runtime', name))],
  ),
  ['functions[0].include[0]', /inside "source"/, fn(set('include', ['../x']))],
  ['functions[0].include[0]', /relative to "source"/, fn(set('include', ['/etc/passwd']))],
  ['functions[0].include[0]', /\.crcignore/, fn(set('include', ['!a']))],
  ['functions[0].include[0]', /written with "\/"/, fn(set('include', ['a\\b']))],
  ['functions[0].include[0]', /must not be empty/, fn(set('include', ['']))],
  ['functions[0].external[0]', /name of a package/, fn(set('external', ['./x']))],
  ['functions[0].external[0]', /name of a package/, fn(set('external', ['pg@8']))],
  ['functions[0].external[0]', /name of a package/, fn(set('external', ['pg/lib']))],
  ['functions[0].handler', /FILE\.EXPORT/, fn(set('handler', 'index'))],
  ['functions[0].memoryMb', /from 128/, fn(set('memoryMb', 64))],
  ['functions[0].timeoutSeconds', /to 900/, fn(set('timeoutSeconds', 901))],
  ['functions[0].environment.A', /two characters/, fn(set('environment', { A: 'x' }))],
  ['functions[0].environment.AWS_REGION', /set by Lambda itself/, fn(set('environment', { AWS_REGION: 'x' }))],
  ...['_HANDLER', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT'].map(
    (name): BadConfig => [
      `functions[0].environment.${name}`,
      /set by Lambda itself/,
      fn(set('environment', { [name]: 'x' })),
    ],
  ),
  ['functions[0].environment.A-B', /start with a letter/, fn(set('environment', { 'A-B': 'x' }))],
  ['functions[0].environment', /over 4 KB/, fn(set('environment', { BIG: long(4096) }))],
  // Over 4 KB only when counted in bytes: each character takes two.
  ['functions[0].environment', /over 4 KB/, fn(set('environment', { BIG: 'é'.repeat(2_044) }))],
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
    /uppercase; write "GET"/,
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
  [
    'functions[0].url.cors.allowOrigins[0]',
    /must be an origin/,
    fn(({ url }) => set('allowOrigins', ['x.com'])(url.cors)),
  ],
  [
    'functions[0].url.cors.allowOrigins',
    /together with allowCredentials/,
    fn(({ url }) => Object.assign(url.cors, { allowOrigins: ['*'], allowCredentials: true })),
  ],
  ['functions[0].table.hashKeyType', /"S" or "N"/, fn(({ table }) => set('hashKeyType', 'B')(table))],
  ['functions[0].table.capacity', /must be "on-demand"/, fn(({ table }) => set('capacity', 'cheap')(table))],
  [
    'functions[0].table.capacity.read',
    /from 1 to 40000/,
    fn(({ table }) => set('capacity', { read: 0, write: 1 })(table)),
  ],
  [
    'functions[0].table.capacity.write',
    /from 1 to 40000/,
    fn(({ table }) => set('capacity', { read: 1, write: 0 })(table)),
  ],
  ['functions[0].table.item', /must be/, fn(({ table }) => set('item', 'cv')(table))],
  ['functions[0].table.access', /"update"/, fn(({ table }) => set('access', 'all')(table))],
  ...(
    [
      [{}, '.Id', /is the partition key of the table, and is required/],
      [{ VisitTotal: 0 }, '.Id', /is the partition key of the table, and is required; add "Id"/],
      [{ Id: 1 }, '.Id', /must be a string; write "1", or "hashKeyType": "N"/],
      [{ Id: true }, '.Id', /must be a string: it is the partition key/],
      [{ Id: '' }, '.Id', /must not be empty/],
      [{ Id: long(2_049) }, '.Id', /at most 2048 bytes/],
      [{ Id: 'cv', deep: [{ total: 2 ** 53 }] }, '.deep[0].total', /more digits than a JSON number/],
    ] as const
  ).map(
    ([item, path, message]): BadConfig => [
      `functions[0].table.item${path}`,
      message,
      fn(({ table }) => set('item', item)(table)),
    ],
  ),
  [
    'functions[0].table.item.Id',
    /must be a number, since hashKeyType is "N"/,
    fn(({ table }) => Object.assign(table, { hashKeyType: 'N', item: { Id: 'cv' } })),
  ],
  ...(['hashKeyType', 'capacity', 'item'] as const).map(
    (key): BadConfig => [
      `functions[1].table.${key}`,
      key === 'item' ? /belongs to functions\[0\].*move it there/ : /must be the same as in functions\[0\]/,
      (config) => {
        const other = structuredClone(config.functions[0]);
        Object.assign(other.table, {
          [key]: { hashKeyType: 'N', capacity: 'unmanaged', item: { Id: 'other' } }[key],
        });
        config.functions.push({ ...other, name: 'Another' });
      },
    ],
  ),
  ['functions[0].statements[0].Sid', /must not start with "Crc"/, fn(statement({ Sid: 'CrcMine' }))],
  ['functions[0].statements[0].Effect', /"Allow" or "Deny"/, fn(statement({ Effect: 'Maybe' }))],
  ['functions[0].statements[0].Action', /string or a list/, fn(statement({ Action: 1 }))],
  ['functions[0].statements[0].Action', /"s3:GetObject", or "\*"$/, fn(statement({ Action: 's3' }))],
  ['functions[0].statements[0].Action', /"s3:GetObject", or "\*"$/, fn(statement({ Action: 's3:Get:Object' }))],
  ['functions[0].statements[0].Action[1]', /"s3:GetObject", or "\*"$/, fn(statement({ Action: ['sns:*', ''] }))],
  [
    'functions[0].statements[0].NotAction',
    /"s3:GetObject", or "\*"$/,
    fn(statement({ Action: undefined, NotAction: 'iam' })),
  ],
  ['functions[0].statements[0].Resource', /must be an ARN/, fn(statement({ Resource: 'my-topic' }))],
  ['functions[0].statements[0].Resource[1]', /must be an ARN/, fn(statement({ Resource: ['*', 'my-topic'] }))],
  [
    'functions[0].statements[0].NotResource[0]',
    /must be an ARN/,
    fn(statement({ Resource: undefined, NotResource: ['my-topic'] })),
  ],
  [
    'functions[0].statements[0].Condition.StringEqual',
    /did you mean "StringEquals"\?$/,
    fn(statement({ Condition: { StringEqual: { 'aws:RequestedRegion': 'eu-west-2' } } })),
  ],
  [
    'functions[0].statements[0].Condition["ForAnyValue:StringLikes"]',
    /did you mean "ForAnyValue:StringLike"\?$/,
    fn(statement({ Condition: { 'ForAnyValue:StringLikes': { 'aws:TagKeys': 'a' } } })),
  ],
  [
    'functions[0].statements[0].Condition.NullIfExists',
    /write "Null"$/,
    fn(statement({ Condition: { NullIfExists: { 'aws:TagKeys': 'true' } } })),
  ],
  [
    'functions[0].statements[0].Condition.Bool.x[1]',
    /must be a string, a number, true or false$/,
    fn(statement({ Condition: { Bool: { x: ['a', null] } } })),
  ],
  ...[null, { a: 'b' }].map(
    (value): BadConfig => [
      'functions[0].statements[0].Condition.Bool["aws:SecureTransport"]',
      /must be a string, a number, true or false, or a list of them/,
      fn(statement({ Condition: { Bool: { 'aws:SecureTransport': value } } })),
    ],
  ),
  [
    'functions[0].statements[0].Resource[1]',
    /partition aws-cn.*write "arn:aws:sns:::b"$/,
    fn(statement({ Resource: ['arn:aws:sns:::a', 'arn:aws-cn:sns:::b', 'arn:*:sns:::c'] })),
  ],
  [
    'roles[0].inlinePolicies.Site[0].NotResource',
    /partition aws-us-gov/,
    role(set('inlinePolicies', { Site: [{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws-us-gov:s3:::b' }] })),
  ],
  [
    'functions[0].statements[0].Condition.Between',
    /write one like "StringEquals"$/,
    fn(statement({ Condition: { Between: { 'aws:CurrentTime': 'a' } } })),
  ],
  ['functions[0].statements[0].NotAction', /string or a list/, fn(statement({ NotAction: 1 }))],
  ['functions[0].statements[0].Resource', /at least 1 entry|string or a list/, fn(statement({ Resource: [] }))],
  ['functions[0].statements[0].NotResource', /string or a list/, fn(statement({ NotResource: 1 }))],
  ['functions[0].statements[0].Condition', /must be/, fn(statement({ Condition: 'no' }))],
  [
    'functions[0].statements[1].Sid',
    /is "Mine" twice/,
    fn((config) =>
      set(
        'statements',
        [1, 2].map(() => ({ ...STATEMENT, Sid: 'Mine' })),
      )(config),
    ),
  ],
  [
    'functions[0].statements',
    /inline policy of \d+ characters, but IAM allows 10240/,
    fn(
      set('statements', [
        { ...STATEMENT, Resource: Array.from({ length: 300 }, (_, at) => `arn:aws:s3:::${at}${long(30)}`) },
      ]),
    ),
  ],
  ['functions[0].permissionsBoundary', /ARN of a policy/, fn(set('permissionsBoundary', 'Boundary'))],
  [
    'functions[0].permissionsBoundary',
    /is in the partition aws-cn/,
    fn(set('permissionsBoundary', 'arn:aws-cn:iam::123456789012:policy/Boundary')),
  ],
  [
    'functions[0].permissionsBoundary',
    /is in the account 210987654321/,
    fn(set('permissionsBoundary', 'arn:aws:iam::210987654321:policy/Boundary')),
  ],
  ['functions[0].role', /must be the ARN of a role/, fn(set('role', 'my-role'))],
  ['functions[0].role', /is in the account 210987654321/, fn(set('role', 'arn:aws:iam::210987654321:role/theirs'))],
  [
    'functions[0].statements',
    /cannot be used with role/,
    fn((config) => Object.assign(config, { role: ROLE_ARN, statements: [STATEMENT] })),
  ],
  [
    'functions[0].permissionsBoundary',
    /cannot be used with role/,
    fn((config) =>
      Object.assign(config, { role: ROLE_ARN, permissionsBoundary: 'arn:aws:iam::123456789012:policy/Boundary' }),
    ),
  ],
  ['functions[0].reservedConcurrency', /from 0 to 100000/, fn(set('reservedConcurrency', -1))],
  ['functions[0].url.authType', /"NONE" or "AWS_IAM"/, fn(({ url }) => set('authType', 'IAM')(url))],
  ['functions[0].logRetentionDays', /must be one of 1, 3, 5/, fn(set('logRetentionDays', 10))],
  [
    'stateBucket.noncurrentVersions.expireAfterDays',
    /1 to 36500|at least 1/,
    ({ stateBucket }) => set('noncurrentVersions', { expireAfterDays: 0 })(stateBucket),
  ],
  [
    'lockTable.capacity.write',
    /whole number from 1/,
    ({ lockTable }) => set('capacity', { read: 1, write: 0 })(lockTable),
  ],
  ['lockTable.lockFile', /true or false/, ({ lockTable }) => set('lockFile', 'yes')(lockTable)],
  [
    'roles[0].trust.ownerId',
    /whole number from 1/,
    role(({ trust }) => Object.assign(trust, { ownerId: -1, repositoryId: 2 })),
  ],
  ...['Action', 'NotAction', 'Resource', 'NotResource'].map(
    (key): BadConfig => [
      `roles[0].statements[0].${key}[0]`,
      /must be a string/,
      role(set('statements', [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*', [key]: [1] }])),
    ],
  ),
  [
    'roles[0].statements[0].Condition',
    /must be an object/,
    role(set('statements', [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*', Condition: 'x' }])),
  ],
  ['functions[0].architecture', /"arm64" or "x86_64"/, fn(set('architecture', 'riscv'))],
  ['functions[0].url.cors.allowHeaders[0]', /must not be empty/, fn(({ url }) => set('allowHeaders', [''])(url.cors))],
  [
    'functions[0].url.cors.exposeHeaders[0]',
    /must not be empty/,
    fn(({ url }) => set('exposeHeaders', [''])(url.cors)),
  ],
  [
    'functions[0].url.cors.allowCredentials',
    /true or false/,
    fn(({ url }) => set('allowCredentials', 'yes')(url.cors)),
  ],
  ['functions[0].url.cors.maxAgeSeconds', /from 0 to 86400/, fn(({ url }) => set('maxAgeSeconds', 86_401)(url.cors))],
];
