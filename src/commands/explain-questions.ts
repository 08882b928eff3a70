import { dirname, join, sep } from 'node:path';
import type { Config, RoleConfig } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import { type GitHubAnswers, gitHubAnswers } from '../github/answers.ts';
import { gitRoot } from '../github/clone.ts';
import { hostOfIssuer, isEnterpriseServer } from '../github/host.ts';
import {
  isWholeSubject,
  type JobFacts,
  presentedByRepository,
  presentedSubject,
  presentedToken,
  presentedWholeSubject,
} from '../github/presented.ts';
import { claimsOfToken } from '../github/token.ts';
import { linkedWorkflows, type WorkflowFile, workflowsOfClone } from '../github/workflow-files.ts';
import type { Json } from '../json.ts';
import { fits } from '../policies/glob.ts';
import {
  audienceRequested,
  type RepositoryTrust,
  repositoriesOf,
  repositoriesTrusted,
  subjectsOf,
  type Trust,
} from '../policies/trust.ts';
import { trustedContexts } from '../trust/trusted-contexts.ts';
import type { LoginRequest } from '../trust/verdict.ts';
import type { Io } from '../ui/io.ts';
import type { ExplainOptions } from './definitions/explain.ts';
import { readGiven, workflowsGiven } from './explain-files.ts';
import { NoLogins } from './explain-no-logins.ts';
import { linkNotes, neverRunNotes, notTriedNotes } from './explain-notes.ts';
import type { Questions, RolesOfQuestion } from './explain-question.ts';
import { remoteRepositoryOf, workflowQuestions } from './explain-workflow-questions.ts';

const NOTHING_OPEN = { open: [], candidates: [], notes: [] };

/** What every kind of question needs. */
interface Scope extends RolesOfQuestion {
  readonly config: Config;
  /** The chosen roles, by default all in the config. */
  readonly names: readonly string[];
  readonly github: GitHubAnswers;
}

/** Which logins present what to which role. In a clone, by default those of its workflows. */
export async function questionsOf(
  config: Config,
  { subject, token, workflow }: ExplainOptions,
  io: Io,
  roles: RolesOfQuestion,
): Promise<Questions> {
  const names = roles.chosen ?? config.roles.map(({ name }) => name);
  if (names.length === 0 && workflow === undefined) {
    throw new CrcError('The config has no roles.', { hint: 'Add one under "roles" in the config, or pass --role.' });
  }
  const github = gitHubAnswers(hostOfIssuer(config.oidcProvider.url), io.cwd, io.env);
  const scope: Scope = { ...roles, config, names, github };
  if (token !== undefined) return await ofToken(token, scope, io);
  if (subject !== undefined) return await ofSubject(subject, scope);
  if (workflow !== undefined) return await ofGivenWorkflows(workflow, config, io, roles.chosen);
  const { files, links } = await workflowsOfThisClone(config, io);
  const questions = files.length === 0 ? await ofRepositories(names, scope) : await ofThisClone(files, scope, io);
  return { ...questions, notes: [...questions.notes, ...linkNotes(links)] };
}

async function ofToken(token: string, scope: Scope, io: Io): Promise<Questions> {
  const claims = claimsOfToken(await readGiven(token, io.cwd), token);
  const requests = [presentedToken(claims, Date.now())];
  return await toRolesMeantFor(claims.subject, scope, async () => requests);
}

async function ofSubject(subject: string, scope: Scope): Promise<Questions> {
  const { config, github } = scope;
  return await toRolesMeantFor(subject, scope, async (role) =>
    isWholeSubject(subject)
      ? [presentedWholeSubject(subject, audienceRequested(config.oidcProvider))]
      : await ofEach(
          trustedBy(config, role).filter((block, _, all) => isMeantFor(block, subject) || !isMeantFor(all, subject)),
          async (trusted) => presentedSubject(subject, await factsOf(config, github, trusted)),
        ),
  );
}

/** Every subject that the repositories of the roles can have. */
async function ofRepositories(names: readonly string[], { config, github, trustOf }: Scope): Promise<Questions> {
  return await toRoles(
    names,
    config,
    async (role, roleName) =>
      await ofEach(trustedBy(config, role), async (trusted) => {
        const [facts, refs, subjects] = await Promise.all([
          factsOf(config, github, trusted),
          github.refs(trusted.repository),
          role === undefined ? subjectsOutside(await trustOf(roleName), trusted) : trusted.subjects,
        ]);
        return presentedByRepository(facts, subjects, refs);
      }),
  );
}

/** The logins of the clone's workflows; for roles that none of them requests, every subject of the repository. */
async function ofThisClone(files: readonly WorkflowFile[], scope: Scope, io: Io): Promise<Questions> {
  const { config, names, chosen, github } = scope;
  const byJobs = await workflowQuestions({ config, files, place: io, chosen, github }).catch(
    (error: unknown): Questions => {
      // Such workflows request no role; only their notes are shown.
      if (error instanceof NoLogins) return { ...NOTHING_OPEN, all: [], notes: error.notes, repository: undefined };
      throw error;
    },
  );
  const requested = new Set(byJobs.all.map(({ roleName }) => roleName));
  const rest = names.filter((name) => !requested.has(name) && !byJobs.candidates.includes(name));
  const bySubject = rest.length === 0 ? undefined : await ofRepositories(rest, scope);
  return {
    all: [...byJobs.all, ...(bySubject?.all ?? [])],
    open: byJobs.open,
    candidates: byJobs.candidates,
    notes: [...byJobs.notes, ...unusedNotes(rest, files)],
    repository: byJobs.repository ?? bySubject?.repository,
  };
}

