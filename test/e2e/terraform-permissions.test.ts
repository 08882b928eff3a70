import { readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Moto, startMoto } from '../../src/sandbox/moto.ts';
import { runCli } from '../helpers/cli.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';
import {
  actionsOf,
  CONFIGURATIONS,
  ConfigurationRun,
  type Knockout,
  knockout,
  type Printed,
  STEPS,
  type Step,
  statementsFor,
} from '../helpers/terraform-proof.ts';

/** All configurations take the better part of an hour: `npm run test:permissions`. A run of the tests takes the quickest. */
const CHOSEN = (process.env.CRC_PROOF ?? 'ecr').split(',');
const NAMES = readdirSync(CONFIGURATIONS).filter((name) => CHOSEN.includes('all') || CHOSEN.includes(name));
const RESULTS = process.env.CRC_PROOF_RESULTS;
const HOUR = 3_600_000;

/**
 * Reads that the provider goes on without, so no step fails; without this one `aws_vpc` has no `default_network_acl_id`, and what
 * uses it would change (findVPCDefaultNetworkACL in the provider's vpc_.go).
 */
const GOES_ON_WITHOUT = new Set(['ec2:DescribeNetworkAcls']);

describeWith(['moto', 'terraform'], 'Terraform with the permissions that crc prints, and nothing else', () => {
  describe.each(NAMES)('%s', (name) => {
    it(
      'plans, applies, changes and destroys, and fails without any one of the actions',
      async () => {
        await withGate(async (moto, gate) => {
          const printed = await printedFor(name, gate);
          expect(printed.unknown).toEqual([]);
          await runsWith(printed, name, gate);
          await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' });
          const results = await failsWithout(printed, name, gate);
          if (RESULTS !== undefined) writeFileSync(`${RESULTS}/${name}.json`, JSON.stringify(results));
          expect(
            Object.fromEntries(
              Object.entries(results).map(([step, { tolerated }]) => [
                step,
                tolerated.filter((action) => !GOES_ON_WITHOUT.has(action)),
              ]),
            ),
          ).toEqual({
            apply: [],
            plan: [],
            change: [],
            destroy: [],
          });
        });
      },
      HOUR,
    );
  });
});

async function withGate(use: (moto: Moto, gate: PolicyGate) => Promise<void>): Promise<void> {
  const moto = await startMoto({ accountId: ACCOUNT });
  const gate = await startPolicyGate(moto.endpoint);
  try {
    await use(moto, gate);
  } finally {
    await gate.stop();
    await moto.stop();
  }
}

/** What a user sees who asks for the permissions of this configuration. */
async function printedFor(name: string, gate: PolicyGate): Promise<Printed> {
  const run = new ConfigurationRun(name, gate);
  await run.init();
  const { folder } = run;
  const { code, stdout, stderr } = await runCli(['permissions', 'terraform', folder, '--json'], { cwd: folder });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Each step with exactly the statements of its phase. */
async function runsWith(printed: Printed, name: string, gate: PolicyGate): Promise<void> {
  const run = new ConfigurationRun(name, gate);
  await run.init();
  for (const step of STEPS) {
    gate.checked.length = 0;
    const { code, output } = await run.step(step, statementsFor(printed, step));
    const denied = gate.checked.filter(({ allowed }) => !allowed);
    expect({ step, code, denied, undecided: gate.undecided, output: code === 0 ? '' : output }).toEqual({
      step,
      code: 0,
      denied: [],
      undecided: [],
      output: '',
    });
  }
}

/** Each action of each phase is taken out, in the step that a phase adds it for. */
async function failsWithout(printed: Printed, name: string, gate: PolicyGate): Promise<Record<Step, Knockout>> {
  const run = new ConfigurationRun(name, gate);
  await run.init();
  const { plan, apply, destroy } = printed.phases;
  const added = (phase: typeof plan, before: typeof plan) => {
    const known = actionsOf(before);
    return new Set([...actionsOf(phase)].filter((action) => !known.has(action)));
  };
  const out = (step: Step, actions: ReadonlySet<string>) => knockout(run, gate, printed, step, actions);
  const created = await out('apply', added(apply, plan));
  const read = await out('plan', actionsOf(plan));
  // What nothing asked for when the resources were created is there for their changes.
  const changed = await out('change', new Set(created.unused));
  const destroyed = await out('destroy', added(destroy, apply));
  return { apply: created, plan: read, change: changed, destroy: destroyed };
}
