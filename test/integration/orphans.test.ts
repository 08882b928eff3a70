import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteRoleCommand, TagRoleCommand } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { exampleConfig, type LooseConfig, project } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { orphanKindsWithout } from '../helpers/orphan-kinds.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';

const KEY = 'LIMITED';
const BUCKET = 'abcdef-terraform-state';
const OWN = [
  'role/OldDeploy',
  'execution-role/IncrementVisits',
  'function/IncrementVisits',
  'log-group/IncrementVisits',
  'table/Visits',
  'table/abcdef-terraform-locking',
];

interface Policy {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

function before({ roles }: LooseConfig): void {
  for (const name of ['OldDeploy', 'Taken']) {
    const trust = { repository: `o/${name}`, subjects: ['ref:refs/heads/main'] };
    roles.push({ ...roles[0], name, trust, state: [{ key: `${name}.tfstate`, access: 'write' }] });
  }
}

describeWith(
  'moto',
  'resources that are no longer in the config, with the permissions that crc permissions prints',
  () => {
    const moto = useMotoForAll();
    let gate: PolicyGate;
    const cwd = project(before);
    const crc = (args: readonly string[], key = KEY) =>
      runCli([...args], { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: gate.endpoint, AWS_ACCESS_KEY_ID: key } });
    const json = async (...args: readonly string[]) => {
      const { code, stdout } = await crc([...args, '--json']);
      return { code, ...JSON.parse(stdout) };
    };
    const allowCommand = async (command: string, excluded: readonly string[] = []) => {
      const { Statement }: Policy = JSON.parse((await crc(['permissions', command], 'testing')).stdout);
      const remaining = Statement.map(({ Action, ...rest }) => ({
        ...rest,
        Action: [Action].flat().filter((action) => !excluded.includes(action)),
      })).filter(({ Action }) => Action.length > 0);
      const policies = [{ Version: '2012-10-17', Statement: remaining }];
      gate.principals.set(KEY, { arn: `arn:aws:iam::${ACCOUNT}:user/limited`, policies });
    };

    /** Another owner's function, whose only version has this environment, and $LATEST none. */
    async function publishedWith(Variables: Record<string, string>): Promise<void> {
      const { lambda } = moto().clients;
      const FunctionName = 'Mailer';
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: 'nodejs24.x',
          Role: `arn:aws:iam::${ACCOUNT}:role/Taken`,
          Handler: 'index.handler',
          Code: { ZipFile: new Uint8Array([80, 75]) },
          Environment: { Variables },
        }),
      );
      await lambda.send(new PublishVersionCommand({ FunctionName }));
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: {} } }));
    }

    beforeAll(async () => {
      gate = await startPolicyGate(moto().endpoint);
      expect((await crc(['bootstrap', '--yes'], 'testing')).code).toBe(0);
      const config = exampleConfig();
      config.functions = [];
      delete config.lockTable;
      writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
      expect((await crc(['bootstrap', '--yes'], 'testing')).code).toBe(0);
      const { iam, dynamodb } = moto().clients;
      // One role was taken over by another project, and one never belonged to crc.
      await iam.send(new TagRoleCommand({ RoleName: 'Taken', Tags: [{ Key: 'crc:project', Value: 'other' }] }));
      await dynamodb.send(
        new CreateTableCommand({
          TableName: 'Theirs',
          AttributeDefinitions: [{ AttributeName: 'Id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'Id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
      // A version that nothing serves does not keep the table; whether something does is read.
      await publishedWith({ TABLE_NAME: 'Visits' });
    });
    afterAll(() => gate.stop());

    it('one of each kind is tested here', () => {
      expect(orphanKindsWithout(OWN)).toEqual([]);
    });

    it('verify finds them, and reports any missing permission', async () => {
      await allowCommand('verify');
      expect((await json('verify', '--strict')).code).toBe(2);
      const { code, findings } = await json('verify');
      expect([code, findings.slice(3).map(({ id }: { id: string }) => id)]).toEqual([0, OWN]);
      expect(gate.checked.filter(({ allowed }) => !allowed)).toEqual([]);
      for (const action of [
        'iam:ListRoles',
        'tag:GetResources',
        'lambda:ListTags',
        'dynamodb:ListTagsOfResource',
        'logs:ListTagsForResource',
      ]) {
        await allowCommand('verify', [action]);
        const { code: denied, status, ...document } = await json('verify');
        expect([action, denied, status]).toEqual([action, 1, 'failed']);
        expect(JSON.stringify(document)).toContain(`Access denied: ${action} on `);
      }
    });

    it('destroy --orphans deletes them, may not change others, and reports any missing permission', async () => {
      const used = [
        'lambda:ListFunctions',
        'lambda:ListAliases',
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:ListRolePolicies',
        'iam:ListAttachedRolePolicies',
        'lambda:DeleteFunction',
        'dynamodb:DescribeTable',
        'dynamodb:UpdateTable',
        'dynamodb:DeleteTable',
        'dynamodb:Scan',
        'logs:DeleteLogGroup',
        'logs:DescribeLogGroups',
      ];
      // If a read is denied, nothing is deleted. If a deletion is denied, only that resource fails.
      for (const action of used.filter((name) => !/:(Delete|Update)/.test(name))) {
        await allowCommand('destroy', [action]);
        const { code, stdout } = await crc(['destroy', '--orphans', '--dry-run', '--json']);
        expect([action, code, stdout]).toEqual([action, 1, expect.stringContaining(`Access denied: ${action} on `)]);
      }
      await allowCommand('destroy');
      gate.checked.length = 0;
      const { code, outcomes } = await json('destroy', '--orphans', '--confirm', BUCKET);
      expect([code, outcomes]).toEqual([0, Object.fromEntries(OWN.map((id) => [id, 'removed']))]);
      const sent = new Set(gate.checked.filter(({ allowed }) => allowed).map(({ action }) => action));
      expect(used.filter((action) => !sent.has(action))).toEqual([]);
      // Resources of others are not read, except for the tags of roles that GitHub can assume.
      const aboutOthers = gate.checked
        .filter(({ resource }) => /Taken|Theirs/.test(resource))
        .map(({ action }) => action);
      expect([...new Set(aboutOthers)]).toEqual(['iam:GetRole']);
      expect((await json('verify', '--strict')).findings).toHaveLength(3);
    });

    it('those permissions delete no role of another project', async () => {
      const { IAMClient } = await import('@aws-sdk/client-iam');
      const iam = new IAMClient({
        endpoint: gate.endpoint,
        region: 'eu-west-2',
        credentials: { accessKeyId: KEY, secretAccessKey: 'secret' },
      });
      await expect(iam.send(new DeleteRoleCommand({ RoleName: 'Taken' }))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
      iam.destroy();
    });
  },
);
