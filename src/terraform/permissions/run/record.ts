import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Environment } from '../../../environment.ts';
import { CrcError, ifPresent } from '../../../errors.ts';
import { parsedJson } from '../../../parsed-json.ts';
import { Secrets } from '../../../secrets.ts';
import { sourceParser } from '../../source/parse.ts';
import type { Phase, StateResource } from '../call.ts';
import { byRequest } from '../log/phases.ts';
import { type LoggedCall, LogReader } from '../log/read.ts';
import { assumedRoles, recordedCall } from '../log/recorded.ts';
import { Activity, type Diagnostic, type UiEvent } from './activity.ts';
import { copyProject, type ProjectCopy } from './copy.ts';
import { commandsOf, refuseOtherProviders, refuseRemoteProvisioners, refuseUnread } from './dangers.ts';
import { failureOf, type Step } from './failure.ts';
import { OVERRIDE_FILE, overrideOf } from './override.ts';
import { checkPlan, mayReachOut } from './planned.ts';
import { kindOf, runProgram } from './program.ts';
import type { Recording } from './recording.ts';
import { readState } from './state.ts';
import { refuseWrongVariables, sensitiveValues, type Variables } from './variables.ts';

export interface RunInput {
  /** The absolute folder of the configuration. */
  readonly folder: string;
  /** A private absolute folder for the copy, the state and everything else; removed by the caller. */
  readonly workspace: string;
  readonly program: string;
  /** For `terraform init`. */
  readonly initEnv: Environment;
  /**
   * Runs something against an emulator, which is only started once the configuration is known to be runnable.
   * `onCommandCall` is called for calls that are not Terraform's own.
   */
  readonly inSandbox: <T>(
    use: (sandbox: RunSandbox) => Promise<T>,
    onCommandCall?: (call: LoggedCall) => void,
  ) => Promise<T>;
  readonly variables: Variables;
  /** A Terraform workspace other than `default`. */
  readonly terraformWorkspace: string | undefined;
  readonly destroy: boolean;
  readonly signal: AbortSignal;
  readonly onStep: (step: Step) => void;
  readonly onNote: (note: string) => void;
  /** Called with each line of Terraform's own output. */
  readonly onOutput: (line: string) => void;
}

/** The emulator as Terraform sees it. */
export interface RunSandbox {
  readonly env: Environment;
  /** `127.0.0.1:PORT`: a call to any other host ends the run. */
  readonly host: string;
}

/**
 * Runs a copy of a configuration against an emulator (plan, apply, plan, destroy) and records the calls. @throws
 * CrcError for a configuration that cannot or must not be run; later failures are in the recording's `failure`.
 */
export async function recordRun(input: RunInput): Promise<Recording> {
  return await new Run(input).record();
}

type CopyInSandbox = Pick<ProjectCopy, 'folder' | 'secrets'> & RunSandbox;

/** The maximum number of lines to keep from a step's output. */
const MAX_OUTPUT = 20;

class Run {
  readonly #input: RunInput;
  readonly #secrets = new Secrets();
  readonly #logs: { readonly step: Step; readonly calls: readonly LoggedCall[]; readonly activity: Activity }[] = [];
  #state: readonly StateResource[] = [];
  /** Addresses of resources that run local commands. Terraform's log does not contain what they send to AWS. */
  #commands: readonly string[] = [];
  readonly #commandCalls: { readonly step: Step; readonly call: LoggedCall }[] = [];
  #step: Step = 'init';
  /** Whether anything exists that can be destroyed. */
  #hasResources = false;
  /** Whether the plan must be checked before it is applied. */
  #mustCheckPlan = false;

  constructor(input: RunInput) {
    this.#input = input;
  }

  async record(): Promise<Recording> {
    const copy = await this.#prepare();
    await this.#init(copy);
    const onCall = (call: LoggedCall) => this.#commandCalls.push({ step: this.#step, call });
    const failure = await this.#input.inSandbox(
      async (sandbox) => await this.#steps(copy, sandbox),
      this.#commands.length === 0 ? undefined : onCall,
    );
    return { ...this.#recorded(), failure };
  }

