import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import type { Config } from '../../../src/config/schema.ts';
import { backendHcl, backendOf } from '../../../src/terraform/backend.ts';
import { checkBackends } from '../../../src/terraform/source/check.ts';
import type { SourceBackend, TerraformFolder } from '../../../src/terraform/source/folders.ts';
import { excludesAllFrom } from '../../../src/terraform/source/versions.ts';
import { exampleConfig } from '../../helpers/configs.ts';

const KEY = 'arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const KEY_ARN = 'arn:aws:kms:eu-west-2:123456789012:key/1';
const GOOD = {
  bucket: 'abcdef-terraform-state',
  key: 'github-oidc/terraform.tfstate',
  region: 'eu-west-2',
  encrypt: true,
  dynamodb_table: 'abcdef-terraform-locking',
};

function configWith(change: (config: ReturnType<typeof exampleConfig>) => void = () => undefined): Config {
  const config = exampleConfig();
  change(config);
  return parseConfig(JSON.stringify(config), 'crc.config.json');
}

function folderOf(
  backendArguments: SourceBackend['arguments'],
  { directory = 'infra', ...rest }: Partial<TerraformFolder> = {},
  backend: Partial<SourceBackend> = {},
): TerraformFolder {
  return {
    directory,
    backends: [
      { type: 's3', arguments: backendArguments, unknown: [], file: `${directory}/main.tf`, line: 3, ...backend },
    ],
    providers: [],
    terraformVersion: undefined,
    localStates: [],
    unread: [],
    ...rest,
  };
}

const idsOf = (folders: readonly TerraformFolder[], config: Config | undefined = configWith()) =>
  checkBackends(folders, config).map(({ problems }) => problems.map(({ id }) => id));
const { dynamodb_table: _, ...UNLOCKED } = GOOD;
const withoutTable = configWith((config) => {
  delete config.lockTable;
});
const withLockFile = configWith((config) => {
  config.lockTable.lockFile = true;
});

const readOnly = configWith((config) => {
  config.roles[0].state[0].access = 'read';
});
const withKey = configWith((config) => {
  config.stateBucket.encryption = { algorithm: 'aws:kms', keyArn: KEY_ARN };
});

