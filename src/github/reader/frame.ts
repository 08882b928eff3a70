import type { Choose } from './choices.ts';
import { entryAt, entryOf } from './data.ts';
import type { Refs, Run } from './events.ts';
import { condition, passedOn, type Scope } from './expressions.ts';
import type { Combination } from './matrix.ts';
import { EITHER, known, mapped, NOTHING, OPEN, type Possible, union } from './possible.ts';
import { type Node, nodeOf, textOf } from './yaml-node.ts';

/** The value of a variable of the repository: null = there is none, undefined = it is not known. */
export type Variables = (name: string) => string | null | undefined;

/** What a claim is, as text; with wildcards of IAM where `isPattern`. */
export interface ClaimText {
  readonly text: string;
  readonly isPattern: boolean;
}

/** One workflow in one of its runs, or one that it calls. */
export interface Frame {
  readonly workflow: Node;
  /** Paths of the workflows that lead to it, and its own. */
  readonly files: readonly string[];
  /** `.github/workflows/deploy.yml`; undefined where it is not in a repository. */
  readonly path: string | undefined;
  /** The ref that the file is of, as `job_workflow_ref` has it. */
  readonly at: ClaimText;
  /** `owner/name` that it runs in. */
  readonly repository: string;
  readonly refs: Refs;
  readonly run: Run;
  readonly choose: Choose;
  readonly variables: Variables;
  readonly inputs: (name: string) => Possible;
  /** The name of the workflow that the event started. */
  readonly workflowName: string;
  /** Which of its jobs may run, as far as that was asked. */
  readonly jobsThatMayRun: Map<string, boolean>;
}

/** What the expressions of a job see; in its steps also an environment. */
export function scopeOf(
  frame: Frame,
  job: Node,
  more: {
    readonly matrix?: Combination;
    /** Of the workflow, the job and the step, in this order. */
    readonly env?: readonly Node[];
    /** Of a composite action, in place of the workflow's. */
    readonly inputs?: (name: string) => Possible;
    /** Jobs that wait for this one, itself among them. */
    readonly waiting?: readonly string[];
  } = {},
): Scope {
  const { matrix, env = [], waiting = [] } = more;
  const inputs = more.inputs ?? frame.inputs;
  const needs = namesOf(job.needs);
  const skipped = needs.filter((name) => !mayRun(frame, name, waiting));
  const lookup: Scope['lookup'] = ([context, ...path]) => {
    const [name] = path;
    if (context === 'github') return gitHubValue(path, frame);
    if (context === 'matrix') return matrixValue(matrix, path);
    if (name === undefined) return OPEN;
    if (context === 'inputs') return entryAt(inputs(name), path.slice(1));
    if (context === 'vars') return variableValue(frame, job, name);
    if (context === 'needs') return needsValue(path, needs, skipped);
    if (context === 'env') return envValue(name, env, (layers) => scopeOf(frame, job, { ...more, env: layers }));
    return OPEN;
  };
  return {
    lookup,
    status: (name) => {
      if (name === 'always') return known(true);
      // In the steps of a job it is about the steps before.
      if (more.env !== undefined) return EITHER;
      // What was skipped did not succeed, and did not fail either.
      if (name === 'success' && skipped.length > 0) return known(false);
      if (name === 'failure' && !ancestorsOf(frame, needs).some((before) => mayRun(frame, before, waiting)))
        return known(false);
      return EITHER;
    },
  };
}

/**
 * Whether a job can run at all: by its own `if:`, and by the jobs that it needs, since one that was skipped takes those with it
 * that do not ask for it: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
 */
export function mayRun(frame: Frame, name: string, waiting: readonly string[] = []): boolean {
  const before = frame.jobsThatMayRun.get(name);
  // A circle, which GitHub refuses.
  if (before !== undefined || waiting.includes(name)) return before ?? true;
  const job = nodeOf(nodeOf(frame.workflow.jobs)[name]);
  const answer = condition(textOf(job.if), scopeOf(frame, job, { waiting: [...waiting, name] }));
  frame.jobsThatMayRun.set(name, answer);
  return answer;
}

/** Jobs that come before: those that are needed, and those that they need. */
function ancestorsOf({ workflow }: Frame, needs: readonly string[]): readonly string[] {
  const ancestors = new Set(needs);
  // Names that are added meanwhile are visited too.
  for (const name of ancestors)
    for (const before of namesOf(nodeOf(nodeOf(workflow.jobs)[name]).needs)) ancestors.add(before);
  return [...ancestors];
}

export function namesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(textOf).filter((name) => name !== '');
}

function matrixValue(matrix: Combination | undefined, path: readonly string[]): Possible {
  if (matrix === undefined) return OPEN;
  const [name, ...rest] = path;
  if (name === undefined) return matrix.open ? OPEN : known(matrix.values);
  const has = Object.keys(matrix.values).some((axis) => axis.toLowerCase() === name);
  return has || !matrix.open ? entryAt(known(entryOf(matrix.values, name)), rest) : OPEN;
}

function variableValue({ variables }: Frame, job: Node, name: string): Possible {
  const value = variables(name);
  // An environment has variables of its own.
  if (value === undefined || (value === null && job.environment !== undefined)) return OPEN;
  return known(value ?? '');
}

