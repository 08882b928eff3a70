import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { initDocumentSchema } from '../helpers/documents/others.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';
import { EVERYTHING, REPOSITORY } from '../helpers/set-ups.ts';

const KEY = 'LIMITED';
const FLAGS = ['--from-account', '--yes', '--dry-run', '--json', '--repository', REPOSITORY, '--region', REGION];

interface Policy {
  readonly Version: string;
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

const actionsOf = ({ Statement }: Policy) => [...new Set(Statement.flatMap(({ Action }) => Action))];
const without = (policy: Policy, action: string): Policy => ({
  ...policy,
  Statement: policy.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((name) => name !== action),
  })).filter(({ Action }) => Action.length > 0),
});

describeWith('moto', 'crc init --from-account with the rights that are printed', () => {
  const moto = useMotoForAll();
  const cwd = folderWith(EVERYTHING.files ?? {});
  let gate: PolicyGate;
  beforeAll(async () => {
    await EVERYTHING.create(moto().clients);
    gate = await startPolicyGate(moto().endpoint);
  });
  afterAll(() => gate.stop());

  const crc = (args: readonly string[], key = KEY) =>
    runCli([...args], {
      cwd,
      env: { ...moto().env, AWS_ENDPOINT_URL: gate.endpoint, AWS_ACCESS_KEY_ID: key, PATH: '/nowhere' },
    });
  const printed = async () => JSON.parse((await crc(['permissions', 'init'], 'testing')).stdout) as Policy;
  const may = (policy: Policy) =>
    gate.principals.set(KEY, { arn: `arn:aws:iam::${ACCOUNT}:user/limited`, policies: [policy] });

  it('reads everything with them, uses each of them, and writes nothing', async () => {
    const policy = await printed();
    may(policy);
    gate.checked.length = 0;
    const { code, stdout, stderr } = await crc(['init', ...FLAGS]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const { account } = initDocumentSchema.parse(JSON.parse(stdout));
    expect([account?.roles, account?.functions]).toEqual([['deploy'], [{ name: 'visits', source: 'counter' }]]);
    expect([gate.undecided, gate.checked.filter(({ allowed }) => !allowed)]).toEqual([[], []]);
    const used = new Set(gate.checked.map(({ action }) => action));
    expect(actionsOf(policy).filter((action) => !used.has(action))).toEqual([]);
    expect([...used].filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual([]);
  });

  it('ends with an error without any one of them', async () => {
    const policy = await printed();
    for (const action of actionsOf(policy)) {
      may(without(policy, action));
      const { code, stdout } = await crc(['init', ...FLAGS]);
      expect([code, JSON.parse(stdout).status], `without ${action}`).toEqual([1, 'failed']);
    }
  });
});
