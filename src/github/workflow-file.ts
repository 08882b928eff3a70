import { parse, YAMLParseError } from 'yaml';
import { CrcError } from '../errors.ts';
import { type Refs, type Run, runsOf } from './events.ts';
import { filledIn, type Lookup, possibilities, soleExpression, UNKNOWN, type Value } from './expressions.ts';
import { isNode, type Node, nodeOf, textOf } from './yaml-node.ts';

export interface WorkflowInput {
  readonly text: string;
  /** As the user named it. */
  readonly file: string;
  /** `owner/name` of the repository that it runs in. */
  readonly repository: string;
  readonly refs: Refs;
  /** The text of a workflow of the same repository (`./.github/workflows/x.yml`), if it is there. */
  readonly readLocal: (path: string) => Promise<string | undefined>;
}

/** One way in which a job logs in to AWS. */
export interface Login {
  readonly job: string;
  readonly event: string;
  /** What follows the repository in the subject. */
  readonly context: string;
  /** The branch or tag of the run, `refs/heads/main`; undefined for a pull request. */
  readonly ref: string | undefined;
  /** Of the called workflow, in a reusable one; else of the workflow itself where it is known. */
  readonly jobWorkflowRef: string | undefined;
  /** `role-to-assume` with everything filled in that is known before the run. */
  readonly role: string | typeof UNKNOWN;
  /** `role-to-assume` as it is written. */
  readonly roleWritten: string;
  /** Undefined: that of the action, `sts.amazonaws.com`. */
  readonly audience: string | undefined;
  readonly sessionSeconds: number | undefined;
  readonly idToken: 'granted' | 'missing' | 'replaced';
  /** What of it is not known before the run: it is one of several possibilities, or an example. */
  readonly doubt: string | undefined;
}

export interface WorkflowLogins {
  readonly logins: readonly Login[];
  readonly notes: readonly string[];
}

const ACTION = /^aws-actions\/configure-aws-credentials(@|$)/i;

/**
 * How the jobs of a workflow log in to AWS: for each job that uses aws-actions/configure-aws-credentials, each event that
 * starts it. Throws a CrcError for a file that is no workflow.
 */
export async function loginsOf(input: WorkflowInput): Promise<WorkflowLogins> {
  const workflow = parseWorkflow(input.text, input.file);
  const runs = runsOf(workflow, input.refs);
  const notes: string[] = [];
  const logins: Login[] = [];
  for (const [name, job] of Object.entries(nodeOf(workflow.jobs))) {
    logins.push(...(await jobLogins({ ...input, workflow, name, job: nodeOf(job), notes }, runs)));
  }
  return { logins: unique(logins), notes: [...new Set(notes)] };
}

function parseWorkflow(text: string, file: string): Node {
  let workflow: unknown;
  try {
    workflow = parse(text, { logLevel: 'error' });
  } catch (error) {
    // Its message quotes the file, which may hold a secret.
    const [start] = error instanceof YAMLParseError ? (error.linePos ?? []) : [];
    const place = start === undefined ? '' : ` (line ${start.line}, column ${start.col})`;
    throw new CrcError(`${file} is not valid YAML${place}.`, {
      hint: 'Pass a GitHub Actions workflow, for example .github/workflows/infrastructure.yml.',
      cause: error,
    });
  }
  if (isNode(workflow) && isNode(workflow.jobs)) return workflow;
  throw new CrcError(`${file} is not a GitHub Actions workflow: it has no jobs.`, {
    hint: 'Pass a workflow, for example .github/workflows/infrastructure.yml.',
  });
}

interface JobInput extends WorkflowInput {
  readonly workflow: Node;
  readonly name: string;
  readonly job: Node;
  readonly notes: string[];
  /** Of the workflow that calls this one: its permissions bound this one's. */
  readonly caller?: { readonly granted: Login['idToken']; readonly ref: string; readonly inputs: Node };
}

async function jobLogins(input: JobInput, runs: readonly Run[]): Promise<readonly Login[]> {
  const { job, name, notes } = input;
  if (typeof job.uses === 'string') return await calledLogins(input, job.uses, runs);
  const steps = (Array.isArray(job.steps) ? job.steps : []).map(nodeOf);
  const actions = steps.filter(({ uses }) => typeof uses === 'string' && ACTION.test(uses));
  const withKeys = actions.filter((step) => textOf(nodeOf(step.with)['aws-access-key-id']) !== '');
  if (withKeys.length > 0) notes.push(`The job ${name} logs in with access keys, not with GitHub's token.`);
  const byToken = actions.filter(
    (step) => !withKeys.includes(step) && !textOf(nodeOf(step.with)['role-chaining']).includes('true'),
  );
  return byToken.flatMap((step) => runs.flatMap((run) => stepLogins(input, nodeOf(step.with), run)));
}

