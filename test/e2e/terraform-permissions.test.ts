import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startMoto } from '../../src/sandbox/moto.ts';
import { runCli } from '../helpers/cli.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';
import {
  type ActionResults,
  actionsOf,
  CONFIGURATIONS,
  ConfigurationRun,
  type Printed,
  runWithoutEachAction,
  STEPS,
  type Step,
  statementsFor,
} from '../helpers/terraform-proof.ts';

/** All configurations take most of an hour: `npm run test:permissions`. By default, only the fastest one is tested. */
const CHOSEN = (process.env.CRC_PROOF ?? 'ecr').split(',');
const NAMES = CONFIGURATIONS.filter((name) => CHOSEN.includes('all') || CHOSEN.includes(name));
const RESULTS = process.env.CRC_PROOF_RESULTS;
const HOUR = 3_600_000;

/**
 * Reads whose failure the provider ignores. Without this one, `aws_vpc` has no `default_network_acl_id`, so only
 * resources that use it would change (findVPCDefaultNetworkACL in vpc_.go).
 */
const IGNORED_BY_PROVIDER = new Set(['ec2:DescribeNetworkAcls']);

describeWith(['moto', 'terraform'], 'Terraform with exactly the permissions that crc prints', () => {
  describe.each(NAMES)('%s', (name) => {
    it(
      'plans, applies, changes and destroys, and fails without any one action',
      async () => {
        await withGates(async (gate, another) => {
          const run = await ConfigurationRun.of(name, gate);
          const printed = await printedFor(run);
          expect(printed.unknown).toEqual([]);
          const [results] = await Promise.all([
            failsWithout(printed, run.withGate(another), another),
            runsWith(printed, run, gate),
          ]);
          if (RESULTS !== undefined) writeFileSync(`${RESULTS}/${name}.json`, JSON.stringify(results));
          expect(
            Object.fromEntries(
              Object.entries(results).map(([step, { tolerated }]) => [
                step,
                tolerated.filter((action) => !IGNORED_BY_PROVIDER.has(action)),
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

/** Starts two gates, each in front of a separate emulator. */
async function withGates(use: (gate: PolicyGate, another: PolicyGate) => Promise<void>): Promise<void> {
  const motos = await Promise.all([startMoto({ accountId: ACCOUNT }), startMoto({ accountId: ACCOUNT })]);
  const [gate, another] = await Promise.all([startPolicyGate(motos[0].endpoint), startPolicyGate(motos[1].endpoint)]);
  try {
    await use(gate, another);
  } finally {
    await Promise.all([gate, another, ...motos].map((server) => server.stop()));
  }
}

/** What `crc permissions terraform` prints for this configuration. */
async function printedFor({ folder }: ConfigurationRun): Promise<Printed> {
  const { code, stdout, stderr } = await runCli(['permissions', 'terraform', folder, '--json'], { cwd: folder });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Runs each step with exactly the statements of its phase. */
async function runsWith(printed: Printed, run: ConfigurationRun, gate: PolicyGate): Promise<void> {
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

/** Removes each action, in the step for which its phase adds it. */
async function failsWithout(
  printed: Printed,
  run: ConfigurationRun,
  gate: PolicyGate,
): Promise<Record<Step, ActionResults>> {
  const { plan, apply, destroy } = printed.phases;
  const added = (phase: typeof plan, before: typeof plan) => {
    const known = actionsOf(before);
    return new Set([...actionsOf(phase)].filter((action) => !known.has(action)));
  };
  const out = (step: Step, actions: ReadonlySet<string>) => runWithoutEachAction(run, gate, printed, step, actions);
  const created = await out('apply', added(apply, plan));
  const read = await out('plan', actionsOf(plan));
  // Actions that were not needed to create the resources may be needed to change them.
  const changed = await out('change', new Set(created.unused));
  const destroyed = await out('destroy', added(destroy, apply));
  return { apply: created, plan: read, change: changed, destroy: destroyed };
}
