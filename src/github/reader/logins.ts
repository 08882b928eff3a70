import { eachWay } from './choices.ts';
import { type Refs, type Run, runsOf } from './events.ts';
import type { Scope } from './expressions.ts';
import { type ClaimText, type Frame, inputsGiven, inputsOfEvent, mayRun, scopeOf, type Variables } from './frame.ts';
import { contextOfRun, contextsOf, type LoginContext, meant } from './login-contexts.ts';
import { combinationsOf } from './matrix.ts';
import { OPEN } from './possible.ts';
import { refsNamed } from './refs.ts';
import { localWorkflow, type ReadFile, type Sources, sourcesOf, workflowOf } from './sources.ts';
import { type RequestedRole, requestedRole, type StepLogin } from './step-login.ts';
import { loginsOfSteps } from './steps.ts';
import { idTokenOf, type Token } from './token-permission.ts';
import { type Node, nodeOf, textOf } from './yaml-node.ts';

export interface WorkflowText {
  readonly text: string;
  /** As named by the user. */
  readonly file: string;
  /** Relative to the repository, `.github/workflows/deploy.yml`; undefined if it is not in one. */
  readonly path: string | undefined;
}

export interface WorkflowToRead extends WorkflowText {
  /** `owner/name` of the repository that it runs in. */
  readonly repository: string;
  /** `https://github.com`; undefined if it is unknown. */
  readonly serverUrl: string | undefined;
  readonly refs: Refs;
  readonly readFile: ReadFile;
  readonly variables: Variables;
}

/** One way in which a job logs in to AWS. */
export interface Login extends StepLogin {
  /** `deploy`, or `release / prod / deploy` through called workflows. */
  readonly job: string;
  readonly event: string;
  /** Paths of the workflows that contain it, called ones last. */
  readonly files: readonly string[];
  /** What it presents. Several if it is unknown before the run which one applies. */
  readonly contexts: readonly LoginContext[];
  /** Other claims of its token; patterns have IAM wildcards. */
  readonly claims: ReadonlyMap<string, ClaimText>;
  readonly role: RequestedRole;
  readonly token: Token;
  /** The run can also be on these refs, whether or not the job is meant for them. */
  readonly aside: boolean;
  readonly doubt: string | undefined;
}

export interface WorkflowLogins {
  readonly logins: readonly Login[];
  readonly notes: readonly string[];
  /** Jobs that can get a token and use actions that crc does not analyze. */
  readonly unread: readonly { readonly job: string; readonly uses: string }[];
  /** Pull requests from forks would start a job that logs in, but get no token. */
  readonly fromForks: boolean;
  /** What they present depends on which branch is the default one. */
  readonly usesDefaultBranch: boolean;
}

/**
 * How the jobs of a workflow log in to AWS, for each event that starts it. @throws CrcError for a file that is not a
 * workflow.
 */
export async function loginsOf(input: WorkflowToRead): Promise<WorkflowLogins> {
  const workflow = workflowOf(input.text, input.file);
  const sources = await sourcesOf(workflow, input.repository, input.readFile);
  const texts = [...sources.values()].map(({ text }) => text);
  const named = refsNamed([input.text, ...texts].join('\n'));
  const reading: Reading = { input, sources, notes: new Set(), unread: new Map() };
  const byRun = runsOf(workflow, input.refs, named).map((run) => ({
    run,
    logins: loginsOfRun(reading, workflow, run),
  }));
  const own = byRun.filter(({ run }) => !run.fork).flatMap(({ logins }) => logins);
  return {
    logins: unique(withAsides(own)),
    notes: [...reading.notes],
    unread: [...reading.unread.values()].filter(({ job }) => !own.some((login) => login.job === job)),
    usesDefaultBranch:
      byRun.some(({ run, logins }) => run.ref.isDefault === true && logins.length > 0) ||
      (own.length > 0 && [input.text, ...texts].some((text) => /\.default_branch\b/.test(text))),
    fromForks: byRun.some(({ run, logins }) => run.fork && logins.some(({ token }) => token.state === 'granted')),
  };
}

