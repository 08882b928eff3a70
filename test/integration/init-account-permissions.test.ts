import { beforeAll, expect, it } from 'vitest';
import { REGION } from '../helpers/context.ts';
import { initDocumentSchema } from '../helpers/documents/other-commands.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { actionsOf, type PrintedPolicy, useGatedAccount, withoutAction } from '../helpers/printed-policies.ts';
import { describeWith } from '../helpers/require.ts';
import { FULL_SETUP, REPOSITORY } from '../helpers/setups.ts';

const FLAGS = ['--from-account', '--yes', '--dry-run', '--json', '--repository', REPOSITORY, '--region', REGION];

describeWith('moto', 'crc init --from-account with the printed permissions', () => {
  const moto = useMotoForAll();
  const cwd = folderWith(FULL_SETUP.files ?? {});
  const { gate, crc: runAs, setPolicy } = useGatedAccount(moto);
  beforeAll(async () => {
    await FULL_SETUP.create(moto().clients);
  });

  const crc = (args: readonly string[], key?: string) => runAs(args, { cwd, key, env: { PATH: '/nowhere' } });
  const printed = async () => JSON.parse((await crc(['permissions', 'init'], 'testing')).stdout) as PrintedPolicy;

  it('can read everything, uses every permission, and writes nothing', async () => {
    const policy = await printed();
    setPolicy(policy);
    gate().checked.length = 0;
    const { code, stdout, stderr } = await crc(['init', ...FLAGS]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const { account } = initDocumentSchema.parse(JSON.parse(stdout));
    expect([account?.roles, account?.functions]).toEqual([['deploy'], [{ name: 'visits', source: 'counter' }]]);
    expect([gate().undecided, gate().checked.filter(({ allowed }) => !allowed)]).toEqual([[], []]);
    const used = new Set(gate().checked.map(({ action }) => action));
    expect(actionsOf(policy).filter((action) => !used.has(action))).toEqual([]);
    expect([...used].filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual([]);
  });

  it('ends with an error without any one of them', async () => {
    const policy = await printed();
    for (const action of actionsOf(policy)) {
      setPolicy(withoutAction(policy, action));
      const { code, stdout } = await crc(['init', ...FLAGS]);
      expect([code, JSON.parse(stdout).status], `without ${action}`).toEqual([1, 'failed']);
    }
  }, 600_000);
});
