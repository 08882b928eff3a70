import { copyFileSync, cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCOUNT } from './context.ts';
import type { PolicyGate } from './policy-gate.ts';
import { initWithProvider, type TerraformResult, terraform } from './terraform.ts';

/** A statement in the output of `crc permissions terraform --json`. */
export interface PrintedStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: object;
}

export interface Printed {
  readonly phases: Readonly<Record<'plan' | 'apply' | 'destroy', readonly PrintedStatement[]>>;
  readonly unknown: readonly object[];
}

/** What a Terraform user does, in this order. */
export const STEPS = ['apply', 'plan', 'change', 'destroy'] as const;
export type Step = (typeof STEPS)[number];

/**
 * The printed phase whose statements each step receives. A change can replace resources, so it also needs the
 * permissions to delete.
 */
const PHASE_OF = { apply: 'apply', plan: 'plan', change: 'destroy', destroy: 'destroy' } as const;

/** The access key whose only policy is the printed one. */
const LIMITED = 'TERRAFORM';

const FOLDER = fileURLToPath(new URL('../e2e/terraform-permissions/', import.meta.url));

/** Names of the tested configurations. */
export const CONFIGURATIONS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** A file that all configurations share. */
const SHARED_FILE = 'provider.tf';

/** A configuration in a temporary folder. Its Terraform accesses AWS through the gate as a limited user. */
export class ConfigurationRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'crc-proof-'));
  readonly #gate: PolicyGate;

  private constructor(from: string, gate: PolicyGate) {
    cpSync(from, this.folder, { recursive: true, verbatimSymlinks: true });
    this.#gate = gate;
  }

  /** A configuration of this project after `terraform init`. */
  static async of(name: string, gate: PolicyGate): Promise<ConfigurationRun> {
    const run = new ConfigurationRun(join(FOLDER, name), gate);
    cpSync(join(FOLDER, SHARED_FILE), join(run.folder, SHARED_FILE));
    const { code, output } = await initWithProvider(run.folder, run.#env());
    if (code !== 0) throw new Error(output);
    return run;
  }

  /** A copy that uses another gate. Copying is cheap, because the provider is symlinked. */
  withGate(gate: PolicyGate): ConfigurationRun {
    return new ConfigurationRun(this.folder, gate);
  }

  #env() {
    return {
      AWS_ENDPOINT_URL: this.#gate.endpoint,
      AWS_ACCESS_KEY_ID: LIMITED,
      AWS_SECRET_ACCESS_KEY: 'testing',
    };
  }

  async init(): Promise<void> {
    const { code, output } = await initWithProvider(this.folder, this.#env());
    if (code !== 0) throw new Error(output);
  }

  /** Saves the state. The returned function restores it; the emulator's resources are not restored. */
  saveState(): () => void {
    const state = join(this.folder, 'terraform.tfstate');
    const copy = join(mkdtempSync(join(tmpdir(), 'crc-proof-')), 'terraform.tfstate');
    copyFileSync(state, copy);
    return () => copyFileSync(copy, state);
  }

  /** Runs a step with these statements. `destroy` uses the same variables as `change`, which it follows. */
  async step(step: Step, statements: readonly PrintedStatement[]): Promise<TerraformResult> {
    this.#gate.principals.set(LIMITED, {
      arn: `arn:aws:iam::${ACCOUNT}:user/terraform`,
      policies: [{ Version: '2012-10-17', Statement: statements }],
    });
    const changed = step === 'change' || step === 'destroy' ? ['-var', 'changed=true'] : [];
    const command = { apply: 'apply', plan: 'plan', change: 'apply', destroy: 'destroy' }[step];
    // Always with a refresh: after a step that failed, the state has what was not done, for example the role in an instance
    // profile, and Moto answers its removal with an error.
    const flags = step === 'plan' ? [] : ['-auto-approve'];
    return await terraform([command, ...flags, '-input=false', '-no-color', ...changed], this.folder, this.#env());
  }
}

/** The statements for a step, without certain actions. */
export function statementsFor(printed: Printed, step: Step, excluded: ReadonlySet<string> = new Set()) {
  return printed.phases[PHASE_OF[step]]
    .map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((action) => !excluded.has(action)),
    }))
    .filter(({ Action }) => Action.length > 0);
}