interface Reading {
  readonly input: WorkflowToRead;
  readonly sources: Sources;
  readonly notes: Set<string>;
  readonly unread: Map<string, { readonly job: string; readonly uses: string }>;
}

function loginsOfRun(reading: Reading, workflow: Node, run: Run): readonly Login[] {
  const { path, file, repository, serverUrl, refs, variables } = reading.input;
  const workflowName = textOf(workflow.name) || (path ?? file);
  const at = { text: run.ref.written, isPattern: run.ref.isPattern };
  return Object.keys(nodeOf(workflow.jobs)).flatMap((name) => {
    const { results, isWhole } = eachWay((choose) => {
      const inputs = inputsOfEvent(run, refs, choose);
      const eventInputs = run.event === 'workflow_call' ? () => OPEN : inputs;
      const jobsThatMayRun = new Map<string, boolean>();
      const frame: Frame = {
        ...{ workflow, files: [path ?? file], path, at, repository, serverUrl, refs, run, choose },
        ...{ variables, inputs, eventInputs, workflowName, jobsThatMayRun },
      };
      return loginsOfJob(reading, { frame, name, shown: name, caller: undefined, depth: 0 });
    });
    if (!isWhole)
      reading.notes.add(`The job ${name} can run in more ways than crc looks at; ${results.length} are shown.`);
    return results.flat();
  });
}

interface JobPlace {
  readonly frame: Frame;
  readonly name: string;
  readonly shown: string;
  /** The token of the calling job. */
  readonly caller: Token | undefined;
  readonly depth: number;
}

/**
 * GitHub's own limit for nested workflows:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
 */
const MAX_DEPTH = 10;

function loginsOfJob(reading: Reading, place: JobPlace): readonly Login[] {
  const { frame, name, shown } = place;
  const job = nodeOf(nodeOf(frame.workflow.jobs)[name]);
  if (!mayRun(frame, name)) return [];
  const combinations = combinationsOf(job.strategy, scopeOf(frame, job));
  if (combinations.length === 0) return [];
  const matrix = frame.choose(`matrix of ${shown}`, combinations);
  const token = idTokenOf(job, frame.workflow, shown, place.caller);
  const scope = scopeOf(frame, job, { matrix });
  if (typeof job.uses === 'string') return calledLogins(reading, place, { uses: job.uses, job, scope, token });
  const env = [nodeOf(frame.workflow.env), nodeOf(job.env)];
  const steps = loginsOfSteps(job.steps, {
    ...{ frame, job, matrix, env, sources: reading.sources, jobName: shown, token },
    ...{ within: [], hasCredentials: false },
  });
  for (const note of steps.notes) reading.notes.add(note);
  if (token.state === 'granted') {
    for (const uses of steps.unread) reading.unread.set(`${shown} ${uses}`, { job: shown, uses });
  }
  return steps.logins.map((login) => loginOf(place, login, token, contextsOf(job, scope, frame.run)));
}

function loginOf({ frame, shown }: JobPlace, login: StepLogin, token: Token, contexts: readonly LoginContext[]): Login {
  const { run, path, at, repository, workflowName } = frame;
  return {
    ...login,
    job: shown,
    event: run.event,
    files: frame.files,
    contexts,
    claims: new Map([
      ['ref', { text: run.ref.written, isPattern: run.ref.isPattern, except: run.ref.value.rest?.not ?? [] }],
      ['workflow', { text: workflowName, isPattern: false }],
      ...(path === undefined
        ? []
        : [['job_workflow_ref', { ...at, text: `${repository}/${path}@${at.text}` }] as const]),
    ]),
    token,
    aside: run.aside,
    doubt: login.audienceDoubt,
  };
}

/** A job that calls a workflow. */
interface Call {
  readonly uses: string;
  readonly job: Node;
  readonly scope: Scope;
  readonly token: Token;
}