/** A job that calls a workflow: its token is the caller's, and only job_workflow_ref names the called one. */
async function calledLogins(input: JobInput, uses: string, runs: readonly Run[]): Promise<readonly Login[]> {
  const { name, job, notes, repository, readLocal, refs } = input;
  const granted = idTokenOf(input);
  const local = uses.startsWith('./');
  const path = local ? uses.slice(2) : uses;
  const ref = local ? `${repository}/${path}@refs/heads/${refs.defaultBranch}` : uses;
  const text = local ? await readLocal(path) : undefined;
  if (text !== undefined && input.caller === undefined) {
    const called = parseWorkflow(text, path);
    const caller = { granted, ref, inputs: nodeOf(job.with) };
    const jobs = Object.entries(nodeOf(called.jobs)).map(([inner, one]) =>
      jobLogins({ ...input, workflow: called, name: `${name} / ${inner}`, job: nodeOf(one), caller }, runs),
    );
    return (await Promise.all(jobs)).flat();
  }
  // What it does is not to be seen from here; what it presents is.
  const role = [...Object.values(nodeOf(job.with)), ...Object.values(nodeOf(job.secrets))]
    .map(textOf)
    .find((value) => /:role\//.test(value));
  notes.push(
    `The job ${name} calls ${uses}, which crc does not read; assuming that it logs in with ${role ?? 'the role in the config'}.`,
  );
  return runs
    .filter((run) => isRun(input, run))
    .map((run) => ({
      job: name,
      event: run.event,
      context: run.context,
      ref: run.ref,
      jobWorkflowRef: ref,
      role: role ?? UNKNOWN,
      roleWritten: role ?? uses,
      audience: undefined,
      sessionSeconds: undefined,
      idToken: granted,
      doubt: run.doubt ?? 'an environment in the called workflow would change it',
    }));
}

/** Each environment and each combination of the matrix that the login can have in one run. */
function stepLogins(input: JobInput, options: Node, run: Run): readonly Login[] {
  const { name, job } = input;
  return combinationsOf(job).flatMap((matrix) => {
    if (!isRun(input, run, matrix)) return [];
    const lookup = lookupOf(input, run, matrix);
    const roleWritten = textOf(options['role-to-assume']);
    const audience = filledIn(textOf(options.audience), lookup);
    const seconds = Number(filledInOr(textOf(options['role-duration-seconds']), lookup));
    return environmentsOf(input, lookup).map((environment) => ({
      job: name,
      event: run.event,
      // Of all that GitHub knows of a job the environment comes first; a colon in a name is written as %3A.
      context: environment.name === undefined ? run.context : `environment:${environment.name.replaceAll(':', '%3A')}`,
      ref: run.ref,
      jobWorkflowRef: input.caller?.ref,
      role: filledIn(roleWritten, lookup),
      roleWritten,
      audience: typeof audience === 'string' && audience !== '' ? audience : undefined,
      sessionSeconds: seconds > 0 ? seconds : undefined,
      idToken:
        input.caller?.granted === undefined || input.caller.granted === 'granted'
          ? idTokenOf(input)
          : input.caller.granted,
      doubt: environment.doubt ?? (environment.name === undefined ? run.doubt : undefined),
    }));
  });
}

/** `permissions` of the job replace those of the workflow as a whole. */
function idTokenOf({ job, workflow, caller }: JobInput): Login['idToken'] {
  const grants = (permissions: unknown) =>
    permissions === 'write-all' || (isNode(permissions) && permissions['id-token'] === 'write');
  if (job.permissions !== undefined) {
    if (grants(job.permissions)) return 'granted';
    return grants(workflow.permissions) ? 'replaced' : 'missing';
  }
  if (workflow.permissions !== undefined) return grants(workflow.permissions) ? 'granted' : 'missing';
  // A called workflow that asks for nothing has what its caller has.
  return caller?.granted ?? 'missing';
}

interface PossibleEnvironment {
  /** Undefined: the job has none. */
  readonly name: string | undefined;
  readonly doubt?: string;
}

function environmentsOf({ job, refs }: JobInput, lookup: Lookup): readonly PossibleEnvironment[] {
  const written = textOf(isNode(job.environment) ? job.environment.name : job.environment);
  if (written === '') return [{ name: undefined }];
  const known = filledIn(written, lookup);
  if (known !== UNKNOWN) return [{ name: known === '' ? undefined : known }];
  const doubt = `environment: ${written} is only known during the run`;
  const sole = soleExpression(written);
  const names = sole === undefined ? [] : possibilities(sole, lookup);
  const possible = names.length > 0 ? names : refs.environments;
  return possible.length > 0 ? possible.map((name) => ({ name, doubt })) : [{ name: 'NAME', doubt }];
}

/** What is known of the contexts in one run. */
function lookupOf({ repository, workflow, job, caller, refs }: JobInput, run: Run, matrix: Node): Lookup {
  const [owner = ''] = repository.split('/');
  const pull = run.event.startsWith('pull_request');
  const ref = run.ref ?? 'refs/pull/1/merge';
  const github: Readonly<Record<string, Value>> = {
    'github.event_name': run.event,
    'github.ref': ref,
    'github.ref_name': ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    'github.ref_type': ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    'github.repository': repository,
    'github.repository_owner': owner,
    'github.event.repository.default_branch': refs.defaultBranch,
    // Branches of this repository: forks have a note of their own.
    ...(pull
      ? {
          'github.event.pull_request.head.repo.full_name': repository,
          'github.event.pull_request.head.repo.fork': false,
        }
      : {}),
  };
  const variables = { ...nodeOf(workflow.env), ...nodeOf(job.env) };
  const inputs = caller?.inputs ?? {};
  const lookup: Lookup = (path) => {
    if (path in github) return github[path] ?? UNKNOWN;
    const [context, ...rest] = path.split('.');
    const source = { env: variables, matrix, inputs }[context ?? ''];
    const value = source === undefined ? undefined : entry(source, rest.join('.'));
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value !== 'string') return UNKNOWN;
    // A value may be an expression itself, of contexts that are known; never of its own.
    return value.includes(`\${{ ${context}`) ? UNKNOWN : filledIn(value, lookup);
  };
  return lookup;
}

