import { literal } from '../../literal.ts';
import type { Choose } from './choices.ts';
import { entryAt, entryOf } from './data.ts';
import type { Refs, Run } from './events.ts';
import { condition, filledIn, passedOn, type Scope } from './expressions.ts';
import { gitHubValue, type RunOfWorkflow } from './github-context.ts';
import type { Combination } from './matrix.ts';
import { EITHER, known, mapped, NOTHING, OPEN, type Possible, union } from './possible.ts';
import { isNode, type Node, namesOf, nodeOf, textOf } from './yaml-node.ts';

/**
 * The value of a variable in a job with this environment, as written, or in one without; null if it does not exist,
 * undefined if it is unknown.
 */
export type Variables = (name: string, environment: string | undefined) => string | null | undefined;

/** A claim as text, with IAM wildcards if `isPattern`. */
export interface ClaimText {
  readonly text: string;
  readonly isPattern: boolean;
  /** Texts that match the pattern, and that it is not. */
  readonly except?: readonly string[];
}

/** A workflow in one of its runs, or a workflow called from it. */
export interface Frame extends RunOfWorkflow {
  readonly workflow: Node;
  /** Paths of the calling workflows, outermost first, and of the workflow itself. */
  readonly files: readonly string[];
  /** `.github/workflows/deploy.yml`; undefined if it is not in a repository. */
  readonly path: string | undefined;
  /** The ref of the workflow file, as in `job_workflow_ref`. */
  readonly at: ClaimText;
  readonly variables: Variables;
  readonly inputs: (name: string) => Possible;
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
    if (context === 'needs') return needsValue(path, frame, { needs, skipped, waiting });
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

function needsValue(
  [job, what, output]: readonly string[],
  frame: Frame,
  { needs, skipped, waiting }: Readonly<Record<'needs' | 'skipped' | 'waiting', readonly string[]>>,
): Possible {
  const name = needs.find((needed) => needed.toLowerCase() === job);
  if (name === undefined) return NOTHING;
  const isSkipped = skipped.includes(name);
  if (what === 'result') {
    return isSkipped ? known('skipped') : { values: ['success', 'failure', 'cancelled', 'skipped'] };
  }
  if (isSkipped) return NOTHING;
  return output === undefined ? OPEN : outputOf(name, output, frame, waiting);
}

/** An output of a job, which is unknown if a step sets it, and in a cycle, which GitHub rejects. */
function outputOf(name: string, output: string, frame: Frame, waiting: readonly string[]): Possible {
  const job = nodeOf(nodeOf(frame.workflow.jobs)[name]);
  const written = Object.entries(nodeOf(job.outputs)).find(([key]) => key.toLowerCase() === output)?.[1];
  if (written === undefined || waiting.includes(name)) return OPEN;
  return filledIn(textOf(written), scopeOf(frame, job, { env: [], waiting: [...waiting, name] }));
}

/**
 * Whether a script of the job may replace a variable of the workflow or the job, but not one of the step itself, nor one
 * that the job's own environment refers to.
 */
function isSetByScript(name: string, layers: readonly Node[], { steps }: Node): boolean {
  if (layers.length < 2) return false;
  const ofStep = layers.slice(2).some((layer) => Object.keys(layer).some((key) => key.toLowerCase() === name));
  if (ofStep || !Array.isArray(steps)) return false;
  const assignment = new RegExp(`(?:^|\\W)${literal(name)}=`, 'i');
  return steps.some((step) => {
    const script = textOf(nodeOf(step).run);
    return /GITHUB_ENV/i.test(script) && assignment.test(script);
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
