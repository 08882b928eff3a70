import { describe, expect, expectTypeOf, it } from 'vitest';
import { actionsOf } from '../../src/aws/actions.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { permissionPolicy } from '../../src/policies/permissions.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { type Entry, ownedBy, RESOURCES, resourceIds, servicesOf } from '../../src/resources/list.ts';
import { permissionsFor } from '../../src/resources/permissions.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';
import { ACCOUNT, contextFor, READ_ONLY_RUN, REGION } from '../helpers/context.ts';
import { fakeAws } from '../helpers/fake-aws.ts';

async function resourcesFor(change: (config: LooseConfig) => void = () => undefined) {
  const loose = exampleConfig();
  change(loose);
  const config = parseConfig(JSON.stringify(loose), 'crc.config.json');
  const place = { accountId: ACCOUNT, region: REGION };
  return { config, place, resources: await resourcesOf(config, contextFor(fakeAws({}).clients), READ_ONLY_RUN) };
}

const policyOf = async (change: (config: LooseConfig) => void) => {
  const policy = (await resourcesFor(change)).resources
    .find(({ id }) => id.startsWith('role/'))
    ?.want.find(({ path }) => path === 'policy')?.value as {
    Statement: { Sid: string; Action: string | string[]; Resource: unknown }[];
  };
  return policy.Statement;
};
const flat = (value: string | string[]) => [value].flat();

/** Runs with an additional entry in the list of resources. */
async function withEntry<T>(entry: Entry, run: () => Promise<T>): Promise<T> {
  const list = RESOURCES as Entry[];
  list.push(entry);
  try {
    return await run();
  } finally {
    list.pop();
  }
}

const entry = (ids: readonly string[]): Entry => ({
  ids: () => ids,
  services: ['lambda'],
  orphans: 'none: it is a test',
  load: async () => () => [],
});

it('an entry must declare how to find its unlisted resources, or why there are none, to compile', () => {
  expectTypeOf<Omit<Entry, 'orphans'>>().not.toExtend<Entry>();
  expectTypeOf<'none'>().not.toExtend<Entry['orphans']>();
  expectTypeOf<'none: the account shares it'>().toExtend<Entry['orphans']>();
});

describe('the services of a run', () => {
  const servicesWith = async (change: (config: LooseConfig) => void) =>
    [...servicesOf((await resourcesFor(change)).config)].sort();

  it.each([
    ['only the lock file', { lockTable: undefined, functions: [] }, ['iam', 's3', 'sts']],
    ['a lock table', { functions: [] }, ['dynamodb', 'iam', 's3', 'sts']],
    ['functions', { lockTable: undefined }, ['dynamodb', 'iam', 'lambda', 'logs', 's3', 'sts']],
  ])('with %s', async (_, changed, services) => {
    expect(await servicesWith((config) => Object.assign(config, changed))).toEqual(services);
  });

  it('also include those of a new resource in the list', async () => {
    const withoutFunctions = (config: LooseConfig) => Object.assign(config, { functions: [] });
    expect(await withEntry(entry(['new']), () => servicesWith(withoutFunctions))).toContain('lambda');
    expect(await withEntry(entry([]), () => servicesWith(withoutFunctions))).not.toContain('lambda');
  });
});