  async #steps({ folder, secrets }: ProjectCopy, sandbox: RunSandbox): Promise<CrcError | undefined> {
    const { workspace, variables, destroy, program, signal } = this.#input;
    const copy = { folder, secrets, ...sandbox };
    const plan = join(workspace, 'plan');
    const given = ['-lock=false', ...variables.args];
    const unplanned = await this.#terraform(copy, 'plan', ['plan', `-out=${plan}`, ...given]);
    if (unplanned === undefined && this.#mustCheckPlan) await checkPlan({ ...copy, program, plan, signal, workspace });
    const failure =
      unplanned ??
      (await this.#terraform(copy, 'apply', ['apply', '-lock=false', '-auto-approve', plan])) ??
      (await this.#terraform(copy, 'second plan', ['plan', ...given]));
    const left =
      destroy && this.#hasResources
        ? await this.#terraform(copy, 'destroy', ['destroy', '-auto-approve', ...given])
        : undefined;
    return failure ?? left;
  }

  async #prepare(): Promise<ProjectCopy> {
    const { folder, workspace, program, signal, onNote, variables } = this.#input;
    const into = join(workspace, 'copy');
    const state = join(workspace, 'state');
    await Promise.all([into, state].map((path) => mkdir(path, { mode: 0o700 })));
    const copy = await copyProject({ folder, into, kind: kindOf(program), signal });
    refuseRemoteProvisioners(copy.modules.map(({ module }) => module));
    const [root] = copy.modules;
    if (root !== undefined) refuseWrongVariables(root.module, variables, await sourceParser());
    for (const { module, copy: place } of copy.modules) {
      const text = overrideOf(module, { state, isRoot: place === copy.folder });
      if (text !== undefined) await writeFile(join(place, OVERRIDE_FILE), text, { mode: 0o600 });
    }
    if (root !== undefined) this.#secrets.add(...(await sensitiveValues(root.module, variables)));
    const commands = commandsOf(copy.modules.map(({ module }) => module));
    this.#commands = commands;
    if (commands.length > 0) {
      onNote(
        `note: ${commands.join(', ')} ${commands.length === 1 ? 'runs commands' : 'run commands'} on this machine; in the sandbox they get no AWS credentials and no tokens from the environment`,
      );
    }
    return copy;
  }

  /**
   * Installs providers and modules. Uses those in the configuration's own folder if they exist, so no network is
   * needed.
   */
  async #init(copy: ProjectCopy): Promise<void> {
    const { folder, onStep, terraformWorkspace, initEnv } = this.#input;
    onStep('init');
    const installed = join(folder, initEnv.TF_DATA_DIR ?? '.terraform', 'providers');
    const args = ['init', '-input=false', '-no-color'];
    const attempts = existsSync(installed) ? [[...args, `-plugin-dir=${installed}`], args] : [args];
    let failed: CrcError | undefined;
    for (const attempt of attempts) {
      failed = await this.#plain(copy, 'init', attempt);
      if (failed === undefined) break;
    }
    if (failed !== undefined) throw failed;
    // A configuration without providers has no lock file.
    const lockFile = (await ifPresent(readFile(join(copy.folder, '.terraform.lock.hcl'), 'utf8'))) ?? '';
    refuseOtherProviders(lockFile);
    this.#mustCheckPlan = await mayReachOut(copy.folder, lockFile);
    refuseUnread(copy.modules.map(({ module }) => module));
    if (terraformWorkspace === undefined || terraformWorkspace === 'default') return;
    const problem = await this.#plain(copy, 'workspace', ['workspace', 'new', '-no-color', terraformWorkspace]);
    if (problem !== undefined) throw problem;
  }

  /** Runs a step whose calls do not matter. Returns its failure. */
  async #plain(copy: ProjectCopy, step: Step, args: readonly string[]): Promise<CrcError | undefined> {
    const { program, initEnv, signal, onOutput } = this.#input;
    const output: string[] = [];
    const take = (line: string) => {
      output.push(line);
      onOutput(this.#secrets.hide(line));
    };
    const code = await runProgram({
      ...{ program, args, cwd: copy.folder, env: initEnv, signal },
      onStdout: take,
      onStderr: take,
    });
    return code === 0 ? undefined : this.#failure(copy, step, [], output);
  }