/** A job that calls a workflow: its token is the caller's, and only job_workflow_ref names the called workflow. */
function calledLogins(reading: Reading, place: JobPlace, { uses, job, scope, token }: Call): readonly Login[] {
  const { frame, shown, depth } = place;
  const path = localWorkflow(uses, frame.repository);
  const called = path === undefined ? undefined : reading.sources.get(path)?.node;
  if (path !== undefined && frame.files.includes(path)) {
    reading.notes.add(`GitHub refuses ${path}: it calls itself, directly or through another workflow.`);
    return [];
  }
  if (path !== undefined && called !== undefined && depth < MAX_DEPTH) {
    const declared = nodeOf(nodeOf(nodeOf(called.on ?? called.true).workflow_call).inputs);
    const inner: Frame = {
      ...frame,
      workflow: called,
      path,
      files: [...frame.files, path],
      at: uses.startsWith('./') ? frame.at : refOfUse(uses),
      inputs: inputsGiven(declared, nodeOf(job.with), scope),
      jobsThatMayRun: new Map(),
    };
    return Object.keys(nodeOf(called.jobs)).flatMap((name) =>
      loginsOfJob(reading, { frame: inner, name, shown: `${shown} / ${name}`, caller: token, depth: depth + 1 }),
    );
  }
  return remoteLogins(reading, place, { uses, job, scope, token });
}

/**
 * A called workflow in another repository, whose content is not available. It counts as a login if it is given a role,
 * since what it presents is known.
 */
function remoteLogins(
  { notes, unread }: Reading,
  place: JobPlace,
  { uses, job, scope, token }: Call,
): readonly Login[] {
  const { frame, shown } = place;
  const given = [...Object.entries(nodeOf(job.with)), ...Object.entries(nodeOf(job.secrets))];
  const [, roleValue] =
    given.find(([, value]) => /:role\//.test(textOf(value))) ??
    given.find(([key]) => /(^|[_-])role([_-]|$)|roletoassume|rolearn/i.test(key) && !/session|duration/i.test(key)) ??
    [];
  if (roleValue === undefined) {
    if (token.state === 'granted') unread.set(`${shown} ${uses}`, { job: shown, uses });
    return [];
  }
  const role = requestedRole(textOf(roleValue), scope);
  notes.add(`The job ${shown} calls ${uses}, which crc does not read; assuming that it logs in with ${role.written}.`);
  const login = { role, audience: undefined, audienceDoubt: undefined, sessionSeconds: undefined };
  const contexts = frame.run.contexts.map((context) => contextOfRun(context, frame.run));
  const result = loginOf(place, login, token, contexts);
  const { text, isPattern } = refOfUse(uses);
  const workflowRef = { text: uses.replace(/@.*$/, `@${text}`), isPattern };
  const doubt = 'an environment in the called workflow would change it';
  return [{ ...result, claims: new Map([...result.claims, ['job_workflow_ref', workflowRef]]), doubt }];
}

/** `@v2` in the claim's form, where a prefix shows whether it is a branch or a tag. */
function refOfUse(uses: string): ClaimText {
  const ref = uses.split('@')[1] ?? '';
  const isCommit = /^[0-9a-f]{40}$/.test(ref);
  return { text: isCommit ? ref : `*${ref}`, isPattern: !isCommit };
}

/**
 * If a job logs in on no other ref for an event, it is meant for these refs. Contexts that add nothing new are dropped.
 */
function withAsides(logins: readonly Login[]): readonly Login[] {
  const key = ({ job, event }: Login) => `${event} ${job}`;
  const meantFor = new Set(logins.filter(({ aside }) => !aside).map(key));
  const what = (login: Login) =>
    JSON.stringify([key(login), login.contexts.map(({ shown }) => shown), login.role.filled]);
  const presented = new Set(logins.filter(({ aside }) => !aside).map(what));
  return logins.flatMap((login) => {
    if (!login.aside) return [login];
    if (!meantFor.has(key(login))) return [{ ...login, contexts: login.contexts.map(meant), aside: false }];
    return presented.has(what(login)) ? [] : [login];
  });
}

function unique(logins: readonly Login[]): readonly Login[] {
  return [...new Map(logins.map((login) => [JSON.stringify({ ...login, claims: [...login.claims] }), login])).values()];
}