function needsValue([job, what]: readonly string[], needs: readonly string[], skipped: readonly string[]): Possible {
  const is = (names: readonly string[]) => names.some((name) => name.toLowerCase() === job);
  if (!is(needs)) return NOTHING;
  if (what === 'result') {
    return is(skipped) ? known('skipped') : { values: ['success', 'failure', 'cancelled', 'skipped'] };
  }
  return is(skipped) ? NOTHING : OPEN;
}

/** Each layer sees those outside of it. What no layer has, an earlier step may have set. */
function envValue(name: string, layers: readonly Node[], scopeWith: (layers: readonly Node[]) => Scope): Possible {
  for (let at = layers.length - 1; at >= 0; at -= 1) {
    const written = Object.entries(layers[at] ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
    if (written !== undefined) return passedOn(textOf(written), scopeWith(layers.slice(0, at)));
  }
  return OPEN;
}

/** Parts of the payload that only events of that name have. */
const PAYLOADS = ['pull_request', 'release', 'workflow_run', 'deployment'];

function gitHubValue([name = '', ...path]: readonly string[], frame: Frame): Possible {
  const { run, repository, refs, choose } = frame;
  const isCalled = run.event === 'workflow_call';
  const onPull = /^pull_request(_target)?$/.test(run.event) || isCalled;
  switch (name) {
    case 'event_name':
      return isCalled ? OPEN : known(run.event);
    case 'ref':
      return run.ref.value;
    case 'ref_name':
      return mapped(
        run.ref.value,
        (ref) => known(withoutKind(String(ref))),
        (rest) => ({
          values: [],
          rest: {
            prefix: withoutKind(rest.prefix),
            not: rest.not.map(withoutKind),
            notPrefixes: rest.notPrefixes.map(withoutKind),
          },
        }),
      );
    case 'ref_type':
      if (isCalled) return { values: ['branch', 'tag'] };
      return known(run.ref.written.startsWith('refs/tags/') ? 'tag' : 'branch');
    case 'head_ref':
    case 'base_ref':
      return onPull ? OPEN : known('');
    case 'repository':
      return known(repository);
    case 'repository_owner':
      return known(repository.split('/')[0] ?? '');
    case 'workflow':
      return known(frame.workflowName);
    case 'event':
      return eventValue(path, frame);
    default:
      return OPEN;
  }
  function eventValue([part = '', ...rest]: readonly string[], { inputs }: Frame): Possible {
    const at = rest.join('.');
    if (part === 'inputs' && rest[0] !== undefined)
      return mapped(inputs(rest[0]), (value) => known(value === null ? null : String(value)));
    if (part === 'repository' && at === 'default_branch') return known(refs.defaultBranch);
    if (part === 'schedule' && run.event === 'schedule') return known(choose('github.event.schedule', cronsOf(run)));
    if (PAYLOADS.includes(part) && !run.event.startsWith(part) && !isCalled) return NOTHING;
    if (part === 'pull_request' && !isCalled) {
      // Another repository, whatever its name is.
      if (at === 'head.repo.full_name') return run.fork ? known('someone/fork') : known(repository);
      if (at === 'head.repo.fork') return known(run.fork);
    }
    return OPEN;
  }
}

function cronsOf({ filter }: Run): readonly string[] {
  const crons = (Array.isArray(filter.list) ? filter.list : []).map((entry) => textOf(nodeOf(entry).cron));
  return crons.length > 0 ? crons : [''];
}

function withoutKind(ref: string): string {
  return ref.replace(/^refs\/(heads\/|tags\/|pull\/)?/, '');
}

/**
 * The inputs of the workflow that an event starts: of a person who starts it what its declaration allows, of a caller that is
 * not known anything, of other events none
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputs).
 */
export function inputsOfEvent(
  { event, filter }: Run,
  { environments }: Refs,
  choose: Choose,
): (name: string) => Possible {
  if (event !== 'workflow_dispatch' && event !== 'workflow_call') return () => NOTHING;
  const declared = nodeOf(filter.inputs);
  return (name) => {
    const written = Object.entries(declared).find(([key]) => key.toLowerCase() === name)?.[1];
    if (written === undefined) return OPEN;
    const { type, options, default: preset } = nodeOf(written);
    const among = <T extends string | boolean>(values: readonly T[]) => known(choose(`inputs.${name}`, values));
    if (type === 'boolean') return among([true, false]);
    if (type === 'choice' && Array.isArray(options) && options.length > 0) return among(options.map(textOf));
    if (type === 'environment' && environments.length > 0) return among(environments);
    return preset === undefined || preset === null ? OPEN : union([known(textOf(preset)), OPEN]);
  };
}

/** The inputs of a called workflow or of an action: what it is given, else their defaults, else nothing. */
export function inputsGiven(declared: Node, given: Node, caller: Scope): (name: string) => Possible {
  const entry = (of: Node, name: string) => Object.entries(of).find(([key]) => key.toLowerCase() === name)?.[1];
  return (name) => {
    const { type, default: preset } = nodeOf(entry(declared, name));
    const written = entry(given, name) ?? preset;
    if (written === undefined || written === null)
      return known(type === 'boolean' ? false : type === 'number' ? 0 : '');
    const value = typeof written === 'string' ? passedOn(written, caller) : known(textOf(written));
    return type === 'boolean'
      ? mapped(
          value,
          (given) => known(given === true || given === 'true'),
          () => EITHER,
        )
      : value;
  };
}
