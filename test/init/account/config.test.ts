import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { accountConfig, type FoundAccount, type FoundRole } from '../../../src/init/account/config.ts';
import { ROLE_DESCRIPTION } from '../../../src/resources/role.ts';

const FRESH = { project: 'site', region: 'eu-west-2' };

/** A role whose properties are all default values of the config. */
const ROLE: FoundRole = {
  name: 'deploy',
  path: '/',
  description: ROLE_DESCRIPTION,
  trust: [{ repository: 'ada/site', subjects: ['ref:refs/heads/main'] }],
  audiences: ['sts.amazonaws.com'],
  policyName: 'TerraformPolicy',
  state: [{ key: 'site/terraform.tfstate', access: 'write' }],
  crc: [],
  statements: [],
  inlinePolicies: {},
  managedPolicyArns: [],
  maxSessionSeconds: 3_600,
  permissionsBoundary: undefined,
  tags: {},
};

const account = (role: Partial<FoundRole> = {}, more: Partial<FoundAccount> = {}): FoundAccount => ({
  bucket: {
    name: 'ada-tfstate',
    region: undefined,
    objectLock: false,
    encryption: { algorithm: 'AES256' },
    noncurrentVersions: undefined,
    project: undefined,
    tags: {},
  },
  lockTable: undefined,
  provider: 'https://token.actions.githubusercontent.com',
  roles: [{ ...ROLE, ...role }],
  functions: [],
  ...more,
});

const configOf = (existing: FoundAccount) => {
  const text = JSON.stringify(accountConfig(FRESH, existing));
  return { written: JSON.parse(text), config: parseConfig(text, 'c') };
};

it("sets the bucket's region if it differs from the project's", () => {
  const { bucket } = account();
  const { written, config } = configOf(account({}, { bucket: { ...bucket, region: 'us-east-1' } }));
  expect([written.region, written.stateBucket.region]).toEqual(['eu-west-2', 'us-east-1']);
  expect(config.stateBucket.region).toBe('us-east-1');
});

it('leaves out only defaults', () => {
  const { written, config } = configOf(account());
  expect(Object.keys(written)).toEqual(['project', 'region', 'stateBucket', 'roles']);
  expect(Object.keys(written.roles[0])).toEqual(['name', 'trust', 'state', 'statements']);
  const [role] = config.roles;
  expect({ ...role, description: role?.description ?? ROLE_DESCRIPTION }).toMatchObject({
    path: ROLE.path,
    description: ROLE.description,
    policyName: ROLE.policyName,
    maxSessionSeconds: ROLE.maxSessionSeconds,
  });
  expect(config.oidcProvider).toMatchObject({
    url: 'https://token.actions.githubusercontent.com',
    audiences: ROLE.audiences,
  });
});

it("includes differences: of a role, and of the provider's audiences and issuer", () => {
  const other = { path: '/ci/', description: '', policyName: 'Deploy', maxSessionSeconds: 7_200 };
  const provider = 'https://token.actions.githubusercontent.com/octo';
  const { config } = configOf(account({ ...other, audiences: ['ada'] }, { provider }));
  expect(config.roles[0]).toMatchObject(other);
  expect(config.oidcProvider).toMatchObject({ url: provider, audiences: ['ada'] });
});
