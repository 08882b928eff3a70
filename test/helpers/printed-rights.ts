import { afterAll, beforeAll } from 'vitest';
import { type CliResult, runCli } from './cli.ts';
import { ACCOUNT } from './context.ts';
import type { MotoBench } from './moto.ts';
import { type PolicyGate, startPolicyGate } from './policy-gate.ts';

/** A policy as `crc permissions` prints it, or as a role has it. */
export interface PrintedPolicy {
  readonly Version: string;
  readonly Statement: readonly { readonly Action: string | readonly string[]; readonly Resource: string }[];
}

/** Each action of a policy once. */
export function actionsOf({ Statement }: PrintedPolicy): readonly string[] {
  return [...new Set(Statement.flatMap(({ Action }) => Action))];
}

/** The policy without one of its actions, and without the statements that are empty then. */
export function without(policy: PrintedPolicy, action: string): PrintedPolicy {
  return {
    ...policy,
    Statement: policy.Statement.map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((name) => name !== action),
    })).filter(({ Action }) => Action.length > 0),
  };
}

/** The access key that may do nothing but what a test allows it. */
const LIMITED = 'LIMITED';

export interface GatedRun {
  readonly cwd: string;
  /** `testing` may do everything. By default the one that is limited. */
  readonly key?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** An account that decides by policies, for all tests of a file. */
export interface GatedAccount {
  gate(): PolicyGate;
  crc(args: readonly string[], run: GatedRun): Promise<CliResult>;
  /** From now on the limited key may do this, and nothing else. */
  may(policy: object): void;
}

/** Stands before the account that `moto` answers with. */
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
    may(policy) {
      gate.principals.set(LIMITED, { arn: `arn:aws:iam::${ACCOUNT}:user/limited`, policies: [policy] });
    },
  };
}