export function actionsOf(statements: readonly PrintedStatement[]): ReadonlySet<string> {
  return new Set(statements.flatMap(({ Action }) => Action));
}

/** The result of running a step without each of its actions. */
export interface ActionResults {
  /** The step failed with an error that names the action. */
  readonly needed: readonly string[];
  /** The plan succeeded but showed other changes, because Terraform treated unreadable resources as deleted. */
  readonly misled: readonly string[];
  /** The action was denied, but the step succeeded. */
  readonly tolerated: readonly string[];
  /** The step never requested the action. */
  readonly unused: readonly string[];
}

/**
 * Removes each action from a step's statements and determines whether the step fails without it. To save runs, all
 * actions are removed at first, and each one that an error names is restored, until the step succeeds. This is valid
 * because an action that is named in an error while several are missing would also fail if it alone were missing: other
 * denied calls are not the reason for this call.
 */
export async function runWithoutEachAction(
  run: ConfigurationRun,
  gate: PolicyGate,
  printed: Printed,
  step: Step,
  actions: ReadonlySet<string>,
): Promise<ActionResults> {
  const removed = new Set(actions);
  const [needed, misled, refused] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const restoreState = step === 'change' ? run.saveState() : undefined;
  const runWithout = async (actions: ReadonlySet<string>) => {
    gate.checked.length = 0;
    const statements = statementsFor(printed, step === 'plan' ? 'plan' : 'destroy', actions);
    // After a failed update the state already contains the new values. A refresh corrects most of them, but not the hash of a
    // function's code, so each run of a change starts with the state before it. Created or destroyed resources are not affected.
    restoreState?.();
    const { code, output } = await run.step(step, statements);
    const denied = new Set(gate.checked.flatMap(({ action, allowed }) => (allowed ? [] : [action])));
    return { code, output, denied: [...actions].filter((action) => denied.has(action)) };
  };
  const expected = step === 'plan' ? summaryOf((await runWithout(new Set())).output) : undefined;
  const isMisled = (output: string) => expected !== undefined && summaryOf(output) !== expected;
  for (;;) {
    const { code, output, denied } = await runWithout(removed);
    for (const action of denied) refused.add(action);
    if (code === 0 && (!isMisled(output) || denied.length === 0)) break;
    if (code === 0) {
      for (const action of denied) {
        removed.delete(action);
        if (isMisled((await runWithout(new Set([action]))).output)) misled.add(action);
      }
      continue;
    }
    const errors = output.slice(Math.max(0, output.indexOf('Error:')));
    const namedActions = denied.filter((action) => namesAction(errors, action));
    if (namedActions.length === 0)
      throw new Error(`${step} fails without naming any of ${[...removed].join(', ')}:\n${output}`);
    for (const action of namedActions) {
      removed.delete(action);
      needed.add(action);
    }
  }
  const tolerated = [...refused].filter((action) => !needed.has(action) && !misled.has(action));
  const unused = [...actions].filter((action) => !needed.has(action) && !refused.has(action));
  const sorted = (names: Iterable<string>) => [...names].sort();
  return { needed: sorted(needed), misled: sorted(misled), tolerated: sorted(tolerated), unused: sorted(unused) };
}

/** The summary of a plan. With an emulator, there may be changes directly after an apply. */
function summaryOf(output: string): string | undefined {
  return /No changes\.|Plan: .*/.exec(output)?.[0];
}

/** Errors of HEAD requests, which do not name the action because they have no body: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
const HEAD_CALLS: Readonly<Record<string, string>> = { 's3:GetObject': 'HeadObject', 's3:ListBucket': 'HeadBucket' };

/** Whether the output contains an error that names the action. Terraform wraps lines within messages. */
function namesAction(output: string, action: string): boolean {
  const text = output.replace(/\s*\n[│\s]*/g, ' ');
  const call = HEAD_CALLS[action];
  return (
    text.includes(`perform: ${action} on`) ||
    (call !== undefined && text.includes(`S3: ${call}, https response error StatusCode: 403`))
  );
}
