import { roleArn } from '../aws/arns.ts';
import type { Config, RoleConfig } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import { type GitHubAnswers, gitHubAnswers } from '../github/answers.ts';
import { gitRoot, repositoryOf } from '../github/clone.ts';
import { hostOfIssuer, isEnterpriseServer } from '../github/host.ts';
import {
  isWholeSubject,
  type JobFacts,
  presentedByRepository,
  presentedLogin,
  presentedSubject,
  presentedToken,
  presentedWholeSubject,
} from '../github/presented.ts';
import { rolesAsked } from '../github/roles-asked.ts';
import { claimsOfToken } from '../github/token.ts';
import { variablesOf } from '../github/variables.ts';
import { type WorkflowFile, workflowsOfClone } from '../github/workflow-files.ts';
import type { Json } from '../json.ts';
import {
  audienceRequested,
  type RepositoryTrust,
  repositoriesOf,
  repositoriesTrusted,
  rolesOfRepository,
} from '../policies/trust.ts';
import type { OpenLogin } from '../trust/role-verdict.ts';
import { trustedContexts } from '../trust/trusted-contexts.ts';
import type { Asked } from '../trust/verdict.ts';
import type { Io } from '../ui/io.ts';
import type { ExplainOptions } from './definitions/explain.ts';
import { readGiven, workflowsGiven } from './explain-files.ts';
import { NoLogins } from './explain-no-logins.ts';
import { forkNote, openNotes, targetNotes, unreadNotes } from './explain-notes.ts';

/** The logins that request one role. */
export interface Question {
  readonly roleName: string;
  /** Undefined if it is not in the config. */
  readonly role: RoleConfig | undefined;
  readonly asked: readonly Asked[];
}

export interface Questions {
  readonly all: readonly Question[];
  /** Logins that may request any of several roles. */
  readonly open: readonly OpenLogin[];
  readonly candidates: readonly string[];
  readonly notes: readonly string[];
  /** The repository whose subject form is unknown, if any. */
  readonly repository: string | undefined;
}

/** Which roles are asked about. */
export interface RolesOfQuestion {
  /** The roles that the user selected; undefined for all. */
  readonly chosen: readonly string[] | undefined;
  /** The trust policy of a role in the account; undefined if there is none, or none that can be read. */
  readonly trustOf: (name: string) => Promise<Json | undefined>;
}

const NOTHING_OPEN = { open: [], candidates: [], notes: [] };

