import type { RemovalOutcome } from '../engine/outcome.ts';
import type { Address, Change } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import { DOCUMENT_VERSION, jsonText } from '../json.ts';
import type { RemovalView } from './removal.ts';
import type { ExplainedFinding, OutcomeView, RunView } from './view.ts';

export type RunStatus = 'in-sync' | 'changes' | 'converged' | 'failed';

/** The document that a command with a plan prints with --json. */
export function planDocument(
  run: RunView,
  status: RunStatus,
  explained: readonly ExplainedFinding[],
  outcomes?: readonly OutcomeView[],
  smokeTest?: { readonly mode: 'remote' | 'local' | 'skipped'; readonly ok: boolean },
): string {
  const failures = new Map(outcomes?.map(({ id, error }) => [id, error]));
  return jsonText({
    ...headOf(run),
    status,
    findings: explained.map(({ id, type, name, status, changes, warnings, error }) => ({
      id,
      type,
      name,
      status,
      changes: changes.map(wholeChange),
      warnings,
      error: errorIn(error ?? failures.get(id)),
    })),
    outcomes: outcomesById(outcomes),
    smokeTest,
    missingRights: run.missingRights,
    ...costOf(run),
  });
}

/** A change with its full explanation, never the brief one. */
function wholeChange(change: Change): object {
  return 'brief' in change ? { ...change, brief: undefined } : change;
}

/** The response of a function to `crc invoke`. */
export interface InvokeView {
  readonly functionName: string;
  readonly mode: 'remote' | 'local';
  readonly ok: boolean;
  readonly statusCode: number | undefined;
  readonly body: string;
  readonly functionError: string | undefined;
  readonly log: string;
}

/** The document of `invoke`. `statusCode` is null when the function failed, `functionError` when it did not. */
export function invokeDocument(run: RunView, view: InvokeView): string {
  return jsonText({
    ...headOf(run),
    status: view.ok ? 'succeeded' : 'failed',
    function: view.functionName,
    mode: view.mode,
    statusCode: view.statusCode ?? null,
    body: view.body,
    functionError: view.functionError ?? null,
    log: view.log,
    ...costOf(run),
  });
}

/** The first members of a run's document. */
export function headOf({ command, accountId, region }: RunView): object {
  return { version: DOCUMENT_VERSION, command, accountId, region };
}

/** The last members of a run's document. */
export function costOf({ apiCalls, durationMs }: RunView): object {
  return { apiCalls, durationMs };
}

/** The document of a command that ended with an error. */
export function errorDocument(command: string, error: CrcError): string {
  return jsonText({ version: DOCUMENT_VERSION, command, ...failure(error) });
}

function failure(error: CrcError): object {
  const issues = error.issues?.map(({ place: _, ...issue }) => issue);
  return { status: 'failed', error: { ...errorObject(error), issues } };
}

/** The document of `backend`: the arguments of Terraform's S3 backend for one state. */
export function backendDocument(key: string, backend: object): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'backend', key, backend });
}

/** The document of `permissions`: the policy for one command. */
export function permissionsDocument(forCommand: string, policy: object): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'permissions', for: forCommand, policy });
}

/** The document of `help`: the definitions of commands, and the options of every command. */
export function helpDocument(help: { readonly commands: readonly object[]; readonly options: object }): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'help', ...help });
}

/** The document of `completion`: the script for a shell. */
export function completionDocument(shell: string, script: string): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'completion', shell, script });
}

/** The document of `sandbox` without a command: its address, and the variables that connect a process to it. */
export function sandboxDocument(running: {
  readonly accountId: string;
  readonly region: string;
  readonly endpoint: string;
  /** Names of variables that would connect to something else. */
  readonly unset: readonly string[];
  readonly set: Readonly<Record<string, string>>;
}): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'sandbox', ...running });
}

/** The document of `version`. */
export function versionDocument(crc: string): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'version', crc });
}

/** The document of `export`: Terraform code. */
export function exportDocument(hcl: string): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'export', hcl });
}

/** The document of `workflow`: the YAML of a GitHub Actions workflow. */
export function workflowDocument(yaml: string): string {
  return jsonText({ version: DOCUMENT_VERSION, command: 'workflow', yaml });
}

/**
 * The document of `init`: each file of the project with its outcome, and what was found in the repository and the
 * account with the resulting proposals, if anything.
 */
