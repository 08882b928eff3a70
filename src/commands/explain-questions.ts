import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { text as textOfStream } from 'node:stream/consumers';
import { roleArn } from '../aws/names.ts';
import type { Config, RoleConfig } from '../config/schema.ts';
import { CrcError, systemError } from '../errors.ts';
import { repositoryOf } from '../github/clone.ts';
import type { Refs } from '../github/events.ts';
import { hostOfIssuer } from '../github/host.ts';
import {
  isWholeSubject,
  type Presented,
  presentedByRepository,
  presentedLogin,
  presentedSubject,
  presentedToken,
  type RepositoryFacts,
} from '../github/presented.ts';
import { type GitHubRepository, gitHubRepository, type Hosted, refsOf, variableOf } from '../github/repository.ts';
import { claimsOfToken } from '../github/token.ts';
import type { Login } from '../github/workflow-file.ts';
import { withoutSecrets } from '../secrets.ts';
import { type FoundCause, found } from '../trust/causes/index.ts';
import type { Io } from '../ui/io.ts';
import type { ExplainOptions } from './definitions/explain.ts';

/** What is asked of one role. */
export interface Question {
  readonly roleName: string;
  /** Undefined: the config does not have it. */
  readonly role: RoleConfig | undefined;
  readonly presented: readonly Presented[];
}

export interface Questions {
  readonly all: readonly Question[];
  readonly notes: readonly string[];
}

/** What is presented to which role, by the one thing that is to be explained. */
export async function questionsOf(
  config: Config,
  options: ExplainOptions,
  io: Io,
  chosen: readonly string[] | undefined,
): Promise<Questions> {
  const { subject, token, workflow } = options;
  const names = chosen ?? config.roles.map(({ name }) => name);
  if (names.length === 0 && workflow === undefined) {
    throw new CrcError('The config has no roles.', { hint: 'Add one under "roles" in the config, or pass --role.' });
  }
  const notes: string[] = [];
  const forRoles = async (ask: (role: RoleConfig | undefined) => Promise<readonly Presented[]>): Promise<Questions> => {
    const all = names.map(async (roleName) => {
      const role = config.roles.find(({ name }) => name === roleName);
      return { roleName, role, presented: await ask(role) };
    });
    return { all: await Promise.all(all), notes: [...new Set(notes)] };
  };
  const factsFor = async (role: RoleConfig | undefined) => {
    const facts = await factsOf(config, role, io);
    notes.push(...formNotes(facts.trusted.repository, facts.github));
    return facts;
  };
  if (token !== undefined) {
    const presented = [presentedToken(claimsOfToken(await read(token, io.cwd), token), Date.now())];
    return await forRoles(async () => presented);
  }
  if (subject !== undefined) {
    const whole = isWholeSubject(subject);
    return await forRoles(async (role) => presentedSubject(subject, whole ? NO_FACTS : await factsFor(role)));
  }
  if (workflow !== undefined) return await workflowQuestions(config, options, workflow, io, chosen);
  return await forRoles(async (role) => {
    const [facts, refs] = await Promise.all([factsFor(role), refsFor(config, role, io)]);
    return presentedByRepository(facts, role?.trust.subjects ?? ['*'], refs);
  });
}

/** For a whole subject nothing has to be known of a repository. */
const NO_FACTS: RepositoryFacts = { trusted: { repository: '/' }, github: undefined };

function trustedBy(config: Config, role: RoleConfig | undefined): RoleConfig['trust'] {
  const trust = role?.trust ?? config.roles[0]?.trust;
  if (trust !== undefined) return trust;
  throw new CrcError('The config has no roles, so crc does not know the repository.', {
    hint: 'Pass a full subject, for example --subject repo:OWNER/NAME:ref:refs/heads/main.',
  });
}

/** On the server whose jobs the config's provider lets in. */
function hosted({ oidcProvider }: Config, repository: string): Hosted {
  return { host: hostOfIssuer(oidcProvider.url), repository };
}