describe('checking backends', () => {
  it('finds nothing wrong in what crc itself writes', () => {
    expect(checkBackends([folderOf(GOOD)], configWith())).toEqual([
      { directory: 'infra', bucket: GOOD.bucket, key: GOOD.key, place: 'infra/main.tf:3', problems: [] },
    ]);
    expect(idsOf([folderOf({ ...UNLOCKED, use_lockfile: true })], withoutTable)).toEqual([[]]);
    expect(idsOf([folderOf({ ...GOOD, use_lockfile: true })], withLockFile)).toEqual([[]]);
  });

  it('one key twice: both are reported, each with the other', () => {
    const [first, second] = checkBackends([folderOf(GOOD), folderOf(GOOD, { directory: 'site' })], configWith());
    expect(first?.problems).toEqual([
      {
        id: 'duplicate-key',
        message: "it has the same bucket and key as site (site/main.tf:3): the two overwrite each other's state",
        fix: 'Apply neither until it is clear whose state is there: `crc state history github-oidc/terraform.tfstate`. Then give the other folder a key of its own, and run `terraform init -reconfigure` in it: -migrate-state would copy this state there, and its next apply would delete what is in it.',
      },
    ]);
    expect(second?.problems[0]?.message).toContain('infra (infra/main.tf:3)');
  });

  it.each([
    ['a key of a workspace', 'env:/dev/app.tfstate', undefined, [['workspace-key'], []]],
    ['a key of a workspace with a custom prefix', 'live/dev/app.tfstate', 'live', [['workspace-key'], []]],
    ['a prefix that is not used', 'live/dev/app.tfstate', undefined, [[], []]],
    ['a workspace with a slash', 'env:/a/b/app.tfstate', undefined, [[], []]],
    ['a different bucket', 'app.tfstate', undefined, [['duplicate-key'], ['duplicate-key']]],
  ])('%s', (_name, key, prefix, ids) => {
    const other = { bucket: 'b', key: 'app.tfstate', use_lockfile: true };
    const folders = [
      folderOf({ ...other, key }),
      folderOf(prefix === undefined ? other : { ...other, workspace_key_prefix: prefix }, { directory: 'app' }),
    ];
    expect(checkBackends(folders, undefined).map(({ problems }) => problems.map(({ id }) => id))).toEqual(ids);
  });

  it('the same key in two buckets means two states', () => {
    const folders = [folderOf({ ...GOOD, bucket: 'a' }), folderOf({ ...GOOD, bucket: 'b' }, { directory: 'b' })];
    expect(checkBackends(folders, undefined).flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each([
    ['no-lock', UNLOCKED, configWith()],
    ['no-lock', UNLOCKED, undefined],
    ['lock-table', { ...GOOD, dynamodb_table: 'other' }, configWith()],
    ['lock-table', GOOD, withoutTable],
    ['lock-kind', { ...UNLOCKED, use_lockfile: true }, configWith()],
    ['lock-kind', GOOD, withLockFile],
    ['other-bucket', { ...GOOD, bucket: 'other' }, configWith()],
    ['other-region', { ...GOOD, region: 'eu-west-1' }, configWith()],
    ['no-role', { ...GOOD, key: 'other.tfstate' }, configWith()],
    ['no-role', GOOD, readOnly],
    ['not-encrypted', { ...GOOD, encrypt: false }, configWith()],
    ['other-key', GOOD, withKey],
    ['secret', { ...GOOD, access_key: 'AKIA' }, configWith()],
  ])('%s', (id, backendArguments, config) => {
    const [checked] = checkBackends([folderOf(backendArguments)], config);
    expect(checked?.problems.map((problem) => problem.id)).toEqual([id]);
    expect(JSON.stringify(checked)).not.toContain('AKIA');
  });

  it('each problem has a section of the documentation', () => {
    const source = new URL('../../../src/terraform/source/', import.meta.url);
    const page = readFileSync(new URL('../../../docs/backend.md', import.meta.url), 'utf8');
    const files = ['check.ts', ...readdirSync(new URL('problems/', source)).map((file) => `problems/${file}`)];
    const code = files.map((file) => readFileSync(new URL(file, source), 'utf8')).join('\n');
    const ids = new Set([...code.matchAll(/^\s+(?:return \[\{ )?id: '([\w-]+)'/gm)].map(([, id]) => id));
    expect(ids.size).toBeGreaterThan(12);
    expect([...page.matchAll(/^### (\S+)$/gm)].map(([, id]) => id).sort()).toEqual([...ids].sort());
  });

  it('a lock that only Terraform can resolve is not reported as missing', () => {
    expect(idsOf([folderOf(UNLOCKED, {}, { unknown: ['dynamodb_table'] })])).toEqual([[]]);
  });

  it('a lock passed to terraform init with the key is not reported as missing, and one that is wrong is', () => {
    const { key, ...partial } = UNLOCKED;
    for (const config of [configWith(), withLockFile, withoutTable, undefined]) {
      expect(checkBackends([folderOf({})], config)[0]?.problems).toEqual([]);
      expect(checkBackends([folderOf(partial)], config)[0]?.problems).toEqual([]);
    }
    // The table may be an argument of `terraform init`, too.
    expect(idsOf([folderOf({ ...partial, use_lockfile: true })])).toEqual([[]]);
    expect(idsOf([folderOf({ ...partial, dynamodb_table: 'other' })])).toEqual([['lock-table']]);
    // OpenTofu allows variables in the block.
    expect(idsOf([folderOf(partial, {}, { unknown: ['key'] })])).toEqual([['no-lock']]);
  });

  it('a key passed to terraform init is not compared', () => {
    const { key, ...partial } = GOOD;
    expect(idsOf([folderOf(partial), folderOf(partial, { directory: 'b' })])).toEqual([[], []]);
  });

  it('a folder without a backend gets it in its own folder, and nothing is overwritten there', () => {
    const folder = { ...folderOf({}), directory: 'my infra', backends: [], localStates: [] };
    expect(checkBackends([folder], configWith())[0]?.problems[0]?.fix).toBe(
      "Give a role a key that no other folder has, write the block with `crc backend KEY >> 'my infra/backend.tf'`, then run `terraform -chdir='my infra' init -migrate-state`.",
    );
  });

  it('a folder without a backend: its state is lost in CI', () => {
    const folder = { ...folderOf({}), backends: [], localStates: ['terraform.tfstate'] };
    expect(checkBackends([folder], configWith())).toMatchObject([
      {
        bucket: null,
        key: null,
        problems: [{ id: 'no-backend', message: expect.stringContaining('terraform.tfstate') }],
      },
    ]);
  });

  it('ignores other kinds of backends', () => {
    expect(idsOf([folderOf({ bucket: 'b' }, {}, { type: 'gcs' })])).toEqual([[]]);
  });

  it('a broken file is reported', () => {
    expect(idsOf([folderOf(GOOD, { unread: ['infra/main.tf:7'] })])).toEqual([['not-readable']]);
  });

  it('a broken file without a block in the rest: the folder may or may not have one', () => {
    expect(idsOf([{ ...folderOf({}), backends: [], unread: ['infra/main.tf:1'] }])).toEqual([['not-readable']]);
    const [checked] = checkBackends([folderOf(GOOD, { unread: ['infra/main.tf.json:7'] })], undefined);
    expect(checked?.problems[0]?.message).toBe('it could not be read whole: infra/main.tf.json:7 is not valid JSON');
  });

  it.each([
    ['by a statement', { statements: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }, []],
    [
      'by a different policy',
      {
        inlinePolicies: {
          S: [{ Effect: 'Allow', Action: ['s3:PutObject'], Resource: `arn:aws:s3:::${GOOD.bucket}/*` }],
        },
      },
      [],
    ],
    ['by a managed policy', { managedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }, []],
    ['by no role: it is read-only', { managedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] }, ['no-role']],
    [
      'by no role: a different bucket',
      { statements: [{ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::x/*' }] },
      ['no-role'],
    ],
  ])('a role may write a key %s', (_name, rights, ids) => {
    const config = configWith((example) => {
      Object.assign(example.roles[0], { state: [] }, rights);
    });
    expect(idsOf([folderOf(GOOD)], config)).toEqual([ids]);
  });

  it.each([
    ['~> 1.9.0', { ...GOOD, use_lockfile: true }, ['terraform-version']],
    ['>= 1.2', { ...GOOD, use_lockfile: true }, []],
    ['1.5.7', GOOD, ['terraform-version']],
    ['~> 1.5', GOOD, []],
  ])('Terraform %s', (terraformVersion, backendArguments, ids) => {
    expect(
      idsOf([folderOf(backendArguments, { terraformVersion })], withLockFile)[0]?.filter((id) => id !== 'lock-kind'),
    ).toEqual(ids);
  });

  it.each([
    ['~> 1.9', false],
    ['~> 1.9.0', true],
    ['~> 0.13', true],
    ['>= 1.0, < 1.10.0', true],
    ['< 1.10.1', false],
    ['<= 1.9.8', true],
    ['= 1.10.0', false],
    ['!= 1.9.0', false],
    ['v1.9', true],
    ['what', false],
  ])('%s does not allow 1.10.0 or later: %s', (constraint, excludes) => {
    expect(excludesAllFrom('1.10.0', constraint)).toBe(excludes);
  });
});

describe('a bucket that S3 encrypts with KMS', () => {
  const { encrypt: _encrypt, ...DEFAULTED } = GOOD;

  it.each([{ algorithm: 'aws:kms' }, { algorithm: 'aws:kms:dsse' }, { algorithm: 'aws:kms:dsse', keyArn: KEY }])(
    '%j allows no argument in the backend, which would override it',
    (encryption) => {
      const config = configWith((looseConfig) => {
        looseConfig.stateBucket.encryption = encryption;
      });
      expect(idsOf([folderOf(DEFAULTED)], config)).toEqual([[]]);
      expect(idsOf([folderOf({ ...GOOD, encrypt: false })], config)).toEqual([[]]);
      expect(idsOf([folderOf(GOOD)], config)).toEqual([['other-key']]);
      expect(backendOf(config, GOOD.key, undefined)).not.toHaveProperty('encrypt', true);
    },
  );
});

it('a key by its alias: any key in the backend may match, and without a key it is AES256', () => {
  const config = configWith((looseConfig) => {
    looseConfig.stateBucket.encryption = { algorithm: 'aws:kms', keyArn: 'alias/states' };
  });
  expect(idsOf([folderOf({ ...GOOD, kms_key_id: KEY })], config)).toEqual([[]]);
  expect(idsOf([folderOf(GOOD)], config)).toEqual([['other-key']]);
  expect(backendOf(config, GOOD.key, undefined)).not.toHaveProperty('kms_key_id', 'alias/states');
});

describe('a key that no role may write', () => {
  const fixOf = (backendArguments: Readonly<Record<string, string>>, config = configWith()) => {
    const problems = checkBackends([folderOf({ ...GOOD, ...backendArguments })], config).flatMap(
      ({ problems }) => problems,
    );
    return problems.map(({ id, fix }) => `${id}: ${fix}`);
  };

  it('is suggested for the config with the prefix of its workspaces', () => {
    expect(fixOf({ key: 'x.tfstate', workspace_key_prefix: 'stages' })).toEqual([
      'no-role: Add it to a role: "state": [{ "key": "x.tfstate", "access": "write", "workspaceKeyPrefix": "stages" }].',
    ]);
    expect(fixOf({ key: 'x.tfstate' })).toEqual([
      'no-role: Add it to a role: "state": [{ "key": "x.tfstate", "access": "write" }].',
    ]);
  });

  it('is not suggested for a read-only role', () => {
    expect(fixOf({}, readOnly)).toEqual([
      expect.stringMatching(
        /^no-role: Add it to a role that applies \(GitHubActionsTerraformRole may only read it\): "state"/,
      ),
    ]);
  });

  it('for the state of a workspace gets a separate key, which the config accepts', () => {
    expect(fixOf({ key: 'env:/dev/x.tfstate' })).toEqual([
      'no-role: It is where a workspace keeps its state. Give the block a key of its own, such as dev/x.tfstate, move the state with `terraform init -migrate-state` if it belongs to this folder, and add the key to a role: "state": [{ "key": "dev/x.tfstate", "access": "write" }].',
    ]);
  });

  it('is not the key of a workspace whose state a role writes', () => {
    const prefixed = configWith((config) => {
      config.roles[0].state[0].workspaceKeyPrefix = 'stages';
    });
    expect(fixOf({ key: `env:/dev/${GOOD.key}` })).toEqual([]);
    expect(fixOf({ key: `stages/dev/${GOOD.key}` }, prefixed)).toEqual([]);
    expect(fixOf({ key: `env:/dev/${GOOD.key}` }, prefixed)).toEqual([
      expect.stringContaining('where a workspace keeps'),
    ]);
    expect(fixOf({ key: `env:/${GOOD.key}` })).toEqual([expect.stringMatching(/^no-role: /)]);
  });

  it('must be changed if the config would reject it', () => {
    expect(fixOf({ key: 'a//b.tfstate' })).toEqual([
      expect.stringMatching(/^no-role: A key in the config must not have two slashes in a row.*-migrate-state/),
    ]);
  });
});

describe('a different workspace prefix from that of the config', () => {
  const prefixed = configWith((config) => {
    config.roles[0].state[0].workspaceKeyPrefix = 'workspaces';
  });

  it('is reported, whichever of the two differs', () => {
    expect(idsOf([folderOf({ ...GOOD, workspace_key_prefix: 'other' })])).toEqual([['workspace-prefix']]);
    expect(idsOf([folderOf(GOOD)], prefixed)).toEqual([['workspace-prefix']]);
    expect(idsOf([folderOf({ ...GOOD, workspace_key_prefix: 'workspaces' })], prefixed)).toEqual([[]]);
  });

  it('is written into the backend block', () => {
    expect(backendHcl(backendOf(prefixed, GOOD.key, undefined))).toContain('workspace_key_prefix = "workspaces"');
    expect(backendHcl(backendOf(configWith(), GOOD.key, undefined))).not.toContain('workspace_key_prefix');
  });
});