function entry(source: Node, name: string): unknown {
  return Object.entries(source).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Whether the job runs at all, as far as that can be known. */
function isRun(input: JobInput, run: Run, matrix: Node = {}): boolean {
  const condition = textOf(input.job.if);
  if (condition === '') return true;
  const value = possibleTruth(soleExpression(condition) ?? condition, lookupOf(input, run, matrix));
  return value;
}

function possibleTruth(expression: string, lookup: Lookup): boolean {
  const value = filledIn(`\${{ (${expression}) && 'yes' || 'no' }}`, lookup);
  return value !== 'no';
}

/** Combinations of the matrix whose values are written out; one without values where there are none. */
function combinationsOf(job: Node): readonly Node[] {
  const { include, exclude: _, ...axes } = nodeOf(nodeOf(job.strategy).matrix);
  let combinations: readonly Node[] = [{}];
  for (const [name, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) continue;
    combinations = combinations.flatMap((one) => values.map((value) => ({ ...one, ...flat(name, value) })));
  }
  const more = (Array.isArray(include) ? include : []).map((one) =>
    Object.assign({}, ...Object.entries(nodeOf(one)).map(([name, value]) => flat(name, value))),
  );
  const all = Object.keys(axes).length === 0 ? more : [...combinations, ...more];
  return all.length === 0 ? [{}] : all.slice(0, MOST_COMBINATIONS);
}

/** GitHub's own limit of jobs in a matrix. */
const MOST_COMBINATIONS = 256;

/** `{ env: { name: 'x' } }` as `env.name`, as expressions name it. */
function flat(name: string, value: unknown): Node {
  if (!isNode(value)) return { [name]: value };
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => flat(`${name}.${key}`, inner)));
}

function filledInOr(text: string, lookup: Lookup): string {
  const value = filledIn(text, lookup);
  return value === UNKNOWN ? '' : value;
}

function unique(logins: readonly Login[]): readonly Login[] {
  const byText = new Map(logins.map((login) => [JSON.stringify({ ...login, role: String(login.role) }), login]));
  return [...byText.values()];
}