async function factsOf(config: Config, role: RoleConfig | undefined, io: Io): Promise<RepositoryFacts> {
  const trusted = trustedBy(config, role);
  return { trusted, github: await gitHubRepository(hosted(config, trusted.repository), io.cwd, io.env) };
}

async function refsFor(config: Config, role: RoleConfig | undefined, io: Io): Promise<Refs> {
  return await refsOf(hosted(config, trustedBy(config, role).repository), io.cwd, io.env);
}

async function workflowQuestions(
  config: Config,
  { role: asked }: ExplainOptions,
  file: string,
  io: Io,
  chosen: readonly string[] | undefined,
): Promise<Questions> {
  // The parsers of YAML and of expressions are for this alone.
  const { loginsOf } = await import('../github/workflow-file.ts');
  const content = await read(file, io.cwd);
  const path = resolve(io.cwd, file);
  const root = rootOf(path);
  const repository = await repositoryFor(config, asked, io);
  const refs = await refsOf(hosted(config, repository), io.cwd, io.env);
  const { logins, notes } = await loginsOf({
    text: content,
    file,
    repository,
    refs,
    readLocal: async (local) => await readFile(join(root, local), 'utf8').catch(() => undefined),
  });
  if (logins.length === 0) {
    throw new CrcError(`No job in ${file} logs in to AWS with aws-actions/configure-aws-credentials.`, {
      hint: [...notes, '`crc workflow` prints a workflow that does.'].join(' '),
    });
  }
  const github = await gitHubRepository(hosted(config, repository), io.cwd, io.env);
  const byRole = new Map<string, Presented[]>();
  const more: string[] = [...notes];
  for (const login of logins) {
    const { names, blocked, note } = await rolesFor(login, config, repository, chosen, io);
    if (note !== undefined) more.push(note);
    for (const name of names) {
      const role = config.roles.find((one) => one.name === name);
      const facts = {
        trusted: role?.trust.repository === repository ? role.trust : { repository },
        github,
      };
      const inRepository = relative(root, path).replaceAll('\\', '/');
      const presented = presentedLogin(
        login,
        facts,
        inRepository.startsWith('.github/') ? inRepository : undefined,
        blocked,
      );
      byRole.set(name, [...(byRole.get(name) ?? []), ...presented]);
    }
  }
  const all = [...byRole].map(([roleName, presented]) => ({
    roleName,
    role: config.roles.find(({ name }) => name === roleName),
    presented,
  }));
  if (all.length === 0) {
    throw new CrcError(`No job in ${file} uses ${chosen?.join(', ')}.`, {
      hint: `The jobs use ${[...new Set(logins.map(({ roleWritten }) => roleWritten || 'no role'))].join(', ')}.`,
    });
  }
  return { all, notes: [...new Set([...more, ...forkNotes(logins, content), ...formNotes(repository, github)])] };
}

/** The roles that a login may ask for, and what keeps it from asking at all. */
async function rolesFor(
  login: Login,
  config: Config,
  repository: string,
  chosen: readonly string[] | undefined,
  io: Io,
): Promise<{ readonly names: readonly string[]; readonly blocked: readonly FoundCause[]; readonly note?: string }> {
  const { job, idToken, role, roleWritten } = login;
  const permission = { missing: 'id-token-missing', replaced: 'id-token-replaced' } as const;
  const blocked = idToken === 'granted' ? [] : [found(permission[idToken], { job })];
  const wanted = (name: string) => chosen === undefined || chosen.includes(name);
  const ofRepository = config.roles.filter(({ trust }) => trust.repository === repository).map(({ name }) => name);
  const fallback = chosen ?? (ofRepository.length > 0 ? ofRepository : config.roles.map(({ name }) => name));
  const value = await resolvedRole(role, roleWritten, hosted(config, repository), io);
  if (value === null || value === '') {
    const written = roleWritten === '' ? 'not set' : roleWritten;
    return {
      names: fallback.slice(0, 1),
      blocked: [...blocked, found('role-variable-empty', { job, value: written })],
    };
  }
  if (value === undefined) {
    return {
      names: fallback,
      blocked,
      note: `role-to-assume of the job ${job} is ${roleWritten}, whose value crc does not know; assuming ${fallback.join(', ')}.`,
    };
  }
  const name = /(?::role\/(?:.*\/)?|^)([\w+=,.@-]+)$/.exec(value)?.[1] ?? value;
  const notArn = value.includes(':role/')
    ? []
    : [
        found('role-not-arn', {
          job,
          roleArn: roleArn({ accountId: config.accountId ?? 'ACCOUNT', region: config.region }, name),
        }),
      ];
  return { names: wanted(name) ? [name] : [], blocked: [...blocked, ...notArn] };
}