/** What is presented to a role; undefined for one that is not in the config. */
type RequestsTo = (role: RoleConfig | undefined, roleName: string) => Promise<readonly LoginRequest[]>;

async function toRoles(names: readonly string[], config: Config, requestsTo: RequestsTo): Promise<Questions> {
  const all = names.map(async (roleName) => {
    const role = config.roles.find(({ name }) => name === roleName);
    return { roleName, requests: await requestsTo(role, roleName) };
  });
  const [repository] = repositoriesTrusted(config.roles.filter(({ name }) => names.includes(name)));
  return { ...NOTHING_OPEN, all: await Promise.all(all), repository };
}

/** A subject is tried on the roles that are meant for it; if there are none, or the user chose roles, on all of those. */
async function toRolesMeantFor(
  subject: string,
  { config, names, chosen }: Scope,
  requestsTo: RequestsTo,
): Promise<Questions> {
  const meant = chosen === undefined ? config.roles.filter(({ trust }) => isMeantFor(trust, subject)) : [];
  const tried = meant.length > 0 ? meant.map(({ name }) => name) : names;
  const notes = notTriedNotes(names.filter((name) => !tried.includes(name)));
  return { ...(await toRoles(tried, config, requestsTo)), notes };
}

/** What the repository has is read from the clone that contains the workflows, if there is one. */
async function ofGivenWorkflows(
  paths: readonly string[],
  config: Config,
  io: Io,
  chosen: readonly string[] | undefined,
): Promise<Questions> {
  const files = await workflowsGiven(paths, io.cwd);
  const place = { cwd: gitRoot(files[0]?.root ?? io.cwd) ?? io.cwd, env: io.env };
  const github = gitHubAnswers(hostOfIssuer(config.oidcProvider.url), place.cwd, place.env);
  const questions = await workflowQuestions({ config, files, place, chosen, github });
  const links = await linkedWorkflows(files[0]?.root ?? io.cwd, io.cwd);
  const notes = [...questions.notes, ...neverRunNotes(filesElsewhere(files, io)), ...linkNotes(links)];
  return { ...questions, notes };
}

/** The files of this clone that are not where GitHub looks for workflows. */
function filesElsewhere(files: readonly WorkflowFile[], { cwd }: Io): readonly string[] {
  const root = gitRoot(cwd);
  if (root === undefined) return [];
  return files
    .filter(({ file }) => file !== '-')
    .filter(
      ({ absolute }) => absolute.startsWith(root + sep) && dirname(absolute) !== join(root, '.github', 'workflows'),
    )
    .map(({ file }) => file);
}

function unusedNotes(roles: readonly string[], files: readonly WorkflowFile[]): readonly string[] {
  if (roles.length === 0) return [];
  const where = files.length === 1 ? files[0]?.file : '.github/workflows';
  return [`No job in ${where} asks for ${roles.join(', ')}: what the repository could present to it is shown.`];
}

/** The subjects for which a role that is not in the config is meant: those that it trusts, if any are of the repository. */
function subjectsOutside(trust: Json | undefined, { repository }: RepositoryTrust): readonly string[] {
  const contexts = trust === undefined ? [] : trustedContexts(trust, repository);
  return contexts.length > 0 ? contexts : ['*'];
}

interface CloneWorkflows {
  readonly files: readonly WorkflowFile[];
  /** What GitHub does not follow in their place. */
  readonly links: readonly string[];
}

/** The workflows of the current clone, if the config trusts its repository. */
async function workflowsOfThisClone(config: Config, io: Io): Promise<CloneWorkflows> {
  const none = { files: [], links: [] };
  const root = gitRoot(io.cwd);
  if (root === undefined) return none;
  const [files, links] = await Promise.all([workflowsOfClone(root, io.cwd), linkedWorkflows(root, io.cwd)]);
  if (files.length + links.length === 0) return none;
  const repositories = repositoriesTrusted(config.roles).map((name) => name.toLowerCase());
  const remote = await remoteRepositoryOf(config, io);
  const own = remote === undefined ? new Set(repositories).size === 1 : repositories.includes(remote.toLowerCase());
  return own ? { files, links } : none;
}

/** Whether a subject is one of those that the config trusts: a whole one, or the part after the repository. */
function isMeantFor(trust: Trust, subject: string): boolean {
  const patterns = isWholeSubject(subject)
    ? subjectsOf(trust)
    : repositoriesOf(trust).flatMap(({ subjects }) => subjects);
  return patterns.some((pattern) => fits(pattern, subject));
}

/** Creates a question for each repository. */
async function ofEach(
  repositories: readonly RepositoryTrust[],
  ask: (trusted: RepositoryTrust) => Promise<readonly LoginRequest[]>,
): Promise<readonly LoginRequest[]> {
  return (await Promise.all(repositories.map(ask))).flat();
}

/** The repositories that a role trusts; for a role that is not in the config, the first role's. */
function trustedBy(config: Config, role: RoleConfig | undefined): readonly RepositoryTrust[] {
  if (role !== undefined) return repositoriesOf(role.trust);
  const [first] = config.roles;
  if (first !== undefined) return repositoriesOf(first.trust).slice(0, 1);
  throw new CrcError('The config has no roles, so crc does not know the repository.', {
    hint: 'Pass a full subject, for example --subject repo:OWNER/NAME:ref:refs/heads/main.',
  });
}

async function factsOf({ oidcProvider }: Config, answers: GitHubAnswers, trusted: RepositoryTrust): Promise<JobFacts> {
  const github = await answers.facts(trusted.repository);
  const isServer = isEnterpriseServer(oidcProvider.url);
  return { trusted, github, isServer, audience: audienceRequested(oidcProvider) };
}