describe('the resources of a config', () => {
  it('are rejected if two have the same id', async () => {
    await expect(withEntry(entry(['topic/A', 'topic/B', 'topic/A']), resourcesFor)).rejects.toThrow(
      'The config asks for the same resource twice: topic/A.',
    );
  });

  it('depend on each other so that no function is served before its dependencies exist', async () => {
    const needs = Object.fromEntries((await resourcesFor()).resources.map(({ id, needs: ids }) => [id, ids]));
    expect(needs).toEqual({
      'state-bucket': [],
      'lock-table': [],
      'oidc-provider': [],
      'role/GitHubActionsTerraformRole': ['oidc-provider'],
      'table/IncrementVisits': [],
      'execution-role/IncrementVisits': [],
      'log-group/IncrementVisits': [],
      'function/IncrementVisits': ['execution-role/IncrementVisits', 'log-group/IncrementVisits'],
      'function-code/IncrementVisits': ['function/IncrementVisits', 'table/IncrementVisits'],
      'function-url/IncrementVisits': ['function-code/IncrementVisits'],
    });
  });

  it('of functions with one table share the table of the first; a function needs neither table nor URL', async () => {
    const { resources } = await resourcesFor(({ functions }) => {
      functions.push({ ...functions[0], name: 'Second', url: undefined });
      functions.push({ ...functions[0], name: 'Third', url: undefined, table: undefined });
    });
    const ids = resources.map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('table/'))).toEqual(['table/IncrementVisits']);
    expect(resources.find(({ id }) => id === 'function-code/Second')?.needs).toContain('table/IncrementVisits');
    expect(resources.find(({ id }) => id === 'function-code/Third')?.needs).toEqual(['function/Third']);
    expect(ids.filter((id) => id.startsWith('function-url/'))).toEqual(['function-url/IncrementVisits']);
  });

  it('of a function with its own role have no execution role, and pass that role', async () => {
    const role = `arn:aws:iam::${ACCOUNT}:role/service-role/mine`;
    const { config, place, resources } = await resourcesFor(({ functions: [functionConfig] }) => {
      functionConfig.role = role;
    });
    const ids = resources.map(({ id }) => id);
    expect(ids).not.toContain('execution-role/IncrementVisits');
    expect(resourceIds(config)).toEqual(ids);
    expect(resources.find(({ id }) => id === 'function/IncrementVisits')?.needs).toEqual(['log-group/IncrementVisits']);
    const passRole = permissionPolicy(permissionsFor('bootstrap', resources, ownedBy(config, place))).Statement.filter(
      ({ Action }) => [Action].flat().includes('iam:PassRole'),
    );
    expect(passRole.map(({ Resource }) => Resource)).toEqual([role]);
  });

  it('of a function allow its role what the config says, within its boundary', async () => {
    const boundary = `arn:aws:iam::${ACCOUNT}:policy/Boundary`;
    const statement = { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' };
    const { resources } = await resourcesFor(({ functions: [functionConfig] }) => {
      Object.assign(functionConfig, { permissionsBoundary: boundary, statements: [statement] });
      functionConfig.table.access = 'read';
    });
    const role = resources.find(({ id }) => id === 'execution-role/IncrementVisits');
    const want = Object.fromEntries(role?.want.map(({ path, value }) => [path, value]) ?? []);
    expect(want.permissionsBoundary).toBe(boundary);
    expect(JSON.stringify(want.policy)).toMatch(/sns:Publish.*dynamodb:GetItem/);
    expect(JSON.stringify(want.policy)).not.toContain('dynamodb:UpdateItem');
    const actions = role?.actions.write.flatMap(({ actions }) => actions);
    expect(actions).toContain('iam:PutRolePermissionsBoundary');
  });
});

/** Commands that also look for unlisted resources. */
const LISTS_UNLISTED: readonly string[] = ['verify', 'destroy'];

/** ARNs that match all resources of a kind. */
const ANY_NAME = /:(role\/|function:|table\/|log-group:)\*$/;

