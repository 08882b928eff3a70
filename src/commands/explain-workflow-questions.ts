import { roleArn } from '../aws/arns.ts';
import type { Config } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import type { GitHubAnswers } from '../github/answers.ts';
import { repositoryOf } from '../github/clone.ts';
import { hostOfIssuer, isEnterpriseServer } from '../github/host.ts';
import { presentedLogin } from '../github/presented.ts';
import { requestedRoles } from '../github/requested-roles.ts';
import { variablesOf } from '../github/variables.ts';
import type { WorkflowFile } from '../github/workflow-files.ts';
import { repositoriesTrusted, rolesOfRepository } from '../policies/trust.ts';
import type { OpenLogin } from '../trust/role-verdict.ts';
import type { LoginRequest } from '../trust/verdict.ts';
import type { Io } from '../ui/io.ts';
import { NoLogins } from './explain-no-logins.ts';
import { forkNote, guessedBranchNote, openNotes, targetNotes, unreadNotes } from './explain-notes.ts';
import type { Questions } from './explain-question.ts';

type Place = Pick<Io, 'cwd' | 'env'>;

interface QuestionsInput {
  readonly config: Config;
  readonly files: readonly WorkflowFile[];
  /** The clone that contains them, or the working directory. */
  readonly place: Place;
  readonly chosen: readonly string[] | undefined;
  readonly github: GitHubAnswers;
}

/** The logins of workflows, with the roles that they request or may request. */
export async function workflowQuestions(input: QuestionsInput): Promise<Questions> {
  const { config, files, place, chosen } = input;
  // Only needed here: the parsers for YAML, expressions and workflows.
  const { readWorkflows } = await import('./explain-workflows.ts');
  const repository = await repositoryFor(config, chosen, place);
  const host = hostOfIssuer(config.oidcProvider.url);
  const [refs, github] = await Promise.all([input.github.refs(repository), input.github.facts(repository)]);
  const read = await readWorkflows(files, {
    repository,
    serverUrl: host === undefined ? undefined : `https://${host}`,
    refs,
    variables: async () =>
      await variablesOf({ host, repository, environments: refs.environments }, place.cwd, place.env),
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
  const byRole = new Map<string, LoginRequest[]>();
  const open: OpenLogin[] = [];
  const candidates = new Set<string>();
  for (const login of logins) {
    const { names, isOpen, blocked } = requestedRoles(login, { roles: config.roles, repository, chosen, arnOf });
    const trusted = rolesOfRepository(config.roles, repository).find(({ name }) => names.includes(name));
    const facts = { trusted: trusted?.trust ?? { repository }, github, isServer };
    const presented = presentedLogin(login, facts, login.files[0] ?? '', blocked);
    if (isOpen) {
      open.push({ written: login.role.filled, requests: presented });
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
    all: [...byRole].map(([roleName, requests]) => ({ roleName, requests })),
    open,
    candidates: [...candidates],
    notes: [
      ...noted,
      ...unreadNotes(unread),
      ...openNotes(open),
      ...(read.usesDefaultBranch && refs.isDefaultGuess ? [guessedBranchNote(repository, refs.defaultBranch)] : []),
      ...(read.fromForks ? [forkNote()] : []),
      ...targetNotes(logins),
    ],
    repository,
  };
}

/** The repository of the clone, if it is on the server of the config. */
export async function remoteRepositoryOf({ oidcProvider }: Config, { cwd, env }: Place): Promise<string | undefined> {
  const host = hostOfIssuer(oidcProvider.url);
  return host === undefined ? undefined : await repositoryOf(cwd, env, host);
}

async function repositoryFor(config: Config, chosen: readonly string[] | undefined, place: Place): Promise<string> {
  const ofRoles = repositoriesTrusted(config.roles.filter(({ name }) => chosen?.includes(name)));
  const all = repositoriesTrusted(config.roles);
  const [only] = all;
  const [single] = ofRoles;
  if (single !== undefined && ofRoles.length === 1) return single;
  if (only !== undefined && all.length === 1) return only;
  const remote = await remoteRepositoryOf(config, place);
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
