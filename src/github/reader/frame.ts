import type { Choose } from './choices.ts';
import { entryAt, entryOf } from './data.ts';
import type { Refs, Run } from './events.ts';
import { condition, passedOn, type Scope } from './expressions.ts';
import type { Combination } from './matrix.ts';
import { EITHER, known, mapped, NOTHING, OPEN, type Possible, union } from './possible.ts';
import { isNode, type Node, nodeOf, textOf } from './yaml-node.ts';

/**
 * The value of a variable in a job with this environment, as written, or in one without; null if it does not exist,
 * undefined if it is unknown.
 */
export type Variables = (name: string, environment: string | undefined) => string | null | undefined;

/** A claim as text, with IAM wildcards if `isPattern`. */
export interface ClaimText {
  readonly text: string;
  readonly isPattern: boolean;
}

/** A workflow in one of its runs, or a workflow called from it. */
export interface Frame {
  readonly workflow: Node;
  /** Paths of the calling workflows, outermost first, and of the workflow itself. */
  readonly files: readonly string[];
  /** `.github/workflows/deploy.yml`; undefined if it is not in a repository. */
  readonly path: string | undefined;
  /** The ref of the workflow file, as in `job_workflow_ref`. */
  readonly at: ClaimText;
  /** `owner/name` of the repository that it runs in. */
  readonly repository: string;
  /** `https://github.com`; undefined if it is unknown. */
  readonly serverUrl: string | undefined;
  readonly refs: Refs;
  readonly run: Run;
  readonly choose: Choose;
  readonly variables: Variables;
  readonly inputs: (name: string) => Possible;
  /** `github.event.inputs`: those of the event, also in a called workflow, whose `github` is the caller's. */
  readonly eventInputs: (name: string) => Possible;
  /** The name of the workflow that the event started. */
  readonly workflowName: string;
  /** Caches which of its jobs may run. */
  readonly jobsThatMayRun: Map<string, boolean>;
}

/** What a job's expressions can access; in steps, also the environment. */
export function scopeOf(
  frame: Frame,
  job: Node,
  more: {
    readonly matrix?: Combination;
    /** The environments of the workflow, the job and the step, in this order. */
    readonly env?: readonly Node[];
    /** The inputs of a composite action, instead of the workflow's. */
    readonly inputs?: (name: string) => Possible;
    /** Jobs that wait for this one, including itself. */
    readonly waiting?: readonly string[];
  } = {},
): Scope {
  const { matrix, env = [], waiting = [] } = more;
  const inputs = more.inputs ?? frame.inputs;
  const environment = more.env === undefined ? undefined : environmentOf(job);
  const needs = namesOf(job.needs);
  const skipped = needs.filter((name) => !mayRun(frame, name, waiting));
  const lookup: Scope['lookup'] = ([context, ...path]) => {
    const [name] = path;
    if (context === 'github') return gitHubValue(path, frame);
    if (context === 'matrix') return matrixValue(matrix, path);
    if (name === undefined) return OPEN;
    if (context === 'inputs') return entryAt(inputs(name), path.slice(1));
    if (context === 'vars') return variableValue(frame, environment, name);
    if (context === 'needs') return needsValue(path, needs, skipped);
    if (context === 'env') {
      if (isSetByScript(name, env, job)) return OPEN;
      return envValue(name, env, (layers) => scopeOf(frame, job, { ...more, env: layers }));
    }
    return OPEN;
  };
  return {
    lookup,
    status: (name) => {
      if (name === 'always') return known(true);
      // Within a job's steps, the function is about the previous steps.
      if (more.env !== undefined) return EITHER;
      // A skipped job has neither succeeded nor failed.
      if (name === 'success' && skipped.length > 0) return known(false);
      if (name === 'failure' && !ancestorsOf(frame, needs).some((before) => mayRun(frame, before, waiting)))
        return known(false);
      return EITHER;
    },
  };
}

/**
 * Whether a job can run, given its own `if:` and the jobs that it needs: a skipped job also skips those that need it,
 * unless their `if:` says otherwise
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds).
 */
