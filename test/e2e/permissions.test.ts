import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateMultipartUploadCommand, DeleteBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { project, withEverything } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { useMoto } from '../helpers/moto.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';

interface Policy {
  readonly Version: string;
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

const Bucket = 'abcdef-terraform-state';

/** The access key of a user whose only policy is the one that `crc permissions` prints. */
const KEY = 'LIMITED';

describeWith('moto', 'a user with the permissions that crc permissions printed', () => {
  const moto = useMoto({ managedPolicies: true });
  const cwd = project(withEverything);
  let gate: PolicyGate;
  beforeAll(async () => {
    gate = await startPolicyGate(moto().endpoint);
  });
  beforeEach(() => {
    gate.checked.length = 0;
  });
  afterAll(async () => {
    await gate.stop();
  });
  const as = (key: string) => ({ ...moto().env, AWS_ENDPOINT_URL: gate.endpoint, AWS_ACCESS_KEY_ID: key });
  const crc = (args: readonly string[], key = KEY) => runCli(args, { cwd, env: as(key) });
  const file = join(cwd, 'crc.config.json');
  const source = join(cwd, 'functions/increment-visits/index.ts');
  const [CONFIG, SOURCE] = [file, source].map((path) => readFileSync(path, 'utf8')) as [string, string];
  const deploy = (occasion: 'the first time' | 'new code and settings') => {
    const isUpdate = occasion === 'new code and settings';
    writeFileSync(file, isUpdate ? CONFIG.replace('"memoryMb":128', '"memoryMb":256') : CONFIG);
    writeFileSync(source, isUpdate ? `${SOURCE}console.log('again');\n` : SOURCE);
  };
  /** Creates a state that `destroy` may delete, and an incomplete upload. */
  const addObjects = async () => {
    const { s3 } = moto().clients;
    // Moto denies all object calls if the bucket policy contains a conditional Deny.
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    const Body = '{"version":4,"serial":1,"lineage":"x","resources":[]}';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a/terraform.tfstate', Body }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a/terraform.tfstate' }));
  };
  const reset = () => fetch(`${moto().endpoint}/moto-api/reset`, { method: 'POST' });
  const setPolicy = (policy: object) =>
    gate.principals.set(KEY, { arn: `arn:aws:iam::${ACCOUNT}:user/limited`, policies: [policy] });
  const printed = async (command: string): Promise<Policy> => JSON.parse((await crc(['permissions', command])).stdout);
  const withoutActions = ({ Statement, ...rest }: Policy, actions: readonly string[]) => ({
    ...rest,
    Statement: Statement.map(({ Action, ...statement }) => ({
      ...statement,
      Action: [Action].flat().filter((other) => !actions.includes(other)),
    })).filter(({ Action }) => Action.length > 0),
  });

  const isDenied = (action: string) => gate.checked.some((check) => check.action === action && !check.allowed);
  // HeadBucket errors contain no reason, so the message names both possible causes.
  const names = (output: string, action: string) =>
    output.includes(`Access denied: ${action} on `) || output.includes(`lack ${action} on`);

  it.each([
    ['bootstrap', ['bootstrap'], 'never'],
    ['verify', ['verify'], 'once'],
    ['deploy-function', ['deploy-function', '--no-smoke-test'], 'each time'],
    ['destroy', ['destroy', '--confirm', Bucket, '--delete-state'], 'each time'],
  ])(
    '%s succeeds, and fails with an explanation without any one action that it sends',
    async (command, args, existing) => {
      const prepare = async () => {
        await reset();
        if (existing === 'never') return;
        deploy('the first time');
        expect((await crc(['bootstrap'], 'testing')).code).toBe(0);
        if (command === 'deploy-function') deploy('new code and settings');
        if (command === 'destroy') await addObjects();
      };
      const policy = await printed(command);
      setPolicy(policy);
      await prepare();
      const { code, stdout, stderr } = await crc(args);
      expect(code === 0 ? '' : stdout + stderr).toBe('');
      const sent = [...new Set(gate.checked.map(({ action }) => action))].sort();
      expect(sent.length).toBeGreaterThan(15);

      // All actions are removed at first, and each one that an error names is restored, so that the next run gets
      // further. This is valid because an action that is named while several are missing would also be named if it
      // alone were missing.
      const out = new Set(sent);
      const run = async () => {
        gate.checked.length = 0;
        setPolicy(withoutActions(policy, [...out]));
        const { code, stdout } = await crc([...args, '--json']);
        const namedActions = [...out].filter((action) => isDenied(action) && names(stdout, action));
        return { code, namedActions };
      };
      await prepare();
      for (let last = await run(); last.code === 1 && last.namedActions.length > 0; last = await run()) {
        for (const action of last.namedActions) out.delete(action);
      }
      const silent: string[] = [];
      // Some actions are only needed in a first run.
      for (const action of [...out]) {
        if (existing !== 'once') await prepare();
        out.clear();
        out.add(action);
        const { code, namedActions } = await run();
        if (code !== 1 || namedActions.length === 0) silent.push(action);
      }
      expect(silent).toEqual([]);
    },
    600_000,
  );

  it('grants nothing that no run uses', async () => {
    await reset();
    const policy = await printed('bootstrap');
    const granted = new Set(policy.Statement.flatMap(({ Action }) => Action));
    setPolicy(policy);
    await crc(['bootstrap']);
    await crc(['verify']);
    const sent = new Set(gate.checked.map(({ action }) => action));
    // Actions that are only needed to fix, adopt or prune. The contract tests of the resources cover them.
    const fixes =
      /^(iam:(GetPolicy|GetPolicyVersion|DeleteRolePolicy|DetachRolePolicy|UpdateRole|UpdateAssumeRolePolicy|AddClientIDToOpenIDConnectProvider|UpdateOpenIDConnectProviderThumbprint)|dynamodb:UpdateTable|lambda:(UpdateFunctionConfiguration|UpdateFunctionCode|UpdateAlias|UpdateFunctionUrlConfig|DeleteFunctionUrlConfig|RemovePermission)|s3:(ListBucketVersions|ListBucketMultipartUploads|PutBucketTagging))$/;
    expect([...granted].filter((action) => !sent.has(action) && !fixes.test(action))).toEqual([]);
  });
});