describe('permissions', () => {
  it('of verify are only reads', async () => {
    const { config, place, resources } = await resourcesFor();
    const { Statement } = permissionPolicy(permissionsFor('verify', resources, ownedBy(config, place)));
    const actions = Statement.flatMap(({ Action }) => flat(Action as string | string[]));
    expect(actions.filter((action) => !/^\w+:(Get|List|Describe)/.test(action))).toEqual([]);
    // Actions that do not support resource ARNs.
    const onAllResources = Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(onAllResources).toEqual(['iam:ListRoles', 'logs:DescribeLogGroups', 'tag:GetResources']);
    // For unlisted resources only the name and owner are read, but no code, items or logs.
    const onAnyName = Statement.filter(({ Resource }) => [Resource ?? []].flat().some((arn) => ANY_NAME.test(arn)));
    expect(onAnyName.flatMap(({ Action }) => Action).toSorted()).toEqual([
      'dynamodb:ListTagsOfResource',
      'iam:GetRole',
      'lambda:ListTags',
      'logs:ListTagsForResource',
    ]);
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
  });

  it('of destroy delete resources removed from the config only with the tag of the project', async () => {
    const { config, place, resources } = await resourcesFor();
    const { Statement } = permissionPolicy(permissionsFor('destroy', resources, ownedBy(config, place)));
    const ofAnyName = Statement.filter(({ Resource }) => [Resource ?? []].flat().some((arn) => ANY_NAME.test(arn)));
    const writing = ofAnyName.filter(({ Action }) =>
      [Action].flat().some((action) => !/:(Get|List|Describe)/.test(action)),
    );
    expect(writing.flatMap(({ Action }) => Action).toSorted()).toEqual(
      expect.arrayContaining([
        'dynamodb:DeleteTable',
        'iam:DeleteRole',
        'lambda:DeleteFunction',
        'logs:DeleteLogGroup',
      ]),
    );
    for (const { Condition } of writing) {
      expect(Condition).toEqual({ StringEquals: { 'aws:ResourceTag/crc:project': config.project } });
    }
  });

  it('include permissions that no request reveals', async () => {
    const { config, place, resources } = await resourcesFor(({ roles }) => {
      roles[0].permissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/B`;
      roles[0].managedPolicyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
    });
    const { Statement } = permissionPolicy(permissionsFor('bootstrap', resources, ownedBy(config, place)));
    const actions = Statement.flatMap(({ Action }) => flat(Action as string | string[]));
    for (const action of [
      's3:TagResource',
      's3:PutBucketVersioning',
      's3:PutBucketObjectLockConfiguration',
      'dynamodb:TagResource',
      'iam:TagRole',
      'iam:PutRolePermissionsBoundary',
      'lambda:TagResource',
      'logs:TagResource',
    ]) {
      expect(actions).toContain(action);
    }
    expect(Statement).toContainEqual({
      Sid: expect.any(String),
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: `arn:aws:iam::${ACCOUNT}:role/IncrementVisits-execution`,
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    });
    // Permission to attach any policy would amount to full access.
    expect(Statement.find(({ Action }) => Action === 'iam:AttachRolePolicy')?.Condition).toEqual({
      ArnEquals: { 'iam:PolicyARN': ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
    });
  });

  it('grant only what the config uses', async () => {
    const { config, place, resources } = await resourcesFor();
    const { Statement } = permissionPolicy(permissionsFor('bootstrap', resources, ownedBy(config, place)));
    const actions = Statement.flatMap(({ Action }) => flat(Action as string | string[]));
    expect(actions).not.toContain('iam:AttachRolePolicy');
    expect(actions).not.toContain('iam:PutRolePermissionsBoundary');
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('of deploy-function are those of the functions, of the test and of the rollback', async () => {
    const { config, place, resources } = await resourcesFor();
    const { Statement } = permissionPolicy(permissionsFor('deploy-function', resources, ownedBy(config, place)));
    const text = JSON.stringify(Statement);
    expect(text).toContain('lambda:InvokeFunction"');
    expect(text).toContain('lambda:ListVersionsByFunction');
    expect(text).not.toMatch(/s3:|abcdef-terraform|oidc-provider/);
  });

  it.each([
    ['verify', ['iam:GetRole'], ['iam:CreateRole', 'lambda:UpdateFunctionCode']],
    ['deploy-function', ['lambda:UpdateFunctionCode', 'lambda:InvokeFunction'], ['s3:CreateBucket']],
  ])('are granted to a role that may run crc %s', async (command, has, hasNot) => {
    const statementsWith = async (change: (config: LooseConfig) => void) =>
      (await policyOf(change)).filter(({ Sid }) => Sid.startsWith('CrcCommand'));
    const statements = await statementsWith(({ roles }) => {
      roles[0].crc = [command];
    });
    const actions = statements.flatMap(({ Action }) => flat(Action));
    expect(actions).toEqual(expect.arrayContaining(has));
    expect(actions.filter((action) => hasNot.includes(action))).toEqual([]);
    expect(await statementsWith(() => undefined)).toEqual([]);
  });

  it('of deploy-function are a subset of those of bootstrap, except for the test call and the rollback list', async () => {
    const { config, place, resources } = await resourcesFor();
    const pairs = (command: 'bootstrap' | 'deploy-function') =>
      permissionsFor(command, resources, ownedBy(config, place)).flatMap(({ actions, resources: arns }) =>
        actions.flatMap((action) => arns.map((arn) => `${action} ${arn}`)),
      );
    const all = pairs('bootstrap');
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:IncrementVisits`;
    expect(pairs('deploy-function').filter((pair) => !all.includes(pair))).toEqual([
      `lambda:InvokeFunction ${arn}:live`,
      `lambda:ListVersionsByFunction ${arn}`,
    ]);
  });

  it.each(['bootstrap', 'verify', 'deploy-function', 'destroy'] as const)(
    'of %s have the alias URL and policy on both ARNs that IAM may check, and tags on the one that it does',
    async (command) => {
      const { config, place, resources } = await resourcesFor();
      const { Statement } = permissionPolicy(permissionsFor(command, resources, ownedBy(config, place)));
      const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:IncrementVisits`;
      const arnsOf = (action: string) =>
        Statement.filter(({ Action }) => [Action].flat().includes(action)).flatMap(({ Resource }) => Resource);
      const either = new Set(
        Statement.flatMap(({ Action }) => Action).filter((action) =>
          /^lambda:((Get|Create|Update)FunctionUrlConfig|(Add|Remove)Permission|GetPolicy)$/.test(action),
        ),
      );
      expect(either.size).toBeGreaterThanOrEqual(2);
      for (const action of either) expect([action, arnsOf(action).toSorted()]).toEqual([action, [arn, `${arn}:live`]]);
      expect(arnsOf('lambda:ListTags')).toEqual([
        arn,
        ...(LISTS_UNLISTED.includes(command) ? [arn.replace(/[^:]+$/, '*')] : []),
      ]);
      // Bootstrap only deletes the URL of the function without a qualifier, with --prune.
      const deleted = { bootstrap: [arn], destroy: [arn, `${arn}:live`], verify: [], 'deploy-function': [] }[command];
      expect(arnsOf('lambda:DeleteFunctionUrlConfig').toSorted()).toEqual(deleted);
    },
  );

  it('that exceed the limits of a role are rejected before any call', async () => {
    const withManyRoles = (config: LooseConfig) => {
      config.roles[0].crc = ['verify'];
      config.roles[0].statements = Array.from({ length: 60 }, (_, index) => ({
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::some-bucket-${index}/with/a/long/key/so/that/it/adds/up/quickly/*`,
      }));
      for (let index = 0; index < 30; index += 1) {
        config.roles.push({ ...config.roles[0], name: `Role${index}`, crc: [], state: [], statements: [] });
      }
    };
    await expect(resourcesFor(withManyRoles)).rejects.toThrow(
      expect.objectContaining({
        issues: [
          { path: 'roles[0].crc', message: expect.stringContaining('output of `crc permissions verify`, and name it') },
        ],
      }),
    );
  });

  it('name only actions that calls are checked against', async () => {
    expect(actionsOf('s3', 'HeadBucket')).toEqual(['s3:ListBucket']);
  });
});
