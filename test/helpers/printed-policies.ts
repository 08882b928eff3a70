import { afterAll, beforeAll } from 'vitest';
import { type CliResult, runCli } from './cli.ts';
import { ACCOUNT } from './context.ts';
import type { MotoBench } from './moto.ts';
import { type PolicyGate, startPolicyGate } from './policy-gate.ts';

/** A policy that `crc permissions` prints, or that a role has. */
export interface PrintedPolicy {
  readonly Version: string;
  readonly Statement: readonly { readonly Action: string | readonly string[]; readonly Resource: string }[];
}

/** The distinct actions of a policy. */
export function actionsOf({ Statement }: PrintedPolicy): readonly string[] {
  return [...new Set(Statement.flatMap(({ Action }) => Action))];
}

/** A policy without one of its actions. Statements that become empty are removed. */
export function withoutAction(policy: PrintedPolicy, action: string): PrintedPolicy {
  return {
    ...policy,
    Statement: policy.Statement.map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((name) => name !== action),
    })).filter(({ Action }) => Action.length > 0),
  };
}

/** An access key that is only allowed what the test allows. */
const LIMITED = 'LIMITED';

export interface GatedRun {
  readonly cwd: string;
  /** Access key; default: the limited one. `testing` is allowed everything. */
  readonly key?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** An account that evaluates policies, shared by all tests of a file. */
export interface GatedAccount {
  gate(): PolicyGate;
  crc(args: readonly string[], run: GatedRun): Promise<CliResult>;
  /** Replaces the limited key's policy. */
  setPolicy(policy: object): void;
}

/** Starts a policy gate in front of the account. */
export function useGatedAccount(moto: () => MotoBench): GatedAccount {
  let gate: PolicyGate;
  beforeAll(async () => {
    gate = await startPolicyGate(moto().endpoint);
  });
  afterAll(() => gate.stop());
  return {
    gate: () => gate,
    crc: (args, { cwd, key = LIMITED, env = {} }) =>
      runCli([...args], {
        cwd,
        env: { ...moto().env, AWS_ENDPOINT_URL: gate.endpoint, AWS_ACCESS_KEY_ID: key, ...env },
      }),
    setPolicy(policy) {
      gate.principals.set(LIMITED, { arn: `arn:aws:iam::${ACCOUNT}:user/limited`, policies: [policy] });
    },
  };
}
