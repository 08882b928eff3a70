import { copyFileSync, cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCOUNT } from './context.ts';
import type { PolicyGate } from './policy-gate.ts';
import { initWithProvider, type TerraformResult, terraform } from './terraform.ts';

/** Statements as `crc permissions terraform --json` prints them. */
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

/** What a user of Terraform does, in this order. */
export const STEPS = ['apply', 'plan', 'change', 'destroy'] as const;
export type Step = (typeof STEPS)[number];

/** The phase of the printed document that a step is given: a change can replace a resource, so it deletes as well. */
const PHASE_OF = { apply: 'apply', plan: 'plan', change: 'destroy', destroy: 'destroy' } as const;

/** The key of the user that has the printed policy and nothing else. */
const LIMITED = 'TERRAFORM';

const FOLDER = fileURLToPath(new URL('../e2e/terraform-permissions/', import.meta.url));

/** Names of the configurations that are proven. */
export const CONFIGURATIONS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What all of them have. */
const COMMON = 'provider.tf';

/** One configuration in a folder of its own, whose Terraform goes through the gate as the limited user. */
export class ConfigurationRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'crc-proof-'));
  readonly #gate: PolicyGate;

  private constructor(from: string, gate: PolicyGate) {
    cpSync(from, this.folder, { recursive: true, verbatimSymlinks: true });
    this.#gate = gate;
  }

  /** A configuration of this project, with its provider installed. */
  static async of(name: string, gate: PolicyGate): Promise<ConfigurationRun> {
    const run = new ConfigurationRun(join(FOLDER, name), gate);
    cpSync(join(FOLDER, COMMON), join(run.folder, COMMON));
    const { code, output } = await initWithProvider(run.folder, run.#env());
    if (code !== 0) throw new Error(output);
    return run;
  }

  /** The same, before another gate: what Terraform installed is of links and a few small files. */
  before(gate: PolicyGate): ConfigurationRun {
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

  /** Answers with what brings the state of this moment back; the emulator stays as it is then. */
  stateKept(): () => void {
    const state = join(this.folder, 'terraform.tfstate');
    const kept = join(mkdtempSync(join(tmpdir(), 'crc-proof-')), 'terraform.tfstate');
    copyFileSync(state, kept);
    return () => copyFileSync(kept, state);
  }

  /**
   * Runs a step with these statements. `destroy` follows `change`, so it has the changed values. Without a refresh, what only
   * reads is left out of the steps that change something.
   */
  async step(
    step: Step,
    statements: readonly PrintedStatement[],
    { refresh = true }: { readonly refresh?: boolean } = {},
  ): Promise<TerraformResult> {
    this.#gate.principals.set(LIMITED, {
      arn: `arn:aws:iam::${ACCOUNT}:user/terraform`,
      policies: [{ Version: '2012-10-17', Statement: statements }],
    });
    const changed = step === 'change' || step === 'destroy' ? ['-var', 'changed=true'] : [];
    const words = { apply: 'apply', plan: 'plan', change: 'apply', destroy: 'destroy' }[step];
    const yes = step === 'plan' ? [] : ['-auto-approve', `-refresh=${refresh}`];
    return await terraform([words, ...yes, '-input=false', '-no-color', ...changed], this.folder, this.#env());
  }
}

/** The statements of a step, without some of the actions. */
export function statementsFor(printed: Printed, step: Step, without: ReadonlySet<string> = new Set()) {
  return printed.phases[PHASE_OF[step]]
    .map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((action) => !without.has(action)),
    }))
    .filter(({ Action }) => Action.length > 0);
}

/** All actions of a phase's statements. */
export function actionsOf(statements: readonly PrintedStatement[]): ReadonlySet<string> {
  return new Set(statements.flatMap(({ Action }) => Action));
}

/** The result of taking actions out. */
export interface Knockout {
  /** Actions without which the step failed, each named in an error of Terraform. */
  readonly needed: readonly string[];
  /** Actions without which the plan succeeded and showed other changes: it took what it could not read for deleted. */
  readonly misled: readonly string[];
  /** Actions that the gate refused, and the step went on without an error. */
  readonly tolerated: readonly string[];
  /** Actions that no call of the step asked for. */
  readonly unused: readonly string[];
}

/**
 * Takes each of the actions out of a step's statements and shows that the step fails for it. What a run without several actions
 * names in an error, a run without that one alone fails for as well: that another call was refused too cannot be why this one
 * was made. So all are out at first, and each that has been named comes back, until the step goes through.
 */
export async function knockout(
  run: ConfigurationRun,
  gate: PolicyGate,
  printed: Printed,
  step: Step,
  actions: ReadonlySet<string>,
): Promise<Knockout> {
  const out = new Set(actions);
  const [needed, misled, refused] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const bringBack = step === 'change' ? run.stateKept() : undefined;
  const without = async (some: ReadonlySet<string>) => {
    gate.checked.length = 0;
    const statements = statementsFor(printed, step === 'plan' ? 'plan' : 'destroy', some);
    // Of an update that failed, the state has the new values already. A refresh corrects most of them, and not all: never the hash of a
    // function's code. So each run of a change starts from the state before it. What is created or destroyed could not differ.
    bringBack?.();
    const { code, output } = await run.step(step, statements, { refresh: step === 'change' });
    const denied = new Set(gate.checked.flatMap(({ action, allowed }) => (allowed ? [] : [action])));
    return { code, output, denied: [...some].filter((action) => denied.has(action)) };
  };
  const right = step === 'plan' ? summaryOf((await without(new Set())).output) : undefined;
  const isMisled = (output: string) => right !== undefined && summaryOf(output) !== right;
  for (;;) {
    const { code, output, denied } = await without(out);
    for (const action of denied) refused.add(action);
    if (code === 0 && (!isMisled(output) || denied.length === 0)) break;
    if (code === 0) {
      for (const action of denied) {
        out.delete(action);
        if (isMisled((await without(new Set([action]))).output)) misled.add(action);
      }
      continue;
    }
    const errors = output.slice(Math.max(0, output.indexOf('Error:')));
    const named = denied.filter((action) => names(errors, action));
    if (named.length === 0) throw new Error(`${step} fails without naming any of ${[...out].join(', ')}:\n${output}`);
    for (const action of named) {
      out.delete(action);
      needed.add(action);
    }
  }
  const tolerated = [...refused].filter((action) => !needed.has(action) && !misled.has(action));
  const unused = [...actions].filter((action) => !needed.has(action) && !refused.has(action));
  const sorted = (some: Iterable<string>) => [...some].sort();
  return { needed: sorted(needed), misled: sorted(misled), tolerated: sorted(tolerated), unused: sorted(unused) };
}

/** What a plan is about to do. With an emulator it is not always nothing after an apply. */
function summaryOf(output: string): string | undefined {
  return /No changes\.|Plan: .*/.exec(output)?.[0];
}

/** What an answer to HEAD cannot say, since it has no body: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
const HEAD_CALLS: Readonly<Record<string, string>> = { 's3:GetObject': 'HeadObject', 's3:ListBucket': 'HeadBucket' };

/** Terraform breaks lines in the middle of messages. */
function names(output: string, action: string): boolean {
  const text = output.replace(/\s*\n[│\s]*/g, ' ');
  const call = HEAD_CALLS[action];
  return (
    text.includes(`perform: ${action} on`) ||
    (call !== undefined && text.includes(`S3: ${call}, https response error StatusCode: 403`))
  );
}