/** Which logins present what to which role. In a clone, by default those of its workflows. */
export async function questionsOf(
  config: Config,
  options: ExplainOptions,
  io: Io,
  { chosen, trustOf }: RolesOfQuestion,
): Promise<Questions> {
  const { subject, token, workflow } = options;
  const names = chosen ?? config.roles.map(({ name }) => name);
  const github = gitHubAnswers(hostOfIssuer(config.oidcProvider.url), io.cwd, io.env);
  if (names.length === 0 && workflow === undefined) {
    throw new CrcError('The config has no roles.', { hint: 'Add one under "roles" in the config, or pass --role.' });
  }
  const forRoles = async (
    roles: readonly string[],
    ask: (role: RoleConfig | undefined, roleName: string) => Promise<readonly Asked[]>,
  ): Promise<Questions> => {
    const all = roles.map(async (roleName) => {
      const role = config.roles.find(({ name }) => name === roleName);
      return { roleName, role, asked: await ask(role, roleName) };
    });
    const [repository] = repositoriesTrusted(config.roles.filter(({ name }) => roles.includes(name)));
    return { ...NOTHING_OPEN, all: await Promise.all(all), repository };
  };
  if (token !== undefined) {
    const asked = [presentedToken(claimsOfToken(await readGiven(token, io.cwd), token), Date.now())];
    return await forRoles(names, async () => asked);
  }
  if (subject !== undefined) {
    const isWhole = isWholeSubject(subject);
    return await forRoles(names, async (role) =>
      isWhole
        ? [presentedWholeSubject(subject, audienceRequested(config.oidcProvider))]
        : await ofEach(config, role, async (trusted) =>
            presentedSubject(subject, await factsOf(config, github, trusted)),
          ),
    );
  }
  const bySubjects = async (roles: readonly string[]) =>
    await forRoles(
      roles,
      async (role, roleName) =>
        await ofEach(config, role, async (trusted) => {
          const [facts, refs, subjects] = await Promise.all([
            factsOf(config, github, trusted),
            github.refs(trusted.repository),
            role === undefined ? subjectsOutside(await trustOf(roleName), trusted) : trusted.subjects,
          ]);
          return presentedByRepository(facts, subjects, refs);
        }),
    );
  if (workflow !== undefined) {
    const files = await workflowsGiven(workflow, io.cwd);
    return await workflowQuestions({ config, files, io, chosen, github });
  }
  const files = await workflowsHere(config, io);
  if (files.length === 0) return await bySubjects(names);
  const byJobs = await workflowQuestions({ config, files, io, chosen, github }).catch((error: unknown): Questions => {
    // Such workflows request no role; only their notes are shown.
    if (error instanceof NoLogins) return { ...NOTHING_OPEN, all: [], notes: error.notes, repository: undefined };
    throw error;
  });
  const asked = new Set(byJobs.all.map(({ roleName }) => roleName));
  const rest = names.filter((name) => !asked.has(name) && !byJobs.candidates.includes(name));
  const bySubject = rest.length === 0 ? undefined : await bySubjects(rest);
  return {
    all: [...byJobs.all, ...(bySubject?.all ?? [])],
    open: byJobs.open,
    candidates: byJobs.candidates,
    notes: [...byJobs.notes, ...unusedNotes(rest, files)],
    repository: byJobs.repository ?? bySubject?.repository,
  };
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

/** The workflows of the current clone, if the config trusts its repository. */
async function workflowsHere(config: Config, io: Io): Promise<readonly WorkflowFile[]> {
  const root = await gitRoot(io.cwd);
  if (root === undefined) return [];
  const files = await workflowsOfClone(root, io.cwd);
  if (files.length === 0) return [];
  const repositories = repositoriesTrusted(config.roles).map((name) => name.toLowerCase());
  const remote = await remoteRepositoryOf(config, io);
  const own = remote === undefined ? new Set(repositories).size === 1 : repositories.includes(remote.toLowerCase());
  return own ? files : [];
}

/**
 * Creates a question for each repository that a role trusts; for a role that is not in the config, for the first one's.
 */
async function ofEach(
  config: Config,
  role: RoleConfig | undefined,
  ask: (trusted: RepositoryTrust) => Promise<readonly Asked[]>,
): Promise<readonly Asked[]> {
  return (await Promise.all(trustedBy(config, role).map(ask))).flat();
}

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

interface WorkflowInput {
  readonly config: Config;
  readonly files: readonly WorkflowFile[];
  readonly io: Io;
  readonly chosen: readonly string[] | undefined;
  readonly github: GitHubAnswers;
}

async function workflowQuestions(input: WorkflowInput): Promise<Questions> {
  const { config, files, io, chosen } = input;
  // Only needed here: the parsers for YAML, expressions and workflows.
  const { readWorkflows } = await import('./explain-workflows.ts');
  const repository = await repositoryFor(config, chosen, io);
  const host = hostOfIssuer(config.oidcProvider.url);
  const [refs, github] = await Promise.all([input.github.refs(repository), input.github.facts(repository)]);
  const read = await readWorkflows(files, {
    repository,
    serverUrl: host === undefined ? undefined : `https://${host}`,
    refs,
    variables: async () => await variablesOf({ host, repository, environments: refs.environments }, io.cwd, io.env),
  });
  const { logins, unread, refused } = read;
  const noted = [...refused, ...read.notes];
  const where = files.length === 1 ? (files[0]?.file ?? '') : `${files.length} workflows`;
  if (logins.length === 0 && unread.length === 0) {
    throw new NoLogins(`No job in ${where} logs in to AWS with aws-actions/configure-aws-credentials.`, {
      hint: [...noted, '`crc workflow` prints a workflow that does.'].join(' '),
      notes: noted,
    });
  }
  const [refusal] = refused;
  if (refusal !== undefined && files.length === 1) {
    throw new CrcError(refusal, { hint: 'GitHub runs none of its jobs until that is fixed.' });
  }
  const arnOf = (name: string) =>
    roleArn(
      { accountId: config.accountId ?? 'ACCOUNT', region: config.region },
      name,
      config.roles.find((candidate) => candidate.name === name)?.path,
    );
  const isServer = isEnterpriseServer(config.oidcProvider.url);
  const byRole = new Map<string, Asked[]>();
  const open: OpenLogin[] = [];
  const candidates = new Set<string>();
  for (const login of logins) {
    const { names, isOpen, blocked } = rolesAsked(login, { roles: config.roles, repository, chosen, arnOf });
    const trusted = rolesOfRepository(config.roles, repository).find(({ name }) => names.includes(name));
    const facts = { trusted: trusted?.trust ?? { repository }, github, isServer };
    const presented = presentedLogin(login, facts, login.files[0] ?? '', blocked);
    if (isOpen) {
      open.push({ written: login.role.filled, asked: presented });
      for (const name of names) candidates.add(name);
    } else for (const name of names) byRole.set(name, [...(byRole.get(name) ?? []), ...presented]);
  }
  if (byRole.size === 0 && open.length === 0 && unread.length === 0) {
    throw new NoLogins(`No job in ${where} uses ${chosen?.join(', ')}.`, {
      hint: `The jobs use ${[...new Set(logins.map(({ role }) => role.written || 'no role'))].join(', ')}.`,
      notes: noted,
    });
  }
  return {
    all: [...byRole].map(([roleName, all]) => ({
      roleName,
      role: config.roles.find(({ name }) => name === roleName),
      asked: all,
    })),
    open,
    candidates: [...candidates],
    notes: [
      ...noted,
      ...unreadNotes(unread),
      ...openNotes(open),
      ...(read.fromForks ? [forkNote()] : []),
      ...targetNotes(logins),
    ],
    repository,
  };
}

async function remoteRepositoryOf({ oidcProvider }: Config, io: Io): Promise<string | undefined> {
  const host = hostOfIssuer(oidcProvider.url);
  return host === undefined ? undefined : await repositoryOf(io.cwd, io.env, host);
}

async function repositoryFor(config: Config, chosen: readonly string[] | undefined, io: Io): Promise<string> {
  const ofRoles = repositoriesTrusted(config.roles.filter(({ name }) => chosen?.includes(name)));
  const all = repositoriesTrusted(config.roles);
  const [only] = all;
  const [single] = ofRoles;
  if (single !== undefined && ofRoles.length === 1) return single;
  if (only !== undefined && all.length === 1) return only;
  const remote = await remoteRepositoryOf(config, io);
  if (remote !== undefined)
    return all.find((repository) => repository.toLowerCase() === remote.toLowerCase()) ?? remote;
  if (all.length === 0) {
    throw new CrcError('The config has no roles, so crc does not know which repository the workflow belongs to.', {
      hint: 'Run it in a clone of that repository.',
    });
  }
  throw new CrcError(
    `The config has roles for ${all.length} repositories, so crc does not know which one the workflow belongs to.`,
    {
      hint: 'Run it in a clone of that repository, or pass --role.',
    },
  );
}
