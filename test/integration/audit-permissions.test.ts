import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { beforeAll, expect, it } from 'vitest';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { auditDocumentSchema } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { actionsOf, type PrintedPolicy, useGatedAccount, withoutAction } from '../helpers/printed-policies.ts';
import { describeWith } from '../helpers/require.ts';
import { trustOf } from '../trust/audit/policies.ts';

describeWith('moto', 'crc audit with the printed permissions', () => {
  const moto = useMotoForAll();
  const { gate, crc: runAs, setPolicy } = useGatedAccount(moto);
  let cwd: string;
  beforeAll(async () => {
    const config = backendConfig();
    config.roles[0].crc = ['audit'];
    cwd = writeConfig(config);
    const { code, stderr } = await crc(['bootstrap', '--yes'], { key: 'testing' });
    expect(code, stderr).toBe(0);
    const { iam } = moto().clients;
    const trust = JSON.stringify(trustOf({ StringEquals: { aud: 'sts.amazonaws.com' } }));
    await iam.send(new CreateRoleCommand({ RoleName: 'OpenRole', AssumeRolePolicyDocument: trust }));
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'Everything',
        PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
      }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'OpenRole', PolicyArn: Policy?.Arn }));
  });

  const crc = (args: readonly string[], { key, folder = cwd }: { key?: string; folder?: string } = {}) =>
    runAs(args, { cwd: folder, key });
  const printed = async (folder = cwd): Promise<PrintedPolicy> =>
    JSON.parse((await crc(['permissions', 'audit'], { key: 'testing', folder })).stdout) as PrintedPolicy;

  it('finds all problems, and has no unused permissions', async () => {
    const policy = await printed();
    setPolicy(policy);
    gate().checked.length = 0;
    const { code, stdout } = await crc(['audit', '--json']);
    const { roles, status } = auditDocumentSchema.parse(JSON.parse(stdout));
    expect([code, status]).toEqual([2, 'findings']);
    expect(roles.map(({ name, managed, severity, power }) => [name, managed, severity, power])).toEqual([
      ['OpenRole', 'other', 'critical', 'administrator'],
      ['GitHubActionsTerraformRole', 'config', 'medium', 'write'],
    ]);
    expect(gate().checked.filter(({ allowed }) => !allowed)).toEqual([]);
    const used = gate().checked.map(({ action }) => action);
    expect(actionsOf(policy).filter((action) => !used.includes(action))).toEqual([]);
  });

  it('fails without any one of the actions, and still shows the rest if it can', async () => {
    const policy = await printed();
    for (const action of actionsOf(policy)) {
      setPolicy(withoutAction(policy, action));
      const { code, stdout } = await crc(['audit', '--json']);
      const document = JSON.parse(stdout);
      expect([code, document.status], `without ${action}`).toEqual([1, 'failed']);
      if (action === 'iam:GetPolicy') {
        const { roles, unread } = auditDocumentSchema.parse(document);
        expect(roles.find(({ name }) => name === 'OpenRole')).toMatchObject({ power: 'unknown', severity: 'critical' });
        expect(unread.map(({ name }) => name)).toEqual([`arn:aws:iam::${ACCOUNT}:policy/Everything`]);
      }
    }
  });

  it('needs no config, nor do the permissions', async () => {
    const folder = folderWith({});
    const policy = await printed(folder);
    setPolicy(policy);
    const { code, stdout } = await crc(['audit', '--json'], { folder });
    const { roles } = auditDocumentSchema.parse(JSON.parse(stdout));
    expect([code, roles.map(({ name, managed }) => [name, managed])]).toEqual([
      2,
      [
        ['OpenRole', 'other'],
        ['GitHubActionsTerraformRole', 'crc'],
      ],
    ]);
  });

  it('has the permissions of a role with "crc": ["audit"]', async () => {
    const policy = new GetRolePolicyCommand({ RoleName: 'GitHubActionsTerraformRole', PolicyName: 'TerraformPolicy' });
    const { PolicyDocument = '' } = await moto().clients.iam.send(policy);
    setPolicy(JSON.parse(decodeURIComponent(PolicyDocument)) as PrintedPolicy);
    expect((await crc(['audit'])).code).toBe(2);
    expect((await crc(['audit', '--fail-on', 'critical', '--role', 'GitHubActionsTerraformRole'])).code).toBe(0);
    expect((await crc(['verify'])).code).toBe(1);
  });
});