  async #terraform(copy: CopyInSandbox, step: Step, args: readonly string[]): Promise<CrcError | undefined> {
    const { program, signal, onStep, onOutput } = this.#input;
    onStep(step);
    this.#step = step;
    const stop = new AbortController();
    const follow = () => stop.abort(signal.reason);
    signal.addEventListener('abort', follow);
    const reader = new LogReader(({ request }) => {
      if (request.host !== copy.host) stop.abort(leftSandbox(request.host));
    });
    const activity = new Activity();
    const diagnostics: Diagnostic[] = [];
    const output: string[] = [];
    const [command = '', ...rest] = args;
    try {
      signal.throwIfAborted();
      const code = await runProgram({
        program,
        args: [command, '-json', '-input=false', ...rest],
        cwd: copy.folder,
        // Only JSON for the core also produces JSON for the provider. Without TF_LOG_PATH the log goes to stderr, never
        // to a file.
        env: { ...copy.env, TF_LOG_CORE: 'JSON', TF_LOG_PROVIDER: 'DEBUG' },
        signal: stop.signal,
        onStdout: (line) => {
          const event = eventOf(line);
          if (event === undefined) {
            if (output.push(line) > MAX_OUTPUT) output.shift();
            return;
          }
          activity.add(event);
          if (event.diagnostic !== undefined) diagnostics.push(event.diagnostic);
          onOutput(this.#secrets.hide(event['@message'] ?? ''));
        },
        onStderr: (line) => reader.add(line),
      });
      return code === 0 ? undefined : this.#failure(copy, step, diagnostics, output);
    } finally {
      signal.removeEventListener('abort', follow);
      this.#logs.push({ step, calls: reader.end(), activity });
      await this.#readState();
    }
  }

  /** Adds the resources that exist now; the last step leaves none. */
  async #readState(): Promise<void> {
    const { workspace, terraformWorkspace } = this.#input;
    const parts =
      terraformWorkspace === undefined || terraformWorkspace === 'default' ? [] : ['workspaces', terraformWorkspace];
    // It does not exist before the first apply.
    const text = (await ifPresent(readFile(join(workspace, 'state', ...parts, 'terraform.tfstate'), 'utf8'))) ?? '{}';
    const { resources, sensitive } = readState(text);
    this.#secrets.add(...sensitive);
    this.#hasResources = resources.length > 0;
    const known = new Map([...this.#state, ...resources].map((resource) => [resource.address, resource]));
    this.#state = [...known.values()];
  }

  #recorded(): Omit<Recording, 'failure'> {
    const state = this.#state;
    const calls = this.#logs.flatMap((log) =>
      byRequest(log.calls).flatMap((group) => {
        const address = log.activity.addressOf(group, state);
        return group.map((call) => recordedCall(call, phaseOf(log.step, call), address));
      }),
    );
    const ofCommands = this.#commandCalls.map(({ step, call }) =>
      // If there are several, the call does not show which one sent it.
      recordedCall(call, phaseOf(step, call), this.#commands.length === 1 ? this.#commands[0] : undefined),
    );
    return { calls: [...calls, ...ofCommands], state, assumed: assumedRoles(this.#logs.flatMap((log) => log.calls)) };
  }

  #failure(
    { folder, secrets }: Pick<ProjectCopy, 'folder' | 'secrets'>,
    step: Step,
    diagnostics: readonly Diagnostic[],
    output: readonly string[],
  ): CrcError {
    const hide = (text: string) => this.#secrets.hide(text.replaceAll(`${folder}/`, ''));
    return failureOf({ step, program: basename(this.#input.program), diagnostics, output, secrets, hide });
  }
}

/** In any step, only an apply does more than read. */
function phaseOf(step: Step, { rpc }: LoggedCall): Phase {
  if (rpc !== undefined && rpc !== 'ApplyResourceChange') return 'plan';
  if (step === 'apply') return 'apply';
  return step === 'destroy' ? 'destroy' : 'plan';
}

function eventOf(line: string): UiEvent | undefined {
  return line.startsWith('{') ? (parsedJson(line) as UiEvent | undefined) : undefined;
}

function leftSandbox(host: string | undefined): CrcError {
  return new CrcError(
    `The AWS provider sent a call to ${host ?? 'AWS'} instead of the sandbox, so the run was stopped.`,
    {
      hint: 'The provider must know AWS_ENDPOINT_URL: use a newer version of hashicorp/aws, or pass the log of a real run with --log.',
    },
  );
}