export function initDocument(
  files: readonly { readonly path: string; readonly action: 'create' | 'extend' | 'replace' | 'keep' | 'same' }[],
  isDryRun: boolean,
  sources: { readonly survey?: object; readonly proposal?: object; readonly account?: object },
): string {
  const written = isDryRun ? 'planned' : 'written';
  const words = { create: written, extend: written, replace: written, keep: 'kept', same: 'unchanged' } as const;
  return jsonText({
    version: DOCUMENT_VERSION,
    command: 'init',
    files: files.map(({ path, action }) => ({ path, outcome: words[action] })),
    ...sources,
  });
}

/** The document of `demo`: each step, with the lines of its output that matter. */
export function demoDocument(
  steps: readonly {
    readonly title: string;
    readonly args?: readonly string[];
    readonly exitCode: number;
    readonly lines: readonly string[];
  }[],
  durationMs: number,
): string {
  return jsonText({
    version: DOCUMENT_VERSION,
    command: 'demo',
    status: 'succeeded',
    steps: steps.map(({ title, args, exitCode, lines }) => ({
      title,
      command: args === undefined ? null : ['crc', ...args].join(' '),
      exitCode,
      lines,
    })),
    durationMs,
  });
}

/** The document of `destroy`: what is deleted and what is kept, and the outcome of each. */
export function removalDocument(
  run: RunView,
  status: RunStatus,
  views: readonly RemovalView[],
  outcomes?: readonly {
    readonly id: string;
    readonly outcome: RemovalOutcome;
    readonly error?: CrcError;
  }[],
): string {
  const failures = new Map(outcomes?.map(({ id, error }) => [id, error]));
  return jsonText({
    ...headOf(run),
    status,
    findings: views.map(({ id, type, name, what, why, notes, error }) => ({
      id,
      type,
      name,
      status: what,
      why,
      notes,
      error: errorIn(error ?? failures.get(id)),
    })),
    outcomes: outcomesById(outcomes),
    ...costOf(run),
  });
}

/** What `outputs` shows of an account. */
export interface OutputsView {
  readonly addresses: readonly Address[];
  readonly backends: Readonly<Record<string, object>>;
  /** What was not created or could not be read, and the error that says so. */
  readonly missing: readonly Address[];
  readonly error: CrcError | undefined;
}

/** The keys that the document of `outputs` has unless they are missing. The path of each address shows its place. */
const OUTPUTS = { roles: {}, bucket: null, table: null, oidcProvider: null, functions: {} };

/** The document of `outputs`. If several resources set the same place, the last one wins. */
export function outputsDocument({ addresses, backends, missing, error }: OutputsView): string {
  const outputs = nested(addresses.map(({ path, value }) => ({ path, value: value ?? null })));
  // Null would say that the config has none.
  const isUnknown = (key: string) => missing.some(({ path }) => path.length === 1 && path[0] === key);
  const none = Object.fromEntries(Object.entries(OUTPUTS).filter(([key]) => !isUnknown(key)));
  return jsonText({
    version: DOCUMENT_VERSION,
    command: 'outputs',
    ...(error && failure(error)),
    ...none,
    ...outputs,
    backends,
  });
}

/** Addresses in the order of that document. */
export function inOrderOfOutputs(addresses: readonly Address[]): readonly Address[] {
  const keys = Object.keys(OUTPUTS);
  const place = ({ path: [key = ''] }: Address) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return [...addresses].sort((address, other) => place(address) - place(other));
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: string | null;
}

function nested(leaves: readonly Leaf[]): object {
  const keys = [...new Set(leaves.flatMap(({ path }) => path.slice(0, 1)))];
  return Object.fromEntries(
    keys.map((key) => {
      const below = leaves
        .filter(({ path }) => path[0] === key)
        .map(({ path, value }) => ({ path: path.slice(1), value }));
      const value = below.findLast(({ path }) => path.length === 0);
      return [key, value === undefined ? nested(below) : value.value];
    }),
  );
}

/** The outcomes of a run that wrote; undefined, which the document leaves out, before. */
function outcomesById(outcomes: readonly { readonly id: string; readonly outcome: string }[] | undefined) {
  return outcomes && Object.fromEntries(outcomes.map(({ id, outcome }) => [id, outcome]));
}

function errorIn(problem: CrcError | undefined): object | undefined {
  return problem && errorObject(problem);
}

/** An error in a document, with its details and all that can be done about it. */
export function errorObject({ message, hint, alternatives, details }: CrcError): { message: string; hint: string } {
  return { message: [message, ...details].join('\n'), hint: [hint, ...alternatives].join('\n') };
}