/** The value of `role-to-assume`: null = the variable in it is not set, undefined = it is not known. */
async function resolvedRole(
  role: Login['role'],
  written: string,
  repository: Hosted,
  io: Io,
): Promise<string | null | undefined> {
  if (typeof role === 'string') return role;
  // The account may be a variable, and the role's name still written out.
  const named = /:role\/[\w+=,.@/-]+$/.exec(written)?.[0];
  if (named !== undefined) return named;
  const variable = /^\s*\$\{\{\s*vars\.(\w+)\s*\}\}\s*$/i.exec(written)?.[1];
  return variable === undefined ? undefined : await variableOf(variable, repository, io.cwd, io.env);
}

/** Both forms are shown where nobody says which it is. */
function formNotes(repository: string, github: GitHubRepository | undefined): readonly string[] {
  if (github?.immutableSubject !== undefined || github?.customTemplate) return [];
  const ask = `gh api -H 'X-GitHub-Api-Version: 2026-03-10' repos/${repository}/actions/oidc/customization/sub`;
  return [
    `crc could not find out whether ${repository} has legacy or immutable subjects, so both are shown. Repositories created, renamed or transferred after 2026-07-15 have immutable ones. To check: \`${ask}\``,
  ];
}

function forkNotes(logins: readonly Login[], content: string): readonly string[] {
  const guarded =
    /head\.repo\.(full_name\s*==\s*github\.repository|fork\s*==\s*false)|!\s*github\.event\.pull_request\.head\.repo\.fork/.test(
      content,
    );
  if (guarded || !logins.some(({ event }) => event === 'pull_request')) return [];
  const { cause, mend } = found('fork');
  return [`${cause} ${mend}`];
}

async function repositoryFor(config: Config, asked: string | undefined, io: Io): Promise<string> {
  const ofRole = config.roles.find(({ name }) => name === asked)?.trust.repository;
  const all = [...new Set(config.roles.map(({ trust }) => trust.repository))];
  const [only] = all;
  if (ofRole !== undefined) return ofRole;
  if (only !== undefined && all.length === 1) return only;
  const host = hostOfIssuer(config.oidcProvider.url);
  const remote = host === undefined ? undefined : await repositoryOf(io.cwd, io.env, host);
  if (remote !== undefined) return remote;
  throw new CrcError(
    `The config has roles for ${all.length} repositories, so crc does not know which one the workflow belongs to.`,
    {
      hint: 'Run it in a clone of that repository, or pass --role.',
    },
  );
}

/** The folder above `.github`; that of the file where there is none. */
function rootOf(path: string): string {
  const at = path.replaceAll('\\', '/').lastIndexOf('/.github/');
  return at < 0 ? dirname(path) : path.slice(0, at);
}

const MOST_BYTES = 1024 * 1024;

async function read(file: string, cwd: string): Promise<string> {
  try {
    if (file === '-') return await textOfStream(process.stdin);
    const path = resolve(cwd, file);
    if ((await stat(path)).size > MOST_BYTES) {
      throw new CrcError(`${file} is larger than 1 MB, so it is neither a token nor a workflow.`, {
        hint: 'Check the path.',
      });
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CrcError) throw error;
    if (withoutSecrets(file) !== file) {
      throw new CrcError('A token was passed instead of a file name.', {
        hint: 'Save it to a file and pass its name, or pass the token on stdin with --token -. It may now be in your shell history.',
      });
    }
    throw systemError(error, `${file} cannot be read`) ?? error;
  }
}