export function mayRun(frame: Frame, name: string, waiting: readonly string[] = []): boolean {
  const before = frame.jobsThatMayRun.get(name);
  // A cycle, which GitHub rejects.
  if (before !== undefined || waiting.includes(name)) return before ?? true;
  const job = nodeOf(nodeOf(frame.workflow.jobs)[name]);
  const answer = condition(textOf(job.if), scopeOf(frame, job, { waiting: [...waiting, name] }));
  frame.jobsThatMayRun.set(name, answer);
  return answer;
}

/** The jobs that it needs, directly or indirectly. */
function ancestorsOf({ workflow }: Frame, needs: readonly string[]): readonly string[] {
  const ancestors = new Set(needs);
  // Names that are added during the loop are visited too.
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

/** The environment of a job, as written. */
export function environmentOf({ environment }: Node): string | undefined {
  return textOf(isNode(environment) ? environment.name : environment) || undefined;
}

/**
 * An environment has its own variables, which take precedence, but only on the runner: a job's `if`, matrix, environment
 * and inputs are evaluated before (https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#vars-context).
 */
function variableValue({ variables }: Frame, environment: string | undefined, name: string): Possible {
  const value = variables(name, environment);
  return value === undefined ? OPEN : known(value ?? '');
}

function needsValue([job, what]: readonly string[], needs: readonly string[], skipped: readonly string[]): Possible {
  const is = (names: readonly string[]) => names.some((name) => name.toLowerCase() === job);
  if (!is(needs)) return NOTHING;
  if (what === 'result') {
    return is(skipped) ? known('skipped') : { values: ['success', 'failure', 'cancelled', 'skipped'] };
  }
  return is(skipped) ? NOTHING : OPEN;
}

/** Whether a script of the job may replace a variable of the workflow or the job, but not one of the step itself. */
function isSetByScript(name: string, layers: readonly Node[], { steps }: Node): boolean {
  const ofStep = layers.slice(2).some((layer) => Object.keys(layer).some((key) => key.toLowerCase() === name));
  if (ofStep || !Array.isArray(steps)) return false;
  const assignment = `${name}=`;
  return steps.some((step) => {
    const script = textOf(nodeOf(step).run).toLowerCase();
    return script.includes('github_env') && script.includes(assignment);
  });
}

/** Each layer sees the outer ones. A variable that is in no layer may have been set by an earlier step. */
function envValue(name: string, layers: readonly Node[], scopeWith: (layers: readonly Node[]) => Scope): Possible {
  for (let at = layers.length - 1; at >= 0; at -= 1) {
    const written = Object.entries(layers[at] ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
    if (written !== undefined) return passedOn(textOf(written), scopeWith(layers.slice(0, at)));
  }
  return OPEN;
}

/** Parts of the payload that only exist for events whose names start this way. */
const PAYLOADS = new Map([
  ...['pull_request', 'release', 'workflow_run', 'deployment', 'schedule', 'issue', 'merge_group'].map(
    (name) => [name, name] as const,
  ),
  ['client_payload', 'repository_dispatch'],
  ['head_commit', 'push'],
]);

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
            suffix: rest.suffix,
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
    case 'server_url':
      return frame.serverUrl === undefined ? OPEN : known(frame.serverUrl);
    case 'workflow':
      return known(frame.workflowName);
    case 'event':
      return eventValue(path, frame);
    default:
      return OPEN;
  }
  function eventValue([part = '', ...rest]: readonly string[], { eventInputs }: Frame): Possible {
    const at = rest.join('.');
    if (part === 'inputs' && rest[0] !== undefined)
      return mapped(eventInputs(rest[0]), (value) => known(value === null ? null : String(value)));
    if (part === 'repository' && at === 'default_branch') return known(refs.defaultBranch);
    if (part === 'schedule' && run.event === 'schedule') return known(choose('github.event.schedule', cronsOf(run)));
    if (!isCalled && !run.event.startsWith(PAYLOADS.get(part) ?? '')) return NOTHING;
    // Pull requests from forks start pull_request_target too.
    if (part === 'pull_request' && !isCalled && run.event !== 'pull_request_target') {
      // A different repository, whatever its name.
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
 * The inputs of a workflow started by an event. Started manually: whatever its declaration allows. By an unknown
 * caller: anything. By other events: none
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

/** The inputs of a called workflow or of an action: the given value, otherwise the default, otherwise empty. */
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
