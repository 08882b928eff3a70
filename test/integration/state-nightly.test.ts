import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { createRunner, evaluate } from '../helpers/github-runner.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, stateBench } from '../helpers/state-bench.ts';
import { secretState } from '../terraform/state/states.ts';

const ACCESS_KEY = 'NIGHTLY';
const ROLE = 'StateCheck';

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
}

/** What the generated workflow does every night, with the permissions of its role. */
describeWith(['moto', 'bash'], 'the state-check job of the workflow', () => {
  const moto = useMotoForAll();
  const { lockItem, locks, put, putDigest } = stateBench(moto);
  let gate: PolicyGate;
  let cwd: string;
  let job: { readonly if: string; readonly steps: readonly Step[] };
  const crc = (args: readonly string[], key: string) =>
    runCli(args, { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: gate.endpoint, AWS_ACCESS_KEY_ID: key } });
  /** Runs the command of the job as bash would pass it to npx, with the role's permissions. */
  async function runJob() {
    const command =
      job.steps.map(({ run = '' }) => /^npx .*$/m.exec(run)?.[0]).find((line) => line !== undefined) ?? '';
    const [args = []] = createRunner()(command);
    return await crc(args.slice(args.indexOf('state')), ACCESS_KEY);
  }

  afterAll(() => gate.stop());
  beforeAll(async () => {
    gate = await startPolicyGate(moto().endpoint);
    const config = backendConfig();
    const [{ trust }] = config.roles;
    const subjects = ['ref:refs/heads/main'];
    config.roles.push({ name: ROLE, trust: { ...trust, subjects }, crc: ['state-check'], state: [] });
    cwd = writeConfig(config);
    const { code, stderr } = await crc(['bootstrap', '--yes'], 'testing');
    expect(code === 0 ? '' : stderr).toBe('');
    // Moto denies all object calls if the bucket policy contains a conditional Deny.
    await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    const workflow = parse((await crc(['workflow'], 'testing')).stdout);
    job = workflow.jobs['state-check'];
    const { PolicyDocument = '' } = await moto().clients.iam.send(
      new GetRolePolicyCommand({ RoleName: ROLE, PolicyName: 'TerraformPolicy' }),
    );
    const policies = [JSON.parse(decodeURIComponent(PolicyDocument))];
    gate.principals.set(ACCESS_KEY, { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE}/nightly`, policies });
    await put(secretState(1));
    gate.checked.length = 0;
  });

  it('runs every night and on demand, with the role in the config', () => {
    for (const [event, runs] of [
      ['schedule', 'true'],
      ['workflow_dispatch', 'true'],
      ['push', 'false'],
      ['pull_request', 'false'],
    ] as const) {
      expect(evaluate(job.if, { 'github.event_name': event })).toBe(runs);
    }
    const roles = job.steps.map((step) => step.with?.['role-to-assume']).filter(Boolean);
    expect(roles).toEqual([`arn:aws:iam::${ACCOUNT}:role/${ROLE}`]);
  });

  it('exits with 0 if there are no problems, and needs no other permissions', async () => {
    const { code, stdout, stderr } = await runJob();
    expect([code, stdout, code === 0 ? '' : stderr]).toEqual([0, expect.stringContaining('1 state, no problems.'), '']);
    expect(gate.checked.length).toBeGreaterThan(3);
    expect(gate.checked.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('exits with 2 if there are problems, and explains how to fix them', async () => {
    await putDigest('0'.repeat(32));
    await lockItem(lockInfo('left'));
    const { code, stdout } = await runJob();
    expect([code, stdout]).toEqual([2, expect.stringMatching(/\[digest-mismatch\][\s\S]*crc state check --fix/)]);
    expect(stdout).toMatch(new RegExp(`\\[old-lock\\][\\s\\S]*crc state unlock ${KEY}`));
    expect(gate.checked.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('has no permission to change anything', async () => {
    expect((await crc(['state', 'unlock', KEY, '--force', 'left'], ACCESS_KEY)).code).toBe(1);
    expect((await crc(['state', 'check', '--fix', '--yes'], ACCESS_KEY)).code).toBe(1);
    expect(await locks()).toEqual([lockInfo('left')]);
  });
});
